import { describe, expect, it } from "vitest";
import type { RoleChange } from "../model/event.ts";
import { factsOf } from "./facts.ts";
import { clusterRun, type HandMadeRun, haRun, withClusterStart, withHaStart } from "./history.test-data.ts";
import { judge } from "./judge.ts";
import { lostPrimaries } from "./losses.ts";
import { promotionsOf } from "./promotions.ts";

const EXPECT = { expect: { promoted: true } };
const facts = (run: HandMadeRun) => factsOf(run.build());
const promotion = (run: HandMadeRun) => judge(run.build()).checks.find(({ name }) => name === "promotion");
/** Of each fault: who was lost to it, and who took over. */
const story = (run: HandMadeRun) => {
  const found = facts(run);
  return found.faults.map((fault) => [
    lostPrimaries(found, fault).join(),
    promotionsOf(found, fault)
      .map(({ from, to }) => `${from}>${to}`)
      .join(),
  ]);
};

/** A failover that is asked for, as the fault records it: over as soon as somebody has taken over. */
const asked = (targets: string[], primaries: string[], roles: RoleChange[], atMs: number, tookMs = 100) => ({
  ...{ fault: "failover", targets, primaries, roles, atMs },
  ...{ injectedAtMs: atMs + tookMs, healedAtMs: atMs + tookMs },
});
const cluster = () => withClusterStart(clusterRun(EXPECT));
const takesOver = (run: HandMadeRun, node: string, atMs: number) =>
  run.topology(atMs, { source: node, event: "role", subject: node, to: "primary", ownSlots: 5461 });

describe("a failover aimed at a replica", () => {
  it("takes its primary, and is no needless one", () => {
    const roles = [{ from: "node-1", to: "node-4", by: "node-4" }];
    const run = cluster().fault({ ...asked(["node-4"], ["node-1"], roles, 1000), shards: [1] });
    takesOver(run, "node-4", 1080).node(1120, "node-1", "role", "replica").end(9000);
    expect(story(run)).toEqual([["node-1", "node-1>node-4"]]);
    expect(promotion(run)).toMatchObject({
      verdict: "pass",
      evidence: { asked: [{ asked: "node-4", from: "node-1", tookOver: "node-4" }] },
    });
    expect(judge(run.build()).needlessFailovers).toBe(0);
  });

  it("in HA says who was asked for and whom Sentinel chose", () => {
    const roles = [{ from: "primary", to: "replica-2", by: "replica-1" }];
    const run = withHaStart(haRun(EXPECT))
      .node(6, "replica-1", "follows", "primary")
      .fault(asked(["replica-2"], ["primary"], roles, 1000))
      .node(1090, "replica-1", "role", "primary")
      .sentinel(2000, "+switch-master drill 127.0.0.1 20000 127.0.0.1 20001")
      .end(9000);
    expect(promotion(run)).toMatchObject({
      verdict: "pass",
      summary: "replica-1 in place of primary after 90 ms (Sentinel chose it; replica-2 was asked for)",
      evidence: { asked: [{ asked: "replica-2", from: "primary", tookOver: "replica-1" }] },
    });
  });

  it("is not done where another took over: each replica that was asked is looked at by itself", () => {
    const run = cluster()
      .fault({
        ...asked(["node-4"], ["node-1"], [{ from: "node-1", to: "node-4", by: "node-5" }], 1000),
        shards: [1],
      })
      .fault({
        ...asked(["node-5"], ["node-1"], [{ from: "node-1", to: "node-5", by: "node-5" }], 1005),
        shards: [1],
      })
      .node(500, "node-5", "follows", "node-1");
    takesOver(run, "node-5", 1080).end(9000);
    expect(story(run)).toEqual([
      ["", ""],
      ["node-1", "node-1>node-5"],
    ]);
    expect(promotion(run)).toMatchObject({
      verdict: "fail",
      summary: "node-4 was asked to take over from node-1, and did not: node-5 did",
      evidence: { reason: "asked-replica-not-promoted" },
    });
  });

  it("of two replicas of one shard, one after the other: the first gives up its place for the second", () => {
    const roles = [
      { from: "node-1", to: "node-4", by: "node-4" },
      { from: "node-4", to: "node-5", by: "node-5" },
    ];
    const run = cluster().fault({
      ...asked(["node-4", "node-5"], ["node-1"], roles, 1000, 400),
      shards: [1],
    });
    takesOver(run, "node-4", 1080)
      .node(1200, "node-5", "follows", "node-4")
      .node(1120, "node-1", "role", "replica");
    takesOver(run, "node-5", 1380).end(9000);
    expect(story(run)).toEqual([["node-1,node-4", "node-1>node-4,node-4>node-5"]]);
    expect(promotion(run)?.verdict).toBe("pass");
  });

  it("in HA that began while another was under way took the place of who had just got it", () => {
    const first = [{ from: "primary", to: "replica-1", by: "replica-2" }];
    const then = [{ from: "replica-2", by: "replica-1" }];
    const run = withHaStart(haRun(EXPECT))
      .fault(asked(["replica-1"], ["primary"], first, 1000, 200))
      .fault(asked(["replica-1", "replica-2"], ["primary"], then, 1001, 2400))
      .node(1190, "replica-2", "role", "primary")
      .node(3390, "replica-1", "role", "primary")
      .end(9000);
    expect(story(run)).toEqual([
      ["primary", "primary>replica-2"],
      ["replica-2", "replica-2>replica-1"],
    ]);
  });

  it("fills the place that a kill left empty, which is the loss", () => {
    const run = cluster()
      .fault({ targets: ["node-1"], shards: [1], roles: [{ from: "node-1" }], atMs: 1000, healAtMs: 8000 })
      .node(1010, "node-1", "reachable", "no")
      .fault(asked(["node-4"], [], [{ to: "node-4", by: "node-4" }], 3000));
    takesOver(run, "node-4", 3050).end(9000);
    expect(story(run)).toEqual([
      ["node-1", "node-1>node-4"],
      ["", ""],
    ]);
    expect(promotion(run)?.verdict).toBe("pass");
  });

  it("is not the doing of a restart before it, from which the primary had come back", () => {
    const run = cluster()
      .fault({
        fault: "restart",
        targets: ["node-1"],
        shards: [1],
        roles: [{ from: "node-1" }],
        atMs: 1000,
        healedAtMs: 1500,
      })
      .node(1010, "node-1", "reachable", "no")
      .fault({ ...asked(["node-1"], ["node-1"], [{ from: "node-1", by: "node-4" }], 3000), shards: [1] });
    takesOver(run, "node-4", 3050).end(9000);
    expect(story(run)[0]).toEqual(["node-1", ""]);
    expect(story(run)[1]).toEqual(["node-1", "node-1>node-4"]);
  });
});

describe("whose loss it is", () => {
  it("a fault that changes no role does not take a failover from the one that caused it", () => {
    const run = cluster()
      .fault({ targets: ["node-1"], shards: [1], roles: [{ from: "node-1" }], atMs: 1000 })
      .node(1010, "node-1", "reachable", "no")
      .fault({ fault: "flush", targets: ["node-1"], shards: [1], roles: [], atMs: 1500 });
    takesOver(run, "node-4", 3050).end(9000);
    expect(story(run)).toEqual([
      ["node-1", "node-1>node-4"],
      ["", ""],
    ]);
  });

  it("but where no other did, it took the primary all the same: the nodes have said so", () => {
    const run = cluster()
      .fault({ fault: "flush", targets: ["node-1"], shards: [1], roles: [], atMs: 1500 })
      .flag(3000, "node-2", "node-1", "fail");
    takesOver(run, "node-4", 3050).end(9000);
    expect(story(run)).toEqual([["node-1", "node-1>node-4"]]);
  });

  it("who is a primary by its own word alone cannot be lost: a superseded one, or one that was detached", () => {
    const superseded = withHaStart(haRun(EXPECT))
      .node(2000, "replica-1", "role", "primary")
      .fault({ targets: ["primary"], roles: [{ from: "primary" }], atMs: 3000 })
      .node(3010, "primary", "reachable", "no")
      .end(9000);
    expect(story(superseded)).toEqual([["", ""]]);
    const detached = withHaStart(haRun(EXPECT))
      .fault({
        fault: "detach",
        targets: ["replica-1"],
        primaries: [],
        roles: [{ detached: "replica-1" }],
        atMs: 1900,
      })
      .node(2000, "replica-1", "role", "primary")
      .fault({ targets: ["replica-1"], roles: [{ from: "replica-1" }], atMs: 3000 })
      .node(3010, "replica-1", "reachable", "no")
      .end(9000);
    expect(story(detached)).toEqual([
      ["", ""],
      ["", ""],
    ]);
  });

  it("needless: what was promoted without a loss, and nobody had asked for", () => {
    const run = cluster().fault({
      ...asked(["node-5"], ["node-2"], [{ from: "node-2", to: "node-5", by: "node-5" }], 1000),
      shards: [2],
    });
    takesOver(takesOver(run, "node-5", 1050), "node-4", 1060).end(9000);
    expect(judge(run.build()).needlessFailovers).toBe(1);
    expect(promotion(run)).toMatchObject({ verdict: "fail", summary: expect.stringContaining("node-4") });
    // No node held node-1 to be dead, and it took nothing: nothing is said of that.
    expect(promotion(run)?.evidence.notes).toEqual([]);
  });
});
