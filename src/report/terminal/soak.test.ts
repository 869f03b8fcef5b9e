import { describe, expect, it } from "vitest";
import type { AppWord } from "../../model/app-result.ts";
import type { SoakSummary } from "../../model/soak.ts";
import { renderSoak } from "./soak.ts";

const options = { colour: false, width: 100 };
const run = (
  verdict: "pass" | "fail" | "broken",
  writeOutageMs: number | null,
  codes: string[] = [],
  lost = 0,
) => ({
  verdict,
  writeOutageMs,
  codes,
  lost,
});
const draw = (runs: SoakSummary["runs"]) => renderSoak([{ drill: "ha-failover", runs }], options);

describe("the summary of a soak", () => {
  it("gives least, median and worst outage", () => {
    const text = draw([run("pass", 3000), run("pass", 1000, [], 7), run("pass", 1500), run("pass", null)]);
    expect(text).toMatch(/ha-failover +4 +1,000 ms +1,500 ms +3,000 ms +7 +4 pass\n/);
    expect(draw([run("pass", 1000), run("pass", 2000)])).toMatch(/1,000 ms +1,500 ms +2,000 ms/);
    expect(text).not.toContain("FLAKY");
  });

  it("says where verdicts differ, and why runs did not pass", () => {
    const text = draw([
      run("pass", 1),
      run("fail", 1, ["promotion:second-failover"]),
      run("broken", null, ["broken"]),
    ]);
    expect(text).toContain("1 pass, 1 fail, 1 broken – FLAKY");
    expect(text).toContain("promotion:second-failover in 1 run");
  });

  it("shows what was not measured as that", () => {
    expect(draw([run("pass", null)])).toMatch(/1 +— +— +— /);
    expect(draw([])).toMatch(/none/);
  });

  it("tells what became of an application, in how many runs, and the worst of its figures", () => {
    const app = (words: AppWord[], outageMs: number | null, lost = 0) => ({
      app: { words, outageMs, out: words.includes("STUCK"), lost, duplicated: null },
    });
    const text = draw([
      { ...run("pass", null), ...app(["RECOVERED"], 1000) },
      { ...run("pass", null), ...app(["RECOVERED"], 3000) },
      { ...run("fail", null), ...app(["STUCK", "LOST"], null, 7) },
      run("broken", null, ["broken"]),
    ]);
    expect(text).toContain("ha-failover, the application: RECOVERED ×2, STUCK + LOST ×1\n");
    expect(text).toContain("    outage least, median, worst: 1,000 ms, 2,000 ms, 3,000 ms\n");
    expect(text).toContain("    outage not over in 1 run\n    at most 7 lost\n");
    expect(draw([run("pass", 1)])).not.toContain("application");
  });
});
