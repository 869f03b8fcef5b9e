import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { seededRandom } from "../base/random.ts";
import { slotsIn } from "../base/ranges.ts";
import { SLOT_COUNT } from "../base/slots.ts";
import type { NodePlan, Plan } from "../model/plan.ts";
import { parseClusterNodes } from "../valkey/replies.ts";
import { splitSlots } from "./cluster.ts";
import { configText } from "./config-text.ts";
import { endpointsNeeded, failoverSettings, makePlan } from "./registry.ts";
import { type TopologySpec, topologySpecSchema } from "./spec.ts";

const specOf = (given: object): TopologySpec => topologySpecSchema.parse(given);

function planOf(given: object, seed = 1): Plan {
  const spec = specOf(given);
  const endpoints = Array.from({ length: endpointsNeeded(spec).count }, (_, n) => ({
    host: "127.0.0.1",
    port: 20_000 + n,
    busPort: 30_000 + n,
  }));
  return makePlan(spec, endpoints, seededRandom(seed));
}

const node = (plan: Plan, name: string) => plan.nodes.find((one) => one.name === name) as NodePlan;
const directives = (of: NodePlan, file = "node.conf") => (of.files[file] ?? "").trimEnd().split("\n");

describe("an HA plan", () => {
  it("is by default a primary, two replicas and three Sentinels, two of which must agree", () => {
    const plan = planOf({ kind: "ha" });
    expect(plan.nodes.map(({ name, role, program }) => [name, role, program])).toEqual([
      ["primary", "primary", "server"],
      ["replica-1", "replica", "server"],
      ["replica-2", "replica", "server"],
      ["sentinel-1", "sentinel", "sentinel"],
      ["sentinel-2", "sentinel", "sentinel"],
      ["sentinel-3", "sentinel", "sentinel"],
    ]);
    expect(plan).toMatchObject({ kind: "ha", quorum: 2, sentinelGroup: "drill", shards: [] });
  });

  it("tells the settings that govern its failover by their names in the server's configuration", () => {
    const spec = specOf({ kind: "ha", downAfterMs: 700, failoverTimeoutMs: 9000 });
    expect(failoverSettings(spec)).toMatchObject({
      "down-after-milliseconds": "700",
      "failover-timeout": "9000",
    });
  });

  it("has the majority as its quorum unless told otherwise", () => {
    const quorumOf = (given: object) => planOf({ kind: "ha", replicas: 1, ...given }).quorum;
    expect([1, 2, 3, 4, 5].map((sentinels) => quorumOf({ sentinels }))).toEqual([1, 2, 2, 3, 3]);
    expect(quorumOf({ sentinels: 5, quorum: 1 })).toBe(1);
  });

  it("starts a replica only after its primary, one after the other, and the Sentinels last", () => {
    const waves = planOf({ kind: "ha", replicas: 3 }).nodes.map(({ wave }) => wave);
    expect(waves).toEqual([0, 1, 2, 3, 4, 4, 4]);
  });

  it("tells replicas whom to follow, and the primary nothing of the kind", () => {
    const plan = planOf({ kind: "ha" });
    expect(directives(node(plan, "replica-2"))).toContain("replicaof 127.0.0.1 20000");
    expect(directives(node(plan, "primary")).join()).not.toContain("replicaof");
    expect(directives(node(plan, "replica-2"))).toContain("port 20002");
  });

  it("tells each Sentinel of the primary, all replicas and the other Sentinels, but not of itself", () => {
    const plan = planOf({ kind: "ha", downAfterMs: 700, failoverTimeoutMs: 9000, quorum: 3 });
    const [one, two, three] = ["sentinel-1", "sentinel-2", "sentinel-3"].map((name) => node(plan, name).id);
    expect(new Set([one, two, three]).size).toBe(3);
    expect(directives(node(plan, "sentinel-2")).filter((line) => line.startsWith("sentinel "))).toEqual([
      `sentinel myid ${two}`,
      "sentinel monitor drill 127.0.0.1 20000 3",
      "sentinel down-after-milliseconds drill 700",
      "sentinel failover-timeout drill 9000",
      "sentinel known-replica drill 127.0.0.1 20001",
      "sentinel known-replica drill 127.0.0.1 20002",
      `sentinel known-sentinel drill 127.0.0.1 20003 ${one}`,
      `sentinel known-sentinel drill 127.0.0.1 20005 ${three}`,
    ]);
  });
});

describe("a cluster plan", () => {
  it("is by default three shards with a replica each", () => {
    const plan = planOf({ kind: "cluster" });
    expect(plan.nodes).toHaveLength(6);
    expect(plan.shards).toEqual([
      { shard: 1, slots: [[0, 5460]], primary: "node-1", replicas: ["node-4"] },
      { shard: 2, slots: [[5461, 10_922]], primary: "node-2", replicas: ["node-5"] },
      { shard: 3, slots: [[10_923, 16_383]], primary: "node-3", replicas: ["node-6"] },
    ]);
    const spec = specOf({ kind: "cluster", nodeTimeoutMs: 1500, requireFullCoverage: false });
    expect(failoverSettings(spec)).toEqual({
      "cluster-node-timeout": "1500",
      "cluster-require-full-coverage": "no",
      "cluster-replica-no-failover": "no",
      "cluster-replica-validity-factor": "10",
      "repl-ping-replica-period": "10",
      appendonly: "yes",
      appendfsync: "everysec",
      "min-replicas-max-lag": "10",
      "min-replicas-to-write": "0",
      "replica-priority": "100",
    });
    const config = { "min-replicas-to-write": 1, appendfsync: "always", appendonly: false, maxmemory: "1gb" };
    const given = failoverSettings(specOf({ kind: "cluster", config }));
    expect(given).toMatchObject({ "min-replicas-to-write": "1", appendfsync: "always", appendonly: "no" });
    expect(given).not.toHaveProperty("maxmemory");
    const renamed = { "slave-priority": 0, "cluster-slave-no-failover": true, "rename-command": 'CONFIG ""' };
    expect(failoverSettings(specOf({ kind: "cluster", config: renamed }))).toMatchObject({
      "replica-priority": "0",
      "cluster-replica-no-failover": "yes",
      "rename-command": 'CONFIG ""',
    });
  });

  it("gives every slot to one shard, evenly, for 1 to 50 shards", () => {
    for (let shards = 1; shards <= 50; shards += 1) {
      const ranges = splitSlots(shards);
      let next = 0;
      for (const [first, last] of ranges) {
        expect(first).toBe(next);
        next = last + 1;
      }
      expect(next).toBe(SLOT_COUNT);
      const sizes = ranges.map((range) => slotsIn([range]));
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
    }
  });

  it("gives each shard its own number of replicas", () => {
    const plan = planOf({ kind: "cluster", shards: 3, replicas: [2, 0, 1] });
    expect(plan.shards.map(({ primary, replicas }) => [primary, replicas])).toEqual([
      ["node-1", ["node-4", "node-6"]],
      ["node-2", []],
      ["node-3", ["node-5"]],
    ]);
  });

  it("is written into every node's nodes.conf so that the server would read the same plan back", () => {
    const sizes = fc.record({
      shards: fc.integer({ min: 1, max: 8 }),
      replicas: fc.integer({ min: 0, max: 3 }),
    });
    fc.assert(
      fc.property(sizes, fc.nat(), (size, seed) => {
        const plan = planOf({ kind: "cluster", ...size }, seed);
        for (const self of plan.nodes) expectReadsBack(plan, self, size.shards);
      }),
      { numRuns: 30 },
    );
  });

  it("announces the bus ports that were held for it", () => {
    const plan = planOf({ kind: "cluster", nodeTimeoutMs: 2000 });
    expect(directives(node(plan, "node-2"))).toEqual(
      expect.arrayContaining([
        "port 20001",
        "cluster-port 30001",
        "cluster-enabled yes",
        "cluster-node-timeout 2000",
      ]),
    );
  });
});

function expectReadsBack(plan: Plan, self: NodePlan, shards: number): void {
  const lines = directives(self, "nodes.conf");
  expect(lines.at(-1)).toBe(`vars currentEpoch ${shards} lastVoteEpoch 0`);
  const read = parseClusterNodes(lines.slice(0, -1).join("\n"));
  expect(read.filter(({ myself }) => myself).map(({ id }) => id)).toEqual([self.id]);
  expect(read.map(({ id, port, role }) => ({ id, port, role }))).toEqual(
    plan.nodes.map(({ id, endpoint, role }) => ({ id, port: endpoint.port, role })),
  );
  for (const { shard, slots, primary, replicas } of plan.shards) {
    const line = (name: string) => read.find(({ id }) => id === node(plan, name).id);
    expect(line(primary)).toMatchObject({ slots, epoch: shard, primaryId: undefined, connected: true });
    for (const replica of replicas)
      expect(line(replica)).toMatchObject({ slots: [], primaryId: node(plan, primary).id });
  }
}

describe("any plan", () => {
  it.each([{ kind: "ha" }, { kind: "cluster" }])("of $kind is the same for the same seed", (given) => {
    expect(planOf(given, 5)).toEqual(planOf(given, 5));
    expect(planOf(given, 6)).not.toEqual(planOf(given, 5));
  });

  it.each([{ kind: "ha" }, { kind: "cluster" }])(
    "of $kind has unique names and ids of 40 hex digits",
    (given) => {
      const { nodes } = planOf(given);
      expect(new Set(nodes.map(({ name }) => name)).size).toBe(nodes.length);
      const ids = nodes.flatMap(({ id }) => id ?? []);
      expect(new Set(ids).size).toBe(ids.length);
      for (const id of ids) expect(id).toMatch(/^[0-9a-f]{40}$/);
    },
  );

  it.each([{ kind: "ha" }, { kind: "cluster" }])(
    "of $kind lets the user's directives win on data nodes",
    (given) => {
      const plan = planOf({
        ...given,
        config: { appendonly: false, "maxmemory-policy": "allkeys-lru", save: "" },
      });
      for (const one of plan.nodes.filter(({ program }) => program === "server")) {
        const lines = directives(one);
        expect(lines).toEqual(
          expect.arrayContaining(["appendonly no", "maxmemory-policy allkeys-lru", 'save ""']),
        );
        expect(lines.filter((line) => line.startsWith("appendonly "))).toHaveLength(1);
      }
      for (const one of plan.nodes.filter(({ program }) => program === "sentinel")) {
        expect(directives(one).join()).not.toContain("allkeys-lru");
      }
    },
  );

  it.each([{ kind: "ha" }, { kind: "cluster" }])("of $kind refuses another number of endpoints", (given) => {
    expect(() =>
      makePlan(specOf(given), [{ host: "127.0.0.1", port: 1, busPort: 2 }], seededRandom(1)),
    ).toThrow(RangeError);
  });
});

describe("a spec", () => {
  const issues = (given: object) =>
    topologySpecSchema
      .safeParse(given)
      .error?.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);

  it("may have 100 nodes and not one more", () => {
    expect(issues({ kind: "ha", replicas: 96, sentinels: 3 })).toBeUndefined();
    expect(issues({ kind: "ha", replicas: 97, sentinels: 3 })).toEqual([": more than 100 nodes in all"]);
    expect(issues({ kind: "cluster", shards: 50, replicas: 1 })).toBeUndefined();
    expect(issues({ kind: "cluster", shards: 50, replicas: [...Array(49).fill(1), 2] })).toEqual([
      ": more than 100 nodes in all",
    ]);
    expect(issues({ kind: "cluster", shards: 101, replicas: 0 })?.[0]).toMatch(/^shards: /);
  });

  it.each<[path: string, given: object]>([
    ["quorum", { kind: "ha", sentinels: 3, quorum: 4 }],
    ["replicas", { kind: "cluster", shards: 3, replicas: [1, 1] }],
    ["replicas", { kind: "ha", replicas: -1 }],
    ["shards", { kind: "cluster", shards: 0 }],
    ["sentinels", { kind: "ha", sentinels: 0 }],
    ["downAfterMs", { kind: "ha", downAfterMs: 49 }],
    ["config.Append Only", { kind: "ha", config: { "Append Only": "yes" } }],
    ["", { kind: "ha", shards: 3 }],
    ["kind", { kind: "ring" }],
  ])("is refused at %j: %j", (path, given) => {
    expect(issues(given)?.[0]?.split(": ")[0]).toBe(path);
  });

  it("says of a directive that is none what it is not", () => {
    const given = { kind: "ha", config: { "Append Only": "yes" } };
    expect(issues(given)).toEqual(["config.Append Only: is not the name of a configuration directive"]);
  });

  it("says of a quorum above the number of Sentinels what it would mean", () => {
    expect(issues({ kind: "ha", sentinels: 1, quorum: 2 })?.[0]).toContain("no failover could ever begin");
  });
});

describe("configText", () => {
  it("writes a list as one directive for each value, and later layers over earlier ones", () => {
    expect(configText({ a: 1, b: true }, { b: false, c: ["x y", "z"], d: "" })).toBe(
      'a 1\nb no\nc x y\nc z\nd ""\n',
    );
  });
});
