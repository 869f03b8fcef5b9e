import { describe, expect, it } from "vitest";
import type { ProbeExpectations } from "../model/app.ts";
import { ANSWERED, appRun, badUntil, frozen, HUNG, sends } from "./app/app-run.test-data.ts";
import type { Ending, HandMadeRun } from "./history.test-data.ts";
import { judge } from "./judge.ts";

const wordOf = (run: HandMadeRun) => {
  const { checks, app } = judge(run.build());
  const check = checks.find(({ name }) => name === "app-outage");
  return { ...check, reason: check?.evidence.reason, probe: app?.probes[0] };
};
const orders = (order: ProbeExpectations, ends: (at: number) => Ending, everyMs = 50) =>
  sends(frozen(appRun({ expect: { probes: { order } } })), { to: 19_900, everyMs, ends });

describe("a probe's outage", () => {
  it("is held against its limit", () => {
    const within = wordOf(orders({ outageMs: 6000 }, badUntil(4500)));
    expect(within).toMatchObject({ verdict: "pass", probe: { outageMs: 2550, outages: [{ failed: 50 }] } });
    expect(within.summary).toBe("order: failed for 2.55 s (limit 6.00 s)");
    const over = wordOf(orders({ outageMs: 2000 }, badUntil(4500)));
    expect(over).toMatchObject({
      verdict: "fail",
      reason: "outage-over-limit",
      evidence: { outageMs: 2550 },
    });
  });

  it("that did not end has passed its limit, or is not known", () => {
    const open = wordOf(orders({ outageMs: 6000 }, badUntil(Infinity, HUNG)));
    expect(open).toMatchObject({ verdict: "fail", evidence: { outageMs: null }, probe: { outageMs: null } });
    const short = wordOf(orders({ outageMs: 60_000 }, badUntil(Infinity, HUNG)));
    expect(short).toMatchObject({ verdict: "unknown", reason: "recovery-not-observed" });
  });

  it("counts answers that come much later than usual, though they come", () => {
    const late = (at: number): Ending =>
      at >= 2000 && at < 4500 ? { outcome: "ok", afterMs: 4500 - at } : ANSWERED;
    expect(wordOf(orders({ outageMs: 1000 }, late))).toMatchObject({ reason: "outage-over-limit" });
  });

  it("of an application that is slow by nature begins where it is slower than that", () => {
    const slow = (): Ending => ({ outcome: "ok", afterMs: 800 });
    expect(wordOf(orders({ outageMs: 1000 }, slow))).toMatchObject({
      verdict: "pass",
      probe: { outages: [] },
    });
  });

  it("is seen where most of what was sent waited for it, by the pace before the fault", () => {
    const late = (at: number): Ending =>
      at >= 2000 && at < 17_000 ? { outcome: "ok", afterMs: 17_000 - at } : ANSWERED;
    expect(wordOf(orders({ outageMs: 6000 }, late))).toMatchObject({ probe: { outageMs: 15_040 } });
  });

  it("is told of what was still waiting when the drill ended", () => {
    const never = (at: number): Ending => (at >= 2000 ? "never" : ANSWERED);
    expect(wordOf(orders({ outageMs: 6000 }, never))).toMatchObject({ reason: "outage-over-limit" });
  });

  it("is not known of a probe that is sent too seldom for its limit, or not around the fault", () => {
    expect(wordOf(orders({ outageMs: 1000 }, () => ANSWERED, 3000))).toMatchObject({
      verdict: "unknown",
      reason: "probe-too-slow",
    });
    const stopped = sends(frozen(appRun({ expect: { probes: { order: { outageMs: 6000 } } } })), {
      to: 1500,
      ends: () => ANSWERED,
    });
    expect(wordOf(stopped)).toMatchObject({ verdict: "unknown", reason: "probe-stopped" });
    const never = frozen(appRun({ expect: { probes: { order: { outageMs: 6000 } } } }));
    expect(wordOf(never)).toMatchObject({ verdict: "unknown", reason: "probe-not-sent" });
    const other = frozen(appRun({ expect: { probes: { payment: { outageMs: 6000 } } } }));
    expect(wordOf(other)).toMatchObject({ verdict: "unknown", reason: "no-such-probe" });
  });

  it("is not known where its limit lies within the probe's own error", () => {
    const run = orders({ outageMs: 2520 }, badUntil(4500));
    expect(wordOf(run)).toMatchObject({ verdict: "unknown", reason: "limit-within-error" });
  });

  it("is not the application's for the time in which the tool itself stood still", () => {
    const run = orders({ outageMs: 1000 }, badUntil(4500));
    run.observe(19_990, "stall", { from: 1.9e9, to: 4.4e9, kind: "not-run" });
    expect(wordOf(run)).toMatchObject({ verdict: "unknown", reason: "tool-stalled" });
  });
});

describe("a probe's answers", () => {
  it("are held against their limit outside of outages", () => {
    expect(wordOf(orders({ p99Ms: 100 }, badUntil(4500)))).toMatchObject({
      verdict: "pass",
      probe: { p50Ms: 10, p99Ms: 10 },
    });
    let n = 0;
    const slowAtTimes = (): Ending => {
      n += 1;
      return n % 40 === 0 ? { outcome: "ok", afterMs: 450 } : ANSWERED;
    };
    const slow = wordOf(orders({ p99Ms: 100 }, slowAtTimes));
    expect(slow).toMatchObject({ verdict: "fail", reason: "answers-over-limit", probe: { p99Ms: 450 } });
  });

  it("that never came count as later", () => {
    const failing = (at: number): Ending => (at % 2000 === 100 ? HUNG : ANSWERED);
    const found = wordOf(orders({ p99Ms: 100 }, failing));
    expect(found).toMatchObject({ verdict: "fail", reason: "answers-over-limit", probe: { p99Ms: null } });
    expect(found.summary).toContain("more than 1 of 100 failed");
  });

  it("are too few to tell how one of a hundred does", () => {
    expect(wordOf(orders({ p99Ms: 100 }, () => ANSWERED, 500))).toMatchObject({
      verdict: "unknown",
      reason: "too-few-answers",
    });
  });
});
