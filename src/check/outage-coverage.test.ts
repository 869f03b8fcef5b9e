import { describe, expect, it } from "vitest";
import { checkOf, ends, failover, probed, refused, told } from "./coverage.test-data.ts";
import {
  clusterFailover,
  clusterRun,
  type HandMadeRun,
  haFailover,
  haRun,
  KEY_OF_SHARD,
  TIMED_OUT,
  withClusterStart,
  withHaStart,
} from "./history.test-data.ts";
import { judge } from "./judge.ts";

const LIMITS = { expect: { promoted: true, outage: { writeMs: 5000, readMs: 5000 } } };

describe("an outage", () => {
  it.each<[what: string, run: () => HandMadeRun, reason: string]>([
    [
      "a probe that starts after all is over",
      () => probed(failover(LIMITS), 6000, 7900),
      "probe-started-late",
    ],
    ["a probe that starts in the outage", () => probed(failover(LIMITS), 2500, 7900), "probe-started-late"],
    [
      "a probe that starts a moment after the fault",
      () => probed(failover(LIMITS), 2001, 7900),
      "probe-started-late",
    ],
    ["a probe that is stopped in the outage", () => probed(failover(LIMITS), 100, 2400), "probe-stopped"],
    [
      "a probe that is stopped in the outage, and started after it",
      () => probed(probed(failover(LIMITS), 100, 2400), 6000, 7900),
      "probe-stopped",
    ],
    [
      "a probe that is stopped and started within the outage",
      () => probed(probed(failover(LIMITS), 100, 2400), 3000, 7900),
      "probe-stopped",
    ],
    [
      "a probe that is stopped before the fault was undone",
      () => probed(failover(LIMITS), 100, 4400),
      "probe-stopped",
    ],
    ["a probe that is stopped before the fault", () => probed(failover(LIMITS), 100, 1500), "not-measured"],
    ["no probe at all", () => failover(LIMITS), "no-probe"],
    [
      "reads that are limited, and not sent",
      () => failover(LIMITS).probe({ from: 100, to: 7900, ends }),
      "not-measured",
    ],
    [
      "writes that are limited, and not sent",
      () => failover(LIMITS).probe({ f: "read", from: 100, to: 7900, ends }),
      "not-measured",
    ],
  ])("is unknown with %s, though what was seen lies within the limit", (_, run, reason) => {
    expect(told(run(), "outage")).toEqual(["unknown", reason]);
    const check = checkOf(run(), "outage");
    expect(check?.evidence.notes).toEqual(
      expect.arrayContaining([expect.stringMatching(/"- (start|stop):/)]),
    );
    expect(check?.coverage).toEqual(
      expect.arrayContaining([expect.objectContaining({ met: false, seen: expect.any(String) })]),
    );
    expect(judge(run().build()).verdict).toBe("unknown");
  });

  it("is unknown with a limit and without a fault", () => {
    const run = withHaStart(haRun({ expect: { outage: { writeMs: 0 } } })).probe({ from: 0, to: 900 });
    expect(told(run.step(900, "wait").end(1000), "outage")).toEqual(["unknown", "no-fault"]);
  });

  it("without limits needs writes or reads around every fault that disrupted the service", () => {
    expect(told(probed(failover(), 100, 7900), "outage")).toEqual(["pass", undefined]);
    expect(told(failover().probe({ from: 100, to: 7900, ends }), "outage")).toEqual(["pass", undefined]);
    expect(told(probed(failover(), 6000, 7900), "outage")).toEqual(["unknown", "probe-started-late"]);
    expect(judge(probed(failover(), 6000, 7900).build()).outage).toEqual({ writeMs: null, readMs: null });
  });

  it("is unknown if a fault that is limited came when the probe had ended", () => {
    const run = probed(failover(LIMITS), 100, 5900).fault({
      fault: "delay",
      targets: ["replica-1"],
      atMs: 6500,
      healAtMs: 7000,
      healedAtMs: 7001,
    });
    expect(told(run, "outage")).toEqual(["unknown", "not-measured"]);
  });

  it("is unknown if the probe was stopped a moment before a fault that was over at once", () => {
    const dropped = { fault: "client-kill", targets: ["replica-1"], primaries: ["replica-1"] };
    const run = (lastAtMs: number) =>
      probed(failover(LIMITS), 100, lastAtMs).fault({ ...dropped, atMs: 6500, healedAtMs: 6502 });
    expect(told(run(6490), "outage")).toEqual(["unknown", "not-measured"]);
    expect(told(run(7900), "outage")).toEqual(["pass", undefined]);
  });

  it("fails for what is proven, whatever else was not seen", () => {
    const tight = { expect: { outage: { writeMs: 300, readMs: 300 } } };
    const cut = probed(failover(tight), 100, 2400);
    expect(told(cut, "outage")).toEqual(["fail", "outage-over-limit"]);
    expect(checkOf(cut, "outage")?.summary).toBe(
      "writes failed for 380 ms at the least; the limit is 300 ms",
    );
    const late = probed(failover(tight), 2500, 7900);
    expect(told(late, "outage")).toEqual(["fail", "outage-over-limit"]);
  });

  it("never charges the time in which nothing was sent", () => {
    const run = probed(probed(failover({ expect: { outage: { writeMs: 1000 } } }), 100, 2400), 6000, 7900);
    const { outage, outages = [] } = judge(run.build());
    expect(outage).toEqual({ writeMs: null, readMs: null });
    const [writes] = outages.filter(({ kind }) => kind === "writes");
    expect(writes).toMatchObject({ state: "unseen", endMs: null, certainMs: 380, lengthMs: 399 });
  });

  it("of a probe that sends too seldom is unknown where the limit lies within its error", () => {
    const slow = (limitMs: number, to = 3800) =>
      failover({ expect: { outage: { writeMs: limitMs } } }).probe({
        from: 0,
        to: 7900,
        everyMs: 500,
        ends: refused(2000, to),
      });
    expect(told(slow(400), "outage")).toEqual(["fail", "outage-over-limit"]); // four in a row: 1.5 s at the least
    expect(told(slow(400, 2000), "outage")).toEqual(["unknown", "probe-too-slow"]);
    expect(told(slow(1700), "outage")).toEqual(["unknown", "limit-within-error"]);
    expect(told(slow(3000), "outage")).toEqual(["pass", undefined]);
  });

  it("that is still open at the end is unknown within its limit, and is no headline", () => {
    const tail = (limitMs: number) =>
      failover({ expect: { outage: { writeMs: limitMs } } }).probe({
        from: 100,
        to: 7900,
        ends: (at) => (at >= 7100 ? TIMED_OUT : ends(at)),
      });
    expect(told(tail(6000), "outage")).toEqual(["unknown", "recovery-not-observed"]);
    expect(told(tail(700), "outage")).toEqual(["fail", "outage-over-limit"]);
    const { outage, outages } = judge(tail(6000).build());
    expect(outage.writeMs).toBe(1820);
    expect(outages?.map(({ state, endMs }) => [state, endMs])).toEqual([
      ["ended", 3801],
      ["open", null],
    ]);
    expect(checkOf(tail(6000), "outage")?.summary).toMatch(
      /^writes were still failing, .* when the drill ended$/,
    );
  });

  it("lists every outage with its fault", () => {
    const run = haFailover()
      .fault({ targets: ["replica-1"], atMs: 6000 })
      .node(6010, "replica-1", "reachable", "no");
    const { outages = [] } = judge(run.build());
    expect(outages.map(({ kind, startMs, endMs, fault }) => [kind, startMs, endMs, fault.atMs])).toEqual([
      ["writes", 1981, 3801, 2000],
      ["reads", 1991, 3811, 2000],
    ]);
  });
});

describe("an outage in a cluster", () => {
  const limits = (outage: object) => ({ expect: { outage } });
  /** The failover of shard 1, and a probe of the keys of some shards only. */
  const probing = (shards: readonly number[], outage: object) => {
    const run = withClusterStart(clusterRun(limits(outage)))
      .fault({ targets: ["node-1"], shards: [1], atMs: 2000, healAtMs: 5990, healedAtMs: 6000 })
      .node(2010, "node-1", "reachable", "no")
      .step(7900, "wait");
    for (const shard of shards)
      run.probe({ from: 100, to: 7900, key: (n) => `{${KEY_OF_SHARD[shard - 1]}}:${n}` });
    return run.end(8000);
  };

  it("is unknown where the probe's keys lie in another shard than was hit", () => {
    expect(told(probing([1, 2, 3], { writeMs: 500 }), "outage")).toEqual(["pass", undefined]);
    expect(told(probing([2, 3], { writeMs: 500 }), "outage")).toEqual(["unknown", "not-measured"]);
    expect(checkOf(probing([2, 3], { writeMs: 500 }), "outage")?.summary).toContain("to keys of shard 1");
  });

  it("of the other shards is unknown where one of them was not probed, or there are none", () => {
    const run = clusterFailover(limits({ otherShardsMs: 5000 }));
    expect(told(run, "outage")).toEqual(["pass", undefined]);
    expect(told(probing([1, 2], { otherShardsMs: 500 }), "outage")).toEqual(["unknown", "not-measured"]);
    const all = withClusterStart(clusterRun(limits({ otherShardsMs: 500 })))
      .fault({ targets: ["node-1", "node-2", "node-3"], shards: [1, 2, 3], atMs: 2000, healedAtMs: 3000 })
      .probe({ from: 100, to: 7900 })
      .probe({ f: "read", from: 100, to: 7900 });
    expect(told(all.step(7900, "wait").end(8000), "outage")).toEqual(["unknown", "no-other-shards"]);
  });
});
