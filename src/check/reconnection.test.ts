import { describe, expect, it } from "vitest";
import { covered } from "./coverage.ts";
import { factsOf } from "./facts.ts";
import { type Ending, haRun, OK } from "./history.test-data.ts";
import { reconnection } from "./reconnection.ts";

const session = (...ends: Ending[]) => {
  const run = haRun();
  ends.forEach((ending, n) => {
    const start = {
      client: "session",
      workload: "retrying-session",
      f: "write",
      key: `session:${n}`,
      value: `${n}`,
    };
    run.operation(start, n * 5000, ending);
  });
  return factsOf(run.end(60_000).build());
};

describe("reconnection", () => {
  it("is judged only where the session ran", () => {
    expect(reconnection.applies(session(OK))).toBe(true);
    expect(reconnection.applies(factsOf(haRun().probe({ from: 0, to: 100 }).end(200).build()))).toBe(false);
  });

  it("passes if all got through, and tells how hard the hardest was", () => {
    const hardest: Ending = { outcome: "ok", afterMs: 2500, attempts: 12 };
    expect(reconnection.check(session(OK, hardest, { ...hardest, afterMs: 100, attempts: 2 }))).toMatchObject(
      {
        verdict: "pass",
        evidence: { requests: 3, retried: 2, longestMs: 2500, attempts: 12 },
      },
    );
  });

  it("gave-up: fails for one that did not get through, and tells its last error", () => {
    const gaveUp: Ending = { outcome: "info", afterMs: 3000, attempts: 30, error: "gave up after 3000 ms" };
    expect(reconnection.check(session(OK, gaveUp))).toMatchObject({
      verdict: "fail",
      summary: "1 of 2 requests did not get through: gave up after 3000 ms",
      evidence: { reason: "gave-up", failed: [{ key: "session:1", attempts: 30 }] },
    });
  });

  it("gave-up: fails for one that never ended", () => {
    expect(reconnection.check(session(OK, "never"))).toMatchObject({
      verdict: "fail",
      evidence: { reason: "gave-up" },
    });
  });

  it("ended-while-retrying: is unknown if the drill was cut short while a request was being retried", () => {
    const cutShort = (...ends: Ending[]) => covered(reconnection, { ...session(...ends), complete: false });
    expect(cutShort(OK, "never")).toMatchObject({
      verdict: "unknown",
      summary: "the drill was cut short while 1 request had no answer yet",
      evidence: { reason: "ended-while-retrying" },
    });
    const gaveUp: Ending = { outcome: "info", afterMs: 3000, attempts: 30, error: "gave up after 3000 ms" };
    expect(cutShort(gaveUp, "never")).toMatchObject({ verdict: "fail", evidence: { reason: "gave-up" } });
  });
});
