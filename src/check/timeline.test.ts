import { describe, expect, it } from "vitest";
import type { Facts, FaultWindow } from "./facts.ts";
import { factsOf } from "./facts.ts";
import {
  clusterFailover,
  clusterRun,
  haFailover,
  haFailoverWithoutLoad,
  haRun,
  OK,
  REFUSED,
  withHaStart,
} from "./history.test-data.ts";
import { primaryLosses } from "./losses.ts";
import { phasesOf, promotionsOf } from "./timeline.ts";

describe("phasesOf", () => {
  it("reads an HA failover from Sentinel's events, the nodes' roles and links, and the probe", () => {
    expect(timesOf(factsOf(haFailover().build()))).toEqual({
      fault: 0,
      suspected: 1000,
      detected: 1020,
      elected: 1100,
      promoted: 1400,
      announced: 1600,
      "replicas back": 1700,
      "first write": 1801,
      "first read": 1811,
      restarted: 3000,
      "all replicas back": 3600, // not 3500, when it was a replica whose link was down
    });
  });

  it("reads a cluster's failover from the nodes' flags and states", () => {
    expect(timesOf(factsOf(clusterFailover().build()))).toEqual({
      fault: 0,
      suspected: 2000,
      detected: 2200,
      promoted: 3000,
      "replicas back": 3000, // nobody but the lost one had a broken link
      "all slots served": 3100, // by the last of the nodes to say so
      "first write": 3201,
      "first read": 3211,
      restarted: 4000,
      "all replicas back": 4300,
    });
  });

  it("tells the moments in the order in which they came", () => {
    for (const run of [haFailover(), clusterFailover()]) {
      const times = Object.values(timesOf(factsOf(run.build())));
      expect(times).toEqual([...times].sort((a, b) => a - b));
    }
  });

  it("leaves out what never came", () => {
    const run = withHaStart(haRun())
      .fault({ targets: ["primary"], atMs: 1000 })
      .node(1010, "primary", "reachable", "no")
      .sentinel(2000, "+sdown master drill 127.0.0.1 20000")
      .end(5000);
    expect(timesOf(factsOf(run.build()))).toEqual({ fault: 0, suspected: 1000 });
  });

  it("does not take what Sentinel says of a replica for a word about the primary", () => {
    const run = withHaStart(haRun())
      .fault({ targets: ["primary"], atMs: 1000 })
      .node(1010, "primary", "reachable", "no")
      .sentinel(1500, "+sdown slave 127.0.0.1:20001 127.0.0.1 20001 @ drill 127.0.0.1 20000")
      .end(5000);
    expect(timesOf(factsOf(run.build()))).toEqual({ fault: 0 });
  });

  it("gives each of two faults its own moments", () => {
    const run = haFailoverWithoutLoad()
      .fault({ targets: ["replica-1"], atMs: 6000 })
      .node(6010, "replica-1", "reachable", "no")
      .sentinel(7000, "+sdown master drill 127.0.0.1 20001")
      .node(7300, "primary", "role", "primary");
    const facts = factsOf(run.build());
    const [first, second] = primaryLosses(facts) as [FaultWindow, FaultWindow];
    expect(phasesOf(facts, first).find(({ name }) => name === "suspected")?.atMs).toBe(1000);
    expect(phasesOf(facts, second).find(({ name }) => name === "suspected")?.atMs).toBe(1000);
    expect(promotionsOf(facts, first)).toEqual([{ from: "primary", to: "replica-1", at: 3400e6 }]);
    expect(promotionsOf(facts, second)).toEqual([{ from: "replica-1", to: "primary", at: 7300e6 }]);
  });
});

describe("promotionsOf", () => {
  it("does not count a primary of another shard", () => {
    const run = clusterRun()
      .fault({ targets: ["node-1"], shards: [1], atMs: 1000 })
      .node(1010, "node-1", "reachable", "no")
      .node(2000, "node-5", "role", "primary")
      .end(5000);
    const facts = factsOf(run.build());
    expect(promotionsOf(facts, facts.faults[0] as FaultWindow)).toEqual([]);
  });

  it("does not count the lost primary's own return", () => {
    const run = withHaStart(haRun())
      .fault({ targets: ["primary"], atMs: 1000, healAtMs: 2000, healedAtMs: 2100 })
      .node(1010, "primary", "reachable", "no")
      .node(2050, "primary", "role", "primary")
      .end(5000);
    const facts = factsOf(run.build());
    expect(promotionsOf(facts, facts.faults[0] as FaultWindow)).toEqual([]);
  });
});

describe("primaryLosses", () => {
  it("counts a fault only if the primary stopped answering while it was in force", () => {
    const run = withHaStart(haRun())
      .fault({ fault: "flush", targets: ["primary"], atMs: 1000, healAtMs: 1500, healedAtMs: 1500 })
      .fault({ targets: ["replica-1"], primaries: [], atMs: 2000 })
      .node(2010, "replica-1", "reachable", "no")
      .probe({ from: 0, to: 3000, ends: (at) => (at > 2000 ? REFUSED : OK) })
      .end(3000);
    expect(primaryLosses(factsOf(run.build()))).toEqual([]);
  });
});

function timesOf(facts: Facts): Record<string, number> {
  const [fault] = primaryLosses(facts) as [FaultWindow];
  return Object.fromEntries(phasesOf(facts, fault).map(({ name, atMs }) => [name, atMs]));
}
