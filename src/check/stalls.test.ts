import { describe, expect, it } from "vitest";
import { factsOf } from "./facts.ts";
import { type HandMadeRun, haFailover, haRun, withHaStart } from "./history.test-data.ts";
import { judge } from "./judge.ts";
import { stall, stalledFailover } from "./stalls.test-data.ts";
import { isTooBusy, stallsOf } from "./stalls.ts";

const outageOf = (run: HandMadeRun) => {
  const result = judge(run.build());
  const check = result.checks.find(({ name }) => name === "outage");
  return { ...result, verdict: check?.verdict, reason: check?.evidence.reason, summary: check?.summary };
};

const LIMITS = { writeMs: 3000, readMs: 3000 };

describe("stalls of the tool itself", () => {
  it("are none in a run in which it ran all the time", () => {
    expect(factsOf(haFailover().build()).stalls).toEqual([]);
    const { stalls, latency } = judge(haFailover().build());
    expect(stalls).toEqual({ totalMs: 0, longestMs: 0, count: 0, tooBusy: false, longest: [] });
    expect(latency).not.toHaveProperty("leftOut");
  });

  it("are told by the tool, and by sends that came late; what touches is one", () => {
    const facts = factsOf(stalledFailover({ stalls: [[4500, 5000]] }).build());
    expect(facts.stalls).toEqual([{ from: 4500e6, to: 5000e6, kind: "not-run" }]);
    const old = factsOf(stalledFailover({ stalls: [[4500, 5000]], recorded: false }).build());
    expect(old.stalls).toEqual([{ from: 4500e6, to: 5000e6, kind: "late-sends" }]);
  });

  it("leave operations out of the latency, and say how many", () => {
    const { latency } = judge(stalledFailover({ stalls: [[5000, 5400]] }).build());
    expect(latency.maxMs).toBeLessThan(2);
    expect(latency.leftOut).toBeGreaterThan(30);
  });
});

describe("an outage", () => {
  it("has an error where it begins or ends in a short stall, and passes within its limits", () => {
    const found = outageOf(stalledFailover({ stalls: [[3790, 3850]], outage: LIMITS }));
    expect(found).toMatchObject({ verdict: "pass", outage: { writeMs: 1870 } });
    expect(found.outage.writeErrorMs).toBeGreaterThanOrEqual(50);
    expect(found.outage.writeErrorMs).toBeLessThanOrEqual(70);
    expect(found.summary).toContain("±");
    expect(found.failover.outageErrorMs).toBe(found.outage.writeErrorMs);
  });

  it("is known exactly where a short stall lies within: it failed before and after", () => {
    const found = outageOf(stalledFailover({ stalls: [[2800, 2850]], outage: LIMITS }));
    expect(found.outage).toEqual({ writeMs: 1820, readMs: 1820 });
  });

  it.each([
    ["within the error", 1830, "unknown"],
    ["passed even without the stall", 1700, "fail"],
    ["beyond the error", 1950, "pass"],
  ])("whose limit is %s is judged so", (_, writeMs, verdict) => {
    const found = outageOf(stalledFailover({ stalls: [[3790, 3850]], outage: { writeMs } }));
    expect(found.verdict).toBe(verdict);
    if (verdict === "unknown") expect(found.reason).toBe("tool-stalled");
  });

  it("is unknown where the tool stood still from right after the fault until all was well again", () => {
    const found = outageOf(stalledFailover({ stalls: [[2050, 7000]], outage: LIMITS }));
    expect(found).toMatchObject({ verdict: "unknown", reason: "tool-stalled" });
    expect(found.outage).toEqual({ writeMs: null, readMs: null });
    expect(found.failover).toMatchObject({ outageMs: null, unavoidableMs: 0 });
    expect(found.failover.phases.filter(({ path, governedBy }) => path && governedBy)).toEqual([]);
    expect(found.summary).toMatch(/stood still for 4.95 s from 2.05 s on/);
  });

  it("is unknown though no limit was asked for, if its end was not seen", () => {
    const found = outageOf(stalledFailover({ stalls: [[3000, 7000]] }));
    expect(found).toMatchObject({ verdict: "unknown", reason: "tool-stalled" });
    expect(found.outage.writeMs).toBeNull();
  });

  it("is not made of a stall before the fault", () => {
    const found = outageOf(stalledFailover({ stalls: [[300, 1500]], outage: LIMITS }));
    expect(found).toMatchObject({ verdict: "pass", outage: { writeMs: 1820, readMs: 1820 } });
  });

  it("is not made of a stall after the recovery, nor is a limit held that the stall could hide", () => {
    const after = { stalls: [[4900, 6900]] as const };
    const held = outageOf(stalledFailover({ ...after, outage: LIMITS }));
    expect(held).toMatchObject({ verdict: "pass", outage: { writeMs: 1820 } });
    const hidden = outageOf(stalledFailover({ ...after, outage: { writeMs: 1900 } }));
    expect(hidden).toMatchObject({ verdict: "unknown", reason: "tool-stalled" });
  });

  it("that no recovery was seen of is a failure, unless the tool saw next to nothing of it", () => {
    const never = [2000, 9000] as const;
    expect(outageOf(stalledFailover({ stalls: [[2800, 2900]], bad: never, outage: LIMITS }))).toMatchObject({
      verdict: "fail",
      reason: "outage-over-limit",
    });
    expect(outageOf(stalledFailover({ stalls: [[2100, 7500]], bad: never, outage: LIMITS }))).toMatchObject({
      verdict: "unknown",
      reason: "tool-stalled",
    });
  });

  it("is not measured while the machine sleeps: the servers' clocks jump, and the run's does not count that", () => {
    const run = stalledFailover({ stalls: [], outage: LIMITS });
    run.observe(2600, "stall", { from: 2590e6, to: 2600e6, kind: "suspended", lostMs: 30_000 });
    expect(outageOf(run)).toMatchObject({ verdict: "unknown", reason: "tool-stalled" });
    expect(judge(run.build()).stalls?.longestMs).toBe(30_010);
  });

  it("of a fault that hurt nobody but for a stall is none", () => {
    const run = withHaStart(haRun({ expect: { outage: { writeMs: 100 } } }));
    run.fault({
      fault: "disconnect",
      targets: ["replica-1"],
      primaries: [],
      atMs: 1000,
      healAtMs: 4000,
      healedAtMs: 4000,
    });
    for (let due = 100, n = 0; due < 5000; due += 20, n += 1) {
      const at = due >= 2000 && due < 2600 ? 2600 : due;
      run.operation({ f: "write", key: `w${n}`, value: "v", due: due * 1e6 }, at);
    }
    stall(run, 2000, 2600).step(100, "load").end(5000);
    const result = judge(run.build());
    expect(result.failovers).toEqual([]);
    expect(result.verdict).not.toBe("fail");
    expect(result.outage.writeMs).toBeNull();
  });
});

describe("a machine too busy to measure", () => {
  /** Of every 100 ms so many are lost. */
  const starved = (lostMs: number, everyMs = 100, outage = LIMITS as object) => {
    const stalls = Array.from(
      { length: 7900 / everyMs },
      (_, n) => [n * everyMs, n * everyMs + lostMs] as const,
    );
    return stalledFailover({ stalls, outage });
  };

  it("is one on which the tool lacks a great share of the time, or long stalls come again and again", () => {
    const tooBusy = (run: HandMadeRun) => isTooBusy(factsOf(run.build()));
    expect(tooBusy(starved(15))).toBe(false);
    expect(tooBusy(starved(40))).toBe(true);
    expect(tooBusy(starved(120, 500))).toBe(true);
    expect(tooBusy(stalledFailover({ stalls: [[4000, 7500]] }))).toBe(false); // it was stopped
  });

  it("fails nobody for its time, and is told in the result", () => {
    const run = starved(40, 100, { writeMs: 1500, readMs: 1500 });
    const found = outageOf(run);
    expect(found).toMatchObject({ verdict: "unknown", stalls: { tooBusy: true } });
    const far = outageOf(starved(40, 100, { writeMs: 500, readMs: 500 }));
    expect(far).toMatchObject({ verdict: "fail", stalls: { tooBusy: true } }); // even without what it lacked
    expect(stallsOf(factsOf(run.build()))?.count).toBeGreaterThan(50);
    expect(outageOf(stalledFailover({ stalls: [], outage: { writeMs: 1500 } })).verdict).toBe("fail");
  });
});
