import { describe, expect, it } from "vitest";
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
});
