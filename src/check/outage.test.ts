import { describe, expect, it } from "vitest";
import { covered } from "./coverage.ts";
import { factsOf } from "./facts.ts";
import {
  clusterFailover,
  type Ending,
  type HandMadeRun,
  haFailover,
  haFailoverWithoutLoad,
  haRun,
  KEY_OF_SHARD,
  OK,
  REFUSED,
  TIMED_OUT,
  withHaStart,
} from "./history.test-data.ts";
import { judge } from "./judge.ts";
import { outage } from "./outage.ts";

const check = (run: HandMadeRun) => covered(outage, factsOf(run.build()));
const measured = (run: HandMadeRun) => judge(run.build()).outage;

/** A failover under a write probe that ends so. */
const haWith = (ends: (at: number) => Ending, changes = {}) =>
  haFailoverWithoutLoad(changes)
    .probe({ from: 100, to: 7900, ends })
    .probe({ f: "read", from: 110, to: 7900 });

describe("outage", () => {
  it("is judged only where a primary was lost under a probe", () => {
    expect(outage.applies(factsOf(haFailover().build()))).toBe(true);
    expect(outage.applies(factsOf(haFailoverWithoutLoad().build()))).toBe(false);
  });

  it("passes: from the last success before the fault to the first after it", () => {
    expect(check(haFailover())).toMatchObject({ verdict: "pass" });
    // written at 1980, acknowledged at 1981; again at 3800, acknowledged at 3801
    expect(measured(haFailover())).toEqual({ writeMs: 1820, readMs: 1820 });
  });

  it.each([
    ["writes", { writeMs: 1779 }],
    ["reads", { readMs: 1779 }],
  ])("fails if %s failed for longer than allowed", (kind, limits) => {
    const found = check(haFailover({ expect: { outage: limits } }));
    expect(found).toMatchObject({
      verdict: "fail",
      summary: expect.stringContaining(kind),
      evidence: { reason: "outage-over-limit", outageMs: 1820, limitMs: 1779 },
    });
    expect(check(haFailover({ expect: { outage: { writeMs: 1820, readMs: 1820 } } })).verdict).toBe("pass");
  });

  it("fails if the service never came back, and has no length for it", () => {
    const run = haWith((at) => (at < 2000 ? OK : REFUSED));
    expect(check(run)).toMatchObject({ verdict: "fail", evidence: { reason: "not-recovered" } });
    expect(measured(run)).toEqual({ writeMs: null, readMs: 0 });
  });

  it("is unknown if the drill was cut short while a failover might still have been under way", () => {
    const cutAt = (ms: number) =>
      withHaStart(haRun())
        .fault({ targets: ["primary"], atMs: 2000 })
        .node(2010, "primary", "reachable", "no")
        .probe({ from: 100, to: ms, ends: (at) => (at < 2000 ? OK : REFUSED) })
        .end(ms, "interrupted");
    const told = (ms: number) => {
      const { verdict, evidence } = check(cutAt(ms));
      return [verdict, evidence.reason];
    };
    for (const ms of [2100, 3000, 5500, 7500]) expect(told(ms)).toEqual(["unknown", "recovery-not-observed"]);
    expect(told(9000)).toEqual(["fail", "not-recovered"]);
  });

  it("is unknown if it came back only at the very end: nobody saw whether that lasted", () => {
    const run = haWith((at) => (at < 2000 || at >= 7500 ? OK : REFUSED));
    expect(check(run)).toMatchObject({ verdict: "unknown", evidence: { reason: "recovery-not-observed" } });
    expect(measured(haWith((at) => (at < 2000 || at >= 7300 ? OK : REFUSED))).writeMs).toBe(5320);
  });

  it("counts every late answer: a server that stalls cannot hide (coordinated omission)", () => {
    // 90 operations sent while it stood still for 1.8 s; all of them end well, the first after 1.8 s, the last after 20 ms.
    const stalled = haWith((at) =>
      at >= 2000 && at < 3800 ? { outcome: "ok", afterMs: 3800 - at + 1 } : OK,
    );
    // Those due in the last 250 ms got their answer in time.
    const firstInTimeAt = 3560;
    expect(measured(stalled).writeMs).toBe(3801 - 1981);
    expect(3801 - firstInTimeAt).toBeLessThan(250);
    const quick = haWith((at) => (at >= 2000 && at < 3800 ? { outcome: "ok", afterMs: 240 } : OK));
    expect(measured(quick).writeMs).toBe(0);
  });

  it("counts from the time an operation was due, not from the time it was sent", () => {
    const late = (lateMs: number) => {
      const ends = (at: number): Ending => (at === 3000 ? "never" : OK);
      const run = haFailoverWithoutLoad().probe({ from: 100, to: 7900, ends });
      run.operation({ f: "write", key: "late", due: 2500e6 }, 2500 + lateMs, { outcome: "ok", afterMs: 480 });
      return judge(run.build());
    };
    expect(late(15).outage.writeMs).toBeGreaterThan(0);
    expect(late(15).latency.maxMs).toBeGreaterThan(490);
    expect(late(100).latency).toMatchObject({ maxMs: 1, leftOut: expect.any(Number) }); // the tool's own doing
  });

  it("does not take a flicker for the recovery", () => {
    const flapping = haWith((at) => {
      if (at < 2000 || at >= 5000) return OK;
      return at >= 3000 && at < 3400 ? OK : REFUSED; // well for 400 ms only
    });
    expect(measured(flapping).writeMs).toBe(5001 - 1981);
  });

  it("believes a short disturbance to be over when the window closes too early to show that it lasts", () => {
    const late = (length: number) =>
      haWith((at) => {
        if (at >= 2000 && at < 3000) return REFUSED;
        return at >= 7600 - length && at < 7600 ? REFUSED : OK; // the probe ends at 7900
      });
    expect(measured(late(200)).writeMs).toBe(3001 - 1981);
    expect(measured(late(600)).writeMs).toBe(3001 - 1981); // the longest; the one at the end has no end
    expect(check(late(600))).toMatchObject({
      verdict: "unknown",
      evidence: { reason: "recovery-not-observed" },
    });
  });

  it("parts two outages that are further apart, and tells the longer", () => {
    const twice = haWith((at) => {
      if (at >= 2000 && at < 2500) return REFUSED;
      return at >= 4000 && at < 5000 ? REFUSED : OK;
    });
    // the last success before the second one: due 3980
    expect(measured(twice).writeMs).toBe(5001 - 3981);
  });

  it("gives an operation in flight at the next fault to that fault", () => {
    const run = haFailoverWithoutLoad()
      .probe({
        from: 100,
        to: 7900,
        // The second loss comes at 6500; what was sent in the 100 ms before it gets no answer.
        ends: (at) => {
          if (at >= 2000 && at < 3000) return REFUSED;
          return at >= 6400 && at < 7000 ? TIMED_OUT : OK;
        },
      })
      .fault({ targets: ["replica-1"], atMs: 6500 })
      .node(6510, "replica-1", "reachable", "no");
    const [first, second] = (check(run).evidence.tables as { rows: string[][] }[])[0]?.rows ?? [];
    expect(check(run).verdict).toBe("pass");
    expect(first?.[1]).toBe("1.02 s"); // 1981 to 3001
    expect(second?.[1]).toBe("620 ms"); // 6381 to 7001
  });

  it("follows an outage on, if another fault comes before its end and while its own is in force", () => {
    const run = haFailoverWithoutLoad()
      .probe({ from: 100, to: 7900, ends: (at) => (at >= 2000 && at < 6000 ? REFUSED : OK) })
      .fault({ targets: ["replica-1"], atMs: 4000, healAtMs: 5500, healedAtMs: 5501 })
      .node(4010, "replica-1", "reachable", "no");
    const [first, second] = (check(run).evidence.tables as { rows: string[][] }[])[0]?.rows ?? [];
    expect(check(run).verdict).toBe("pass");
    expect([first?.[1], second?.[1]]).toEqual(["4.02 s", "4.02 s"]); // 1981 to 6001: the same one
  });

  it("fails if it never ended, however many faults came meanwhile", () => {
    const run = haFailoverWithoutLoad()
      .probe({ from: 100, to: 7900, ends: (at) => (at >= 2000 ? REFUSED : OK) })
      .fault({ targets: ["replica-1"], atMs: 4000, healAtMs: 5500, healedAtMs: 5501 })
      .node(4010, "replica-1", "reachable", "no");
    expect(check(run)).toMatchObject({ verdict: "fail", evidence: { reason: "not-recovered" } });
  });

  it("holds the shards that were not hit apart", () => {
    const found = check(clusterFailover());
    expect(found.verdict).toBe("pass");
    expect((found.evidence.tables as { rows: unknown[][] }[])[0]?.rows).toEqual([
      ["kill node-1", "yes", "shard 1 (hit)", "3.22 s", "3.22 s"],
      ["kill node-1", "yes", "the other shards", "919 ms", "919 ms"], // shards 2 and 3 in one: shard 3's probe is 1 ms later
    ]);
    expect(measured(clusterFailover())).toEqual({ writeMs: 3220, readMs: 3220 });
  });

  it("fails if the other shards failed for longer than allowed", () => {
    expect(check(clusterFailover({ expect: { outage: { otherShardsMs: 870 } } }))).toMatchObject({
      verdict: "fail",
      summary: expect.stringContaining("the other shards"),
      evidence: { reason: "outage-over-limit", limitMs: 870 },
    });
    expect(check(clusterFailover({ expect: { outage: { otherShardsMs: 930 } } })).verdict).toBe("pass");
  });

  it("tells which setting made the other shards stall, as it was when the fault came", () => {
    const notes = (run: HandMadeRun) => (check(run).evidence.notes as string[]).join("\n");
    expect(notes(clusterFailover())).toContain("cluster-require-full-coverage no keeps them serving");
    const changed = clusterFailover().observe(1000, "settings", { "cluster-require-full-coverage": "no" });
    expect(notes(changed)).not.toContain("keeps them serving");
  });

  it("is unknown, not passed, where the probe sent nothing between the fault and the end", () => {
    const stopped = haFailoverWithoutLoad().probe({ from: 100, to: 1500 });
    expect(check(stopped)).toMatchObject({ verdict: "unknown", evidence: { reason: "not-measured" } });
    expect(measured(stopped)).toEqual({ writeMs: null, readMs: null });
  });

  it("is unknown where a limit is set on what was not measured", () => {
    const writesOnly = (limits: object) =>
      haFailoverWithoutLoad({ expect: { outage: limits } }).probe({ from: 100, to: 7900 });
    expect(check(writesOnly({ readMs: 5000 }))).toMatchObject({
      verdict: "unknown",
      evidence: { reason: "not-measured" },
    });
    expect(check(writesOnly({ writeMs: 5000 })).verdict).toBe("pass");
    expect(measured(writesOnly({}))).toEqual({ writeMs: 0, readMs: null });
  });

  it("in a cluster does not ask a shard for what the probe's keys cannot tell", () => {
    expect(KEY_OF_SHARD).toHaveLength(3); // the run above probes all three
    expect(
      check(clusterFailover({ expect: { outage: { writeMs: 4000, otherShardsMs: 4000 } } })).verdict,
    ).toBe("pass");
  });
});
