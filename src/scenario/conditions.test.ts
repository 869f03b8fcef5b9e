import { describe, expect, it } from "vitest";
import type { Plan } from "../model/plan.ts";
import type { NodeView } from "../observe/view.ts";
import { CONDITIONS, type Watched } from "./conditions.ts";
import { planOf, viewOf } from "./plans.test-data.ts";

const HA = planOf({ kind: "ha" });
const CLUSTER = planOf({ kind: "cluster" });
const CLUSTER_WITH_EMPTY = planOf({ kind: "cluster", shards: 4, emptyShards: 1 });
const GONE = { reachable: false };

/** What a condition sees of a session: the plan, the nodes, the faults in force, the operations. */
function look(
  name: keyof typeof CONDITIONS,
  plan: Plan,
  changes: Record<string, Partial<NodeView>> = {},
  {
    lost = [] as string[],
    hit = undefined as string[] | undefined,
    unwell = undefined as string | undefined,
    selfHealed = false,
  } = {},
) {
  const on: Watched = {
    plan,
    view: viewOf(plan, changes),
    faults: { all: [{ primaries: lost, targets: hit ?? lost, selfHealed }] },
    lastDeclaredDown: undefined,
    now: () => 0,
    operations: {
      appUnwell: () => undefined,
      unwell: () => unwell,
      measure: () => () => "100 ops/s, 0 errors",
    },
  };
  return CONDITIONS[name].begin(on, 0)();
}

describe("promoted", () => {
  it("comes true when another node is the primary", () => {
    expect(look("promoted", HA, { primary: GONE }, { lost: ["primary"] })).toEqual({
      done: false,
      seen: "nobody serves in place of primary",
    });
    const after = { primary: GONE, "replica-2": { role: "primary" as const } };
    expect(look("promoted", HA, after, { lost: ["primary"] })).toEqual({ done: true, value: "replica-2" });
  });

  it("does not take the lost primary for the new one", () => {
    expect(look("promoted", HA, {}, { lost: ["primary"] }).done).toBe(false);
  });

  it("in a cluster wants the same shard served again, not just any", () => {
    const two = { "node-1": GONE, "node-2": GONE };
    const lost = ["node-1", "node-2"];
    const slots = (shard: number) => CLUSTER.shards[shard - 1]?.slots ?? [];
    const first = { ...two, "node-4": { role: "primary" as const, slots: slots(1) } };
    expect(look("promoted", CLUSTER, first, { lost })).toEqual({
      done: false,
      seen: "nobody serves in place of node-2",
    });
    const both = { ...first, "node-5": { role: "primary" as const, slots: slots(2) } };
    expect(look("promoted", CLUSTER, both, { lost }).done).toBe(true);
  });
});

describe("protected", () => {
  it("wants a linked replica of each primary, and counts none that a fault holds", () => {
    expect(look("protected", HA)).toEqual({ done: true, value: "primary followed" });
    const down = { "replica-1": { linkUp: false }, "replica-2": GONE };
    expect(look("protected", HA, down)).toEqual({ done: false, seen: "no replica follows primary" });
    expect(look("protected", HA, {}, { hit: ["replica-1", "replica-2"] }).done).toBe(false);
    const afterwards = {
      primary: GONE,
      "replica-1": { role: "primary" as const },
      "replica-2": { follows: "replica-1" },
    };
    expect(look("protected", HA, afterwards, { lost: ["primary"] })).toMatchObject({ done: true });
    expect(look("protected", HA, { primary: GONE })).toEqual({ done: false, seen: "there is no primary" });
    expect(look("protected", HA, {}, { hit: ["primary"] }).done).toBe(false);
    expect(look("protected", HA, {}, { hit: ["primary"], selfHealed: true }).done).toBe(true); // it has been restarted
  });

  it("in a cluster wants it of every shard, also by a replica that has migrated", () => {
    expect(look("protected", CLUSTER, {}, { hit: ["node-5"] }).done).toBe(false);
    const three = planOf({ kind: "cluster", replicas: [2, 1, 1] });
    const migrated = { "node-5": GONE, "node-7": { follows: "node-2" } };
    expect(look("protected", three, { "node-5": GONE }, { hit: ["node-5"] })).toEqual({
      done: false,
      seen: "no replica follows node-2",
    });
    expect(look("protected", three, migrated, { hit: ["node-5"] }).done).toBe(true);
  });
});

describe("recovered", () => {
  it("is what the probes say", () => {
    expect(look("recovered", HA, {}, { unwell: "writes fail: READONLY" })).toEqual({
      done: false,
      seen: "writes fail: READONLY",
    });
    expect(look("recovered", HA)).toEqual({ done: true, value: "100 ops/s, 0 errors" });
  });
});

describe("rejoined", () => {
  it("comes true when every node is in its place", () => {
    expect(look("rejoined", HA)).toEqual({ done: true, value: "primary primary" });
    const planned = "primary node-1, node-2, node-3";
    expect(look("rejoined", CLUSTER_WITH_EMPTY)).toEqual({ done: true, value: planned });
    expect(look("rejoined", CLUSTER)).toEqual({ done: true, value: "primary node-1, node-2, node-3" });
  });

  it.each<[plan: Plan, changes: Record<string, Partial<NodeView>>, seen: string]>([
    [HA, { "replica-1": { role: "primary" } }, "2 of 1 primaries"],
    [HA, { primary: GONE }, "0 of 1 primaries"],
    [HA, { "replica-2": GONE }, "replica-2 does not answer"],
    [HA, { "replica-2": { linkUp: false } }, "the link of replica-2 to its primary is down"],
    [CLUSTER, { "node-3": { slots: [] } }, "10923 of 16384 slots served"],
    [CLUSTER, { "node-5": { state: "fail" } }, "node-5 says cluster_state:fail"],
    [CLUSTER, { "node-2": { doubts: ["node-6"] } }, "node-2 still doubts node-6"],
    [CLUSTER, { "node-6": { role: "primary" } }, "node-6 is no replica"],
    [CLUSTER_WITH_EMPTY, { "node-4": { slots: [[0, 5]] } }, "16390 of 16384 slots served"],
  ])("not yet: %#", (plan, changes, seen) => {
    expect(look("rejoined", plan, changes)).toEqual({ done: false, seen });
  });
});
