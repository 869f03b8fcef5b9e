import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { crud as crudChecker } from "../check/crud.ts";
import { factsOf } from "../check/facts.ts";
import { keySpread as keySpreadChecker } from "../check/key-spread.ts";
import { linearizability } from "../check/linearizability.ts";
import { replicaReads as replicaReadsChecker } from "../check/replica-reads.ts";
import { staleRoute as staleRouteChecker } from "../check/stale-route.ts";
import type { DrillClient } from "../client/client.ts";
import {
  startWorkload,
  type TestEnvironment,
  testEnvironment,
  until,
  workloadOn,
} from "../session/environment.test-data.ts";
import { parseClusterNodes } from "../valkey/replies.ts";
import { crud } from "./crud.ts";
import { keySpread } from "./key-spread.ts";
import { register } from "./register.ts";
import { WORKLOADS } from "./registry.ts";
import { replicaReads } from "./replica-reads.ts";
import { staleRoute } from "./stale-route.ts";
import type { Workload } from "./workload.ts";

/* The finite workloads on a real cluster of three shards, and what their checkers make of it. */

let environment: TestEnvironment;
let client: DrillClient;

beforeAll(async () => {
  environment = await testEnvironment({ kind: "cluster", shards: 3, replicas: 1, nodeTimeoutMs: 60_000 });
  client = await environment.connect();
}, 60_000);
afterAll(async () => {
  await client?.close();
  await environment?.close();
});

async function run<Options>(workload: Workload<string, z.ZodType<Options>>, given: object) {
  const { context, history } = await workloadOn(environment, client);
  await workload.run(context, workload.options.parse(given));
  const facts = factsOf(history());
  return { facts, observed: facts.observations({ name: workload.name, data: z.looseObject({}) })[0] ?? {} };
}

const ask = (node: string, ...args: (string | number)[]) => environment.admins.of(node).call(args);

it("the registry names every workload by its name", () => {
  for (const [name, workload] of WORKLOADS) expect(workload.name).toBe(name);
});

describe("crud", { timeout: 30_000 }, () => {
  it("gets from a real server every reply that a sound one gives, and leaves nothing behind", async () => {
    const { facts } = await run(crud, { ttlMs: 60 });
    expect(crudChecker.check(facts)).toMatchObject({ verdict: "pass" });
    expect(new Set(facts.operations.map(({ f }) => f)).size).toBeGreaterThanOrEqual(20);
    expect(facts.operations.at(-1)).toMatchObject({ f: "expire", result: "expired in time" });
    for (const { primary } of environment.topology.plan.shards) {
      expect(await ask(primary, "KEYS", "crud:*")).toEqual([]);
    }
  });
});

describe("key-spread", { timeout: 30_000 }, () => {
  type Observed = {
    written: number;
    groups: string[][];
    nodes: { node: string; ranges: [number, number][]; keys: [string, number][] }[];
  };
  let facts: ReturnType<typeof factsOf>;
  let observed: Observed;

  beforeAll(async () => {
    const done = await run(keySpread, { keys: 500, tagGroups: 10 });
    facts = done.facts;
    observed = done.observed as unknown as Observed;
  });

  it("finds every key on a primary, and tells which", async () => {
    expect(observed.written).toBe(550);
    expect(observed.nodes.map(({ node }) => node)).toEqual(["node-1", "node-2", "node-3"]);
    expect(observed.nodes.flatMap(({ keys }) => keys)).toHaveLength(550);
    for (const { node, keys } of observed.nodes) {
      const [key = ""] = keys[0] ?? [];
      expect(await ask(node, "EXISTS", key)).toBe(1); // the node answers for it, and sends nobody on
    }
    expect(keySpreadChecker.check(facts)).toMatchObject({ verdict: "pass" });
  });

  it("reads each group of one tag by one command", () => {
    const reads = facts.operations.filter(({ f }) => f === "mget");
    expect(reads).toHaveLength(10);
    for (const { outcome, result, value } of reads) expect([outcome, result]).toEqual(["ok", value]);
  });

  it("says no if a key is on a node that does not own its slot", () => {
    const [first, second, ...rest] = observed.nodes;
    const [moved, ...left] = first?.keys ?? [];
    const nodes = [{ ...first, keys: left }, { ...second, keys: [...(second?.keys ?? []), moved] }, ...rest];
    const planted = { ...facts, observations: () => [{ ...observed, nodes }] };
    expect(keySpreadChecker.check(planted)).toMatchObject({
      verdict: "fail",
      evidence: { reason: "keys-misplaced", keys: [moved?.[0]] },
    });
  });

  it("may run twice in one drill: each time its keys are its own", async () => {
    const { context, history } = await workloadOn(environment, client);
    for (let n = 0; n < 2; n += 1) await keySpread.run(context, { keys: 20, tagGroups: 2 });
    const twice = factsOf(history());
    expect(keySpreadChecker.check(twice)).toMatchObject({ verdict: "pass" });
    const written = twice.operations.filter(({ f }) => f === "write").map(({ key }) => key);
    expect(new Set(written).size).toBe(written.length);
  });
});

describe("stale-route", { timeout: 30_000 }, () => {
  it("makes a client follow MOVED, counts it at both ends, and gives the slot back", async () => {
    const slotsBefore = await ownSlots("node-1");
    const { facts, observed } = await run(staleRoute, { writes: 5 });
    expect(observed).toMatchObject({ from: "node-1", to: "node-2", writes: 5, arrived: 5, clientAsk: 0 });
    expect(observed.clientMoved).toBeGreaterThan(0);
    const onServers = Object.values(observed.serverMoved as Record<string, number>).reduce(
      (a, b) => a + b,
      0,
    );
    expect(onServers).toBe(observed.clientMoved);
    expect(staleRouteChecker.check(facts)).toMatchObject({ verdict: "pass" });
    expect(await ownSlots("node-1")).toEqual(slotsBefore);
    expect(await ask("node-2", "KEYS", "stale:*")).toEqual([]);
  });

  it("finds nothing where nothing was moved: the checker says no", async () => {
    const { facts, observed } = await run(staleRoute, { writes: 1 });
    const unmoved = { ...observed, clientMoved: 0, serverMoved: { "node-1": 0 } };
    expect(staleRouteChecker.check({ ...facts, observations: () => [unmoved] })).toMatchObject({
      evidence: { reason: "no-redirect" },
    });
  });

  async function ownSlots(node: string) {
    return parseClusterNodes(await ask(node, "CLUSTER", "NODES")).find(({ myself }) => myself)?.slots;
  }
});

describe("replica-reads", { timeout: 30_000 }, () => {
  it("is answered by replicas, by the servers' own counts", async () => {
    const { facts, observed } = await run(replicaReads, { keys: 50 });
    expect(observed).toMatchObject({ reads: 50, answered: 50, matched: 50 });
    expect(replicaReadsChecker.check(facts)).toMatchObject({ verdict: "pass" });
  });
});

describe("register", { timeout: 30_000 }, () => {
  it("reads, writes, and compares and sets at the shard of each key; the answers fit one order", async () => {
    const given = { keys: 12, opsPerSecond: 1000 };
    const { operations, end } = await startWorkload(environment, client, register, given);
    const applied = () => operations().filter(({ f, result }) => f === "cas" && result === "true");
    await until("20 compare-and-set", async () => applied().length >= 20 || `${applied().length}`);
    const facts = await end();
    expect(linearizability.check(facts)).toMatchObject({ verdict: "pass" });
    expect(new Set(facts.operations.map(({ node }) => node)).size).toBeGreaterThan(1);
  });
});
