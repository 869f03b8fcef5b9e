import { describe, expect, it } from "vitest";
import { faultNamed } from "../fault/registry.ts";
import { planOf, viewOf } from "./plans.test-data.ts";
import { rolesMeant } from "./roles-meant.ts";

const HA = planOf({ kind: "ha", replicas: 2 });
const CLUSTER = planOf({ kind: "cluster", shards: 3, replicas: 2 }); // node-1 with node-4 and node-7, and so on

function meant(kind: string, targets: string[], plan = CLUSTER, changes = {}, given: object = {}) {
  const fault = faultNamed(kind);
  return rolesMeant(fault, targets, fault.options.parse(given), { plan, view: viewOf(plan, changes) });
}

/** node-4 has taken the place of node-1, which follows it. */
const SWAPPED = {
  "node-1": { role: "replica", follows: "node-4", slots: [] },
  "node-4": { role: "primary", follows: undefined, slots: [[0, 5460]] },
};

describe("whom a fault affects", () => {
  it("is the primary of a replica that is to take over", () => {
    expect(meant("failover", ["node-4"])).toEqual({
      primaries: ["node-1"],
      roles: [{ from: "node-1", to: "node-4" }],
    });
    expect(meant("failover", ["replica-2"], HA)).toEqual({
      primaries: ["primary"],
      roles: [{ from: "primary", to: "replica-2" }],
    });
    expect(meant("failover", ["sentinel-1"], HA)).toEqual({
      primaries: ["primary"],
      roles: [{ from: "primary" }],
    });
  });

  it("is who has the place now, not who was planned to, nor whom a replica still follows", () => {
    expect(meant("failover", ["node-1"], CLUSTER, SWAPPED).roles).toEqual([{ from: "node-4", to: "node-1" }]);
    // node-7 has not heard of it yet.
    expect(meant("failover", ["node-7"], CLUSTER, SWAPPED)).toEqual({
      primaries: ["node-4"],
      roles: [{ from: "node-4", to: "node-7" }],
    });
  });

  it("is nobody where the place is empty, or given to the next by the fault itself", () => {
    const dead = { "node-1": { reachable: false, role: undefined, slots: [] } };
    expect(meant("failover", ["node-4"], CLUSTER, dead, { mode: "takeover" })).toEqual({
      primaries: [],
      roles: [{ to: "node-4" }],
    });
    expect(meant("failover", ["node-4", "node-7"])).toEqual({
      primaries: ["node-1"],
      roles: [
        { from: "node-1", to: "node-4" },
        { from: "node-4", to: "node-7" },
      ],
    });
  });

  it("is each primary that it hits, whatever else is hit; and none of a fault of replicas", () => {
    expect(meant("kill", ["node-1", "node-5"])).toEqual({
      primaries: ["node-1"],
      roles: [{ from: "node-1" }],
    });
    expect(meant("kill", ["node-5"])).toEqual({ primaries: [], roles: [] });
    expect(meant("flush", ["node-1"])).toEqual({ primaries: ["node-1"], roles: [] });
    expect(meant("detach", ["replica-1"], HA)).toEqual({ primaries: [], roles: [{ detached: "replica-1" }] });
    expect(meant("cut", ["primary>sentinel-1", "primary>sentinel-2"], HA).roles).toEqual([
      { from: "primary" },
    ]);
  });

  it("is the primaries that it hits where a fault does not say what it means", () => {
    const { means: _, ...silent } = faultNamed("kill");
    expect(rolesMeant(silent, ["node-1"], {}, { plan: CLUSTER, view: viewOf(CLUSTER) })).toEqual({
      primaries: ["node-1"],
      roles: [{ from: "node-1" }],
    });
  });
});
