import { describe, expect, it } from "vitest";
import { factsOf } from "./facts.ts";
import {
  clusterRun,
  type HandMadeRun,
  haFailover,
  haRun,
  OK,
  REFUSED,
  withClusterStart,
  withHaStart,
} from "./history.test-data.ts";
import { judge } from "./judge.ts";
import { disruptiveFaults, lostPrimaries, primaryLosses } from "./losses.ts";
import { needlessPromotions, promotionsOf } from "./promotions.ts";
import { promotionsSeen } from "./promotions-seen.ts";

const facts = (run: HandMadeRun) => factsOf(run.build());
const losses = (run: HandMadeRun) => primaryLosses(facts(run)).map(({ id }) => id);
const ODOWN = "+odown master drill 127.0.0.1 20000 #quorum 2/2";

/** A link is cut between the primary and the Sentinels: we reach it all the time. */
const cut = (changes: { healAtMs?: number; healedAtMs?: number } = {}) =>
  withHaStart(haRun()).fault({ fault: "cut", targets: [], primaries: ["primary"], atMs: 1000, ...changes });

describe("a fault took a primary", () => {
  it("if that stopped answering while it was in force", () => {
    const run = withHaStart(haRun())
      .fault({ fault: "flush", targets: ["primary"], atMs: 1000, healAtMs: 1500, healedAtMs: 1500 })
      .fault({ targets: ["replica-1"], primaries: [], atMs: 2000 })
      .node(2010, "replica-1", "reachable", "no")
      .fault({ fault: "pause", targets: ["primary"], atMs: 2100, healAtMs: 2600 })
      .node(2500, "primary", "reachable", "no")
      .end(3000);
    expect(losses(run)).toEqual([3]);
  });

  it("if it was the last of those in force when that stopped answering", () => {
    const run = cut()
      .fault({ targets: ["primary"], atMs: 2000 })
      .node(2010, "primary", "reachable", "no")
      .sentinel(3000, ODOWN)
      .end(5000);
    expect(losses(run)).toEqual([2]);
  });

  it("if the Sentinels declared it down, though it answers us", () => {
    expect(losses(cut().sentinel(3000, ODOWN).end(5000))).toEqual([1]);
    expect(losses(cut().end(5000))).toEqual([]);
    // One Sentinel's own opinion takes nobody, and another primary is another primary.
    expect(losses(cut().sentinel(3000, "+sdown master drill 127.0.0.1 20000").end(5000))).toEqual([]);
    expect(losses(cut().sentinel(3000, "+odown master drill 127.0.0.1 20001").end(5000))).toEqual([]);
  });

  it("if a node of the cluster holds it to have failed, or another took its place", () => {
    const between = () =>
      withClusterStart(clusterRun()).fault({
        fault: "cut",
        targets: [],
        primaries: ["node-1", "node-2"],
        shards: [1, 2],
        atMs: 1000,
      });
    const failed = facts(between().flag(3000, "node-3", "node-1", "fail").end(9000));
    const replaced = facts(between().node(4000, "node-4", "role", "primary").end(9000));
    for (const found of [failed, replaced]) {
      const [fault] = primaryLosses(found);
      // The link ends at node-2 as well, which nobody lost.
      expect(fault && lostPrimaries(found, fault)).toEqual(["node-1"]);
    }
    expect(losses(between().flag(3000, "node-3", "node-1", "pfail").end(9000))).toEqual([]);
    expect(losses(between().node(4000, "node-6", "role", "primary").end(9000))).toEqual([]); // shard 3
  });

  it("also by what it had set in motion when it was healed, but not by what came long after", () => {
    const healed = { healAtMs: 2000, healedAtMs: 2010 };
    // down-after-milliseconds is 1000, and votes may take a little.
    expect(losses(cut(healed).sentinel(2900, ODOWN).end(9000))).toEqual([1]);
    expect(losses(cut(healed).sentinel(8000, ODOWN).end(9000))).toEqual([]);
    expect(losses(cut(healed).node(8000, "replica-1", "role", "primary").end(9000))).toEqual([]);
  });
});

describe("promotions", () => {
  it("are those of replicas; a primary that comes back and calls itself one is none", () => {
    const seen = promotionsSeen(facts(haFailover()));
    expect(seen).toEqual([{ from: "primary", to: "replica-1", at: 3400e6 }]);
  });

  it("are asked for by a loss in the same shard", () => {
    const run = clusterRun()
      .fault({ targets: ["node-1"], shards: [1], atMs: 1000 })
      .node(1010, "node-1", "reachable", "no")
      .node(2000, "node-5", "role", "primary")
      .end(5000);
    const found = facts(run);
    expect(found.faults.flatMap((fault) => promotionsOf(found, fault))).toEqual([]);
    expect(needlessPromotions(found)).toEqual([{ from: "node-2", to: "node-5", shard: 2, at: 2000e6 }]);
  });

  it("of a replica that had migrated are those of the shard whose primary it followed", () => {
    const run = withClusterStart(clusterRun())
      .node(500, "node-4", "follows", "node-2")
      .fault({ targets: ["node-2"], shards: [2], atMs: 1000 })
      .node(1010, "node-2", "reachable", "no")
      .node(2000, "node-4", "role", "primary")
      .end(5000);
    const found = facts(run);
    const [first] = found.faults.flatMap((fault) => promotionsOf(found, fault));
    expect(first).toEqual({ from: "node-2", to: "node-4", shard: 2, at: 2000e6 });
    expect(needlessPromotions(found)).toEqual([]);
  });

  it("are not the lost primary's own return", () => {
    const run = withHaStart(haRun())
      .fault({ targets: ["primary"], atMs: 1000, healAtMs: 2000, healedAtMs: 2100 })
      .node(1010, "primary", "reachable", "no")
      .node(2050, "primary", "role", "primary")
      .end(5000);
    expect(promotionsSeen(facts(run))).toEqual([]);
  });

  it("are needless without a loss, after another, and wherever nobody should be promoted", () => {
    const quiet = withHaStart(haRun()).node(2000, "replica-1", "role", "primary").end(5000);
    expect(needlessPromotions(facts(quiet))).toHaveLength(1);
    expect(judge(quiet.build()).needlessFailovers).toBe(1);
    expect(needlessPromotions(facts(haFailover()))).toEqual([]);
    const second = haFailover().node(5000, "replica-2", "role", "primary");
    expect(needlessPromotions(facts(second))).toMatchObject([{ from: "replica-1", to: "replica-2" }]);
    const none = haFailover({ expect: { promoted: false } });
    expect(needlessPromotions(facts(none))).toHaveLength(1);
  });
});

describe("a fault disrupted the service", () => {
  const bad = (from: number, to: number) => (at: number) => (at >= from && at < to ? REFUSED : OK);

  it("if it took a primary, or the probe failed after it", () => {
    const run = withHaStart(haRun())
      .fault({ fault: "slow", targets: ["primary"], atMs: 1000, healAtMs: 2000, healedAtMs: 2000 })
      .fault({ fault: "slow", targets: ["replica-1"], primaries: [], atMs: 3000 })
      .probe({ from: 100, to: 4900, ends: bad(1200, 1800) })
      .probe({ f: "read", from: 110, to: 4900 })
      .end(5000);
    expect(disruptiveFaults(facts(run)).map(({ id }) => id)).toEqual([1]);
    const result = judge(run.build());
    expect(result.outage).toEqual({ writeMs: 620, readMs: 0 });
    expect(result.failovers).toHaveLength(1);
    expect(result.failover).toMatchObject({ promoted: null, outageMs: 620 });
    const outage = result.checks.find(({ name }) => name === "outage");
    expect(outage?.evidence.tables).toMatchObject([{ rows: [["slow primary", "620 ms", "-"]] }]);
  });

  it("not if what failed was under way when the next fault came", () => {
    const run = withHaStart(haRun())
      .fault({ fault: "slow", targets: ["replica-1"], primaries: [], atMs: 1000 })
      .fault({ targets: ["primary"], atMs: 2000 })
      .node(2010, "primary", "reachable", "no")
      .probe({
        from: 100,
        to: 1990,
        ends: (at) => (at > 1900 ? { outcome: "fail" as const, afterMs: 200, error: "READONLY" } : OK),
      })
      .probe({ from: 2000, to: 4900, ends: bad(2000, 4000) })
      .end(5000);
    expect(disruptiveFaults(facts(run)).map(({ id }) => id)).toEqual([2]);
  });

  it("not if the probe failed before it already: that outage stays the other fault's", () => {
    const run = haFailover().fault({ targets: ["sentinel-1"], primaries: [], atMs: 3000 });
    expect(disruptiveFaults(facts(run)).map(({ id }) => id)).toEqual([1]);
    expect(judge(run.build()).outage.writeMs).toBe(1820);
  });

  it("nobody: the outage is none, and measured", () => {
    const run = (expected = {}) =>
      withHaStart(haRun({ expect: expected }))
        .fault({ fault: "pause", targets: ["replica-1"], primaries: [], atMs: 1000 })
        .probe({ from: 100, to: 4900 })
        .end(5000);
    expect(judge(run().build()).outage).toEqual({ writeMs: 0, readMs: null });
    expect(judge(run().build()).checks.map(({ name }) => name)).not.toContain("outage");
    const limited = judge(run({ outage: { writeMs: 100 } }).build());
    expect(limited.checks.find(({ name }) => name === "outage")).toMatchObject({ verdict: "pass" });
    expect(judge(withHaStart(haRun()).probe({ from: 100, to: 900 }).end(1000).build()).outage).toEqual({
      writeMs: null,
      readMs: null,
    });
  });
});
