import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { readHistory } from "../history/reader.ts";
import { judge } from "./judge.ts";

/*
 * Real histories (Valkey 8.1.1, iovalkey 0.4.0, seed 1, two cores) of drills that measured less than they seem to, with
 * 20 writes a second. Thinned out: of the load every fourth operation, and all within 150 ms of a fault, of a probe's
 * start or stop, and of where an outage begins or ends.
 */
const result = async (name: string) =>
  judge(await readHistory(fileURLToPath(new URL(`${name}.fixture.jsonl`, import.meta.url))));

const found = async (drill: string, check: string) =>
  (await result(drill)).checks.find(({ name }) => name === check);

describe("a recorded drill", () => {
  it("whose probe started six seconds after the kill measured no outage", async () => {
    expect(await result("probe-starts-late")).toMatchObject({
      verdict: "unknown",
      outage: { writeMs: null, readMs: null },
      outages: [],
    });
    expect(await found("probe-starts-late", "outage")).toMatchObject({
      verdict: "unknown",
      summary: expect.stringMatching(
        /^the probe sent no writes until 6\.0\d s, and the fault came at 0\.0\d s/,
      ),
      evidence: {
        reason: "probe-started-late",
        notes: [`Put "- start: unique-writes" and "- wait: 1s" before the fault's "- inject:"`],
      },
    });
    expect(await found("probe-starts-late", "promotion")).toMatchObject({ verdict: "pass" });
  });

  it("whose probe was stopped in the outage does not charge the time in which nothing was sent", async () => {
    const { verdict, outage, outages = [] } = await result("probe-stopped-in-outage");
    expect(verdict).toBe("unknown");
    expect(outage).toEqual({ writeMs: null, readMs: null });
    const [writes] = outages.filter(({ kind }) => kind === "writes");
    expect(writes).toMatchObject({ state: "unseen", endMs: null });
    expect(writes?.lengthMs).toBeLessThan(1000);
    expect(await found("probe-stopped-in-outage", "outage")).toMatchObject({
      verdict: "unknown",
      evidence: { reason: "probe-stopped" },
    });
  });

  it("of registers of which nothing was acknowledged judged nothing", async () => {
    expect(await found("register-nothing-acknowledged", "linearizability")).toMatchObject({
      verdict: "unknown",
      summary: "nothing to judge: none of 10 operations was acknowledged",
      evidence: { reason: "nothing-acknowledged" },
    });
    expect((await result("register-nothing-acknowledged")).verdict).toBe("unknown");
  });

  it("that ended in a second outage tells the first, the longest, and names the one that was still open", async () => {
    const { outage, outages = [], failover } = await result("paused-primary-short-tail");
    expect(outage.writeMs).toBeGreaterThan(5000);
    expect(failover.outageMs).toBe(outage.writeMs);
    const states = outages.map(({ kind, state }) => `${kind} ${state}`);
    expect(states.slice(0, 2).sort()).toEqual(["reads ended", "writes ended"]);
    expect(states).toContain("reads open");
    expect(await found("paused-primary-short-tail", "outage")).toMatchObject({
      verdict: "unknown",
      summary: expect.stringMatching(/^reads were still failing, .* when the drill ended$/),
      evidence: {
        reason: "recovery-not-observed",
        tables: expect.arrayContaining([
          expect.objectContaining({
            rows: expect.arrayContaining([
              ["reads", "pause primary", "16.12 s", "still open", expect.stringContaining("at the least")],
            ]),
          }),
        ]),
      },
    });
  });
});
