import { describe, expect, it } from "vitest";
import { planOf } from "../../scenario/plans.test-data.ts";
import { REFUSED } from "./refused.ts";
import { ACTIONS, deedsOf } from "./registry.ts";

const HA = planOf({ kind: "ha", replicas: 1 });
const CLUSTER = planOf({ kind: "cluster", replicas: 0 });
const injected = (type: string, parameters: object, plan = HA) =>
  deedsOf(type, parameters, plan).map((deed) => ("inject" in deed ? deed.inject : deed));

describe("an action of Redis' fault injector", () => {
  it.each<[type: string, parameters: object, fault: object]>([
    ["failover", { bdb_id: 1 }, { fault: "failover", target: "primary" }],
    ["cluster_failover", { node_id: "replica-1", force: false }, { fault: "failover", target: "replica-1" }],
    ["dmc_restart", { bdb_id: "1" }, { fault: "client-kill", target: ["primary", "replica-1"] }],
    ["node_kill", { node_id: "primary" }, { fault: "kill", target: "primary" }],
    ["node_stop", { node_id: "primary", graceful: true }, { fault: "stop", target: "primary" }],
    ["node_restart", { node_id: "primary" }, { fault: "restart", target: "primary", graceful: false }],
    [
      "network_failure",
      { bdb_id: 1, delay: 5 },
      { fault: "cut", target: ["clients<>primary", "clients<>replica-1"], for: "5000ms" },
    ],
    [
      "network_partition",
      { nodes: ["primary"], duration: "1m30.5s" },
      { fault: "cut", target: "primary|replica-1,sentinel-1,sentinel-2,sentinel-3", for: "90500ms" },
    ],
    [
      "network_latency",
      { nodes: ["primary"], latency: "100ms", jitter: "20ms" },
      { fault: "delay", target: ["primary", "clients<>primary"], ms: 100, jitterMs: 20 },
    ],
    [
      "config_change",
      { node_id: "primary", config: { maxmemory: "1mb" } },
      { fault: "config", target: "primary", set: { maxmemory: "1mb" } },
    ],
  ])("%s is a fault of ours: %j", (type, parameters, fault) => {
    expect(injected(type, parameters)).toEqual([fault]);
  });

  it("means a primary of a cluster where it names none", () => {
    expect(injected("failover", { force: true }, CLUSTER)).toEqual([
      { fault: "failover", target: "shard:1/primary", mode: "force" },
    ]);
  });

  it("may be a sequence, with delays as Go writes them", () => {
    const actions = [
      { type: "node_kill", params: { node_id: "primary" } },
      { type: "failover", delay: 1_500_000_000 },
      { type: "dmc_restart", parameters: {}, delay: "2s" },
    ];
    expect(injected("sequence_of_actions", { bdb_id: 1, actions })).toMatchObject([
      { fault: "kill" },
      { waitMs: 1500 },
      { fault: "failover" },
      { waitMs: 2000 },
      { fault: "client-kill" },
    ]);
    const wrong = [{ type: "node_kill", params: { node_id: "primary" } }, { type: "bind" }];
    expect(() => injected("sequence_of_actions", { actions: wrong })).toThrow("action bind is not done here");
  });

  it.each([
    ["failovr", {}, 'there is no action "failovr". Did you mean "failover"?'],
    ["node_kill", {}, "action node_kill: node_id"],
    ["node_kill", { node_id: "primary", nodes: [] }, "action node_kill: Unrecognized key"],
    ["network_failure", { delay: "soon" }, '"soon" is no duration'],
    ["network_failure", { delay: 0 }, '"0" is no duration'],
    ["network_failure", { delay: 601 }, '"601" is no duration'],
    [
      "network_partition",
      { nodes: ["primary", "replica-1", "sentinel-1", "sentinel-2", "sentinel-3"] },
      "other side",
    ],
    ["sequence_of_actions", { actions: [] }, "action sequence_of_actions: actions"],
  ])("is refused where it makes no sense: %s %j", (type, parameters, why) => {
    expect(() => injected(type, parameters)).toThrow(why);
  });

  it("is done, or refused with a reason, and never both", () => {
    for (const [type, reason] of REFUSED) {
      expect(ACTIONS.has(type), type).toBe(false);
      expect(() => injected(type, {})).toThrow(`action ${type} is not done here: ${reason}`);
    }
  });
});
