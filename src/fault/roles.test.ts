import { describe, expect, it } from "vitest";
import type { Fault, RolesNow } from "./fault.ts";
import { FAULTS, faultNamed } from "./registry.ts";
import { toldChanges } from "./roles.ts";

/** Shard 1: node-1 with node-4 and node-7; shard 2: node-2 with node-5. */
const PRIMARY_OF: Record<string, string> = {
  ...{ "node-1": "node-1", "node-4": "node-1", "node-7": "node-1" },
  ...{ "node-2": "node-2", "node-5": "node-2" },
};

function now(hit: readonly string[], kind: RolesNow["kind"] = "cluster"): RolesNow {
  return {
    kind,
    hit,
    primaryOf: (node) => PRIMARY_OF[node],
    isReplica: (node) => node in PRIMARY_OF && PRIMARY_OF[node] !== node,
  };
}

const meant = (kind: string, targets: readonly string[], on = now([])) =>
  faultNamed(kind).means?.(targets, optionsOf(faultNamed(kind)), on);

/** Where the schema asks for something, whatever it is: what a fault means does not depend on it. */
function optionsOf(fault: Fault): unknown {
  const some = {
    config: { minReplicas: 1 },
    "drop-bus-messages": { type: "fail" },
    "hold-slot": { toShard: 2 },
    "move-slots": { toShard: 2 },
    "rolling-upgrade": { to: "9.1" },
  };
  return fault.options.parse(some[fault.kind as keyof typeof some] ?? {});
}

/** What each fault means to change where it hits the primary node-1; every kind that there is stands here. */
const GIVES_UP = [{ from: "node-1" }];
const DECLARED: Readonly<Record<string, readonly object[]>> = {
  kill: GIVES_UP,
  stop: GIVES_UP,
  restart: GIVES_UP,
  pause: GIVES_UP,
  slow: GIVES_UP,
  cpu: GIVES_UP,
  time: GIVES_UP,
  disconnect: GIVES_UP,
  "client-kill": [],
  "connection-flood": GIVES_UP,
  memory: [],
  config: GIVES_UP,
  flush: [],
  corrupt: GIVES_UP,
  tamper: [],
  "disk-full": GIVES_UP,
  "slow-disk": GIVES_UP,
  failover: GIVES_UP,
  detach: [{ detached: "node-1" }],
  "rolling-restart": GIVES_UP,
  "rolling-upgrade": GIVES_UP,
  readdress: GIVES_UP,
  "move-slots": [],
  "add-shard": [],
  "remove-shard": GIVES_UP,
  cut: GIVES_UP,
  reset: GIVES_UP,
  "half-open": GIVES_UP,
  delay: GIVES_UP,
  bandwidth: GIVES_UP,
  drip: GIVES_UP,
  certificate: GIVES_UP,
  credentials: GIVES_UP,
  "drop-bus-messages": GIVES_UP,
  "hold-slot": [],
  "sentinel-crash": [],
};

describe("what a fault means to change", () => {
  it("is declared by every fault that there is", () => {
    expect(Object.keys(DECLARED).sort()).toEqual([...FAULTS.keys()].sort());
    const silent = [...FAULTS.values()].filter(({ means }) => means === undefined).map(({ kind }) => kind);
    expect(silent).toEqual([]);
  });

  it.each(Object.entries(DECLARED))("%s on a primary", (kind, roles) => {
    expect(meant(kind, ["node-1"], now(["node-1"]))).toEqual(roles);
  });

  it.each(Object.keys(DECLARED).filter((kind) => !["failover", "detach"].includes(kind)))(
    "%s on a replica is nobody's loss",
    (kind) => {
      expect(meant(kind, ["node-4"])).toEqual([]);
    },
  );

  it("a failover of a replica takes the place of its primary, one replica after the other of a shard", () => {
    expect(meant("failover", ["node-4"])).toEqual([{ from: "node-1", to: "node-4" }]);
    expect(meant("failover", ["node-4", "node-7", "node-5"])).toEqual([
      { from: "node-1", to: "node-4" },
      { from: "node-4", to: "node-7" },
      { from: "node-2", to: "node-5" },
    ]);
    expect(meant("failover", ["node-6"])).toEqual([{}]); // its primary is gone
  });

  it("in HA Sentinel chooses: each replica that is named may take the place of the one primary", () => {
    expect(meant("failover", ["node-4", "node-7"], now([], "ha"))).toEqual([
      { from: "node-1", to: "node-4" },
      { from: "node-1", to: "node-7" },
    ]);
  });

  it("data may be gone by the faults that end processes or remove keys, and by no other", () => {
    const may = [...FAULTS.values()].flatMap((fault) => {
      const when = fault.losesData?.(optionsOf(fault));
      return when === undefined ? [] : [`${fault.kind} ${when}`];
    });
    expect(may.sort()).toEqual([
      "corrupt in-force",
      "disk-full in-force",
      "flush at-once",
      "kill in-force",
      "readdress at-once",
      "restart at-once",
      "rolling-restart at-once",
      "rolling-upgrade at-once",
      "stop in-force",
    ]);
    const memory = faultNamed("memory");
    expect(memory.losesData?.(memory.options.parse({ policy: "allkeys-lru" }))).toBe("in-force");
  });
});

describe("what came of it", () => {
  it("tells who took over, and of each replica that was asked and did not", () => {
    expect(toldChanges([{ from: "node-1", to: "node-4", by: "node-4" }])).toBe(
      "node-4 took over from node-1",
    );
    expect(
      toldChanges([
        { from: "p", to: "r1", by: "r1" },
        { from: "p", to: "r2", by: "r1" },
      ]),
    ).toBe("r1 took over from p; r2, which was asked, did not");
    expect(toldChanges([{ from: "p", to: "r1" }])).toBe("r1 was asked to take over from p, and did not");
    expect(toldChanges([{ from: "p" }])).toBeUndefined();
    expect(toldChanges([])).toBeUndefined();
  });
});
