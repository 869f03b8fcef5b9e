import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type TestEnvironment, testEnvironment, until } from "../session/environment.test-data.ts";
import { awaitAgreement, clusterMapOf, sentinelsAccount } from "./agreement.ts";
import { inspect } from "./inspect.ts";
import { lookAtNode } from "./look.ts";
import { writeCommandsOf } from "./superseded.ts";

/* What real nodes say of themselves: how much they wrote, who serves what, and whom Sentinels name. */

const MS = 2000;

describe("in HA", () => {
  let environment: TestEnvironment;
  beforeAll(async () => {
    environment = await testEnvironment({ kind: "ha", replicas: 1, sentinels: 1, downAfterMs: 600_000 });
  }, 60_000);
  afterAll(() => environment?.close());

  const call = (...args: string[]) => environment.admins.of("primary").call(args);

  it("a key of another type is unread at the end, and takes no other key of its batch with it", async () => {
    const { topology, admins } = environment;
    await Promise.all([call("SET", "good", "1"), call("RPUSH", "wrong", "x"), call("RPUSH", "list", "y")]);
    const looks = ["primary", "replica-1"].map(
      async (name) => [name, (await lookAtNode(topology.plan, admins.of(name), MS)).node] as const,
    );
    const found: unknown[] = [];
    const toRead = new Map([
      ["good", "string"],
      ["wrong", "string"],
      ["list", "list"],
      ["none", "string"],
    ] as const);
    await inspect(topology.plan, new Map(await Promise.all(looks)), admins, toRead, {
      observe: (name, data) => name === "final-values" && found.push(data),
    });
    expect(found).toEqual([
      {
        node: "primary",
        values: [
          ["good", "1"],
          ["list", ["y"]],
          ["none", null],
        ],
      },
      { unread: ["wrong"], why: expect.stringContaining("WRONGTYPE") },
    ]);
    await call("DEL", "good", "wrong", "list");
  });

  it(
    "a node's own count has the writes that were done, scripts' included, and begins anew with " +
      "its process",
    async () => {
      const { topology, admins } = environment;
      const commands = await writeCommandsOf(topology.plan, admins);
      const look = async () => (await lookAtNode(topology.plan, admins.of("primary"), MS, commands)).written;
      const before = await look();
      await call("SET", "a", "1");
      await call("GET", "a");
      await call("EVAL", "redis.call('INCR', KEYS[1]) return redis.call('GET', KEYS[1])", "1", "a");
      await call("LPUSH", "a", "x").catch(() => {}); // WRONGTYPE: it failed
      const after = await look();
      expect((after?.calls ?? 0) - (before?.calls ?? 0)).toBe(2);
      expect(after?.runId).toBe(before?.runId);

      await topology.kill("primary");
      await topology.start("primary");
      await until("the primary to have loaded its data", async () => (await call("GET", "a")) === "2");
      const restarted = await look();
      expect(restarted?.calls).toBe(0); // what it read from its file it did not count
      expect(restarted?.runId).not.toBe(before?.runId);
    },
  );

  it("a Sentinel tells whom it names, and one that is gone tells nothing", async () => {
    const { topology, admins } = environment;
    const account = () => sentinelsAccount(topology.plan, "sentinel-1", admins.of("sentinel-1"));
    expect(await account()).toEqual({
      sentinel: "sentinel-1",
      reachable: true,
      primary: "primary",
      epoch: 0,
    });
    await topology.kill("sentinel-1");
    expect(await account()).toEqual({ sentinel: "sentinel-1", reachable: false });
    await awaitAgreement(topology.plan, admins); // there is nobody who could disagree
  });
});

describe("in a cluster", () => {
  let environment: TestEnvironment;
  beforeAll(async () => {
    environment = await testEnvironment({ kind: "cluster", shards: 3, replicas: 0, nodeTimeoutMs: 5000 });
  }, 60_000);
  afterAll(() => environment?.close());

  it(
    "every node has a map, and tells clients the same; one that is told otherwise disagrees until it " +
      "has heard",
    async () => {
      const { topology, admins } = environment;
      const mapOf = (node: string) => clusterMapOf(topology.plan, admins.of(node));
      const first = await mapOf("node-1");
      expect(first.primaries.map(({ node, slots }) => [node, slots])).toEqual(
        topology.plan.shards.map(({ primary, slots }) => [primary, slots]),
      );
      expect(first.told).toEqual(first.primaries.map(({ node, slots }) => ({ node, slots })));
      expect(new Set(first.primaries.map(({ epoch }) => epoch)).size).toBe(3);
      expect(first.currentEpoch).toBeGreaterThanOrEqual(
        Math.max(...first.primaries.map(({ epoch }) => epoch)),
      );

      const idOf = (name: string) => topology.plan.nodes.find((node) => node.name === name)?.id as string;
      await admins.of("node-2").call(["CLUSTER", "SETSLOT", 0, "NODE", idOf("node-2")]);
      await admins.of("node-2").call(["CLUSTER", "BUMPEPOCH"]); // its claim is the newest, so all will follow it
      await until("node-3 to hear of the move", async () => {
        const { primaries } = await mapOf("node-3");
        const [slots] = primaries.filter(({ node }) => node === "node-2").map((one) => one.slots);
        return JSON.stringify(slots).startsWith("[[0,0]") || JSON.stringify(slots);
      });
      await awaitAgreement(topology.plan, admins);
      expect((await mapOf("node-1")).primaries).toEqual((await mapOf("node-3")).primaries);
    },
  );
});

describe("in a cluster, a replica that was started anew and has not begun to replicate", () => {
  let environment: TestEnvironment;
  beforeAll(async () => {
    environment = await testEnvironment({ kind: "cluster", shards: 1, replicas: 1, nodeTimeoutMs: 60_000 });
  }, 60_000);
  afterAll(() => environment?.close());

  it("is a replica, though INFO calls it a primary", async () => {
    const { topology, admins, replication } = environment;
    for (const node of ["node-2", "node-1"]) await topology.kill(node);
    // It does not know where its primary is, so the moment lasts.
    const path = join(topology.dir, "node-2", "nodes.conf");
    const text = await readFile(path, "utf8");
    await writeFile(path, text.replace(/^(\S+) \S+?(,\S*) master /m, "$1 :0@0$2 master,noaddr "));
    await topology.start("node-2");
    expect((await replication("node-2")).role).toBe("primary");
    const { node } = await lookAtNode(topology.plan, admins.of("node-2"), MS);
    expect(node).toMatchObject({ reachable: true, role: "replica", follows: "node-1", linkUp: false });
  });
});
