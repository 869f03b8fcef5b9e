import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type TestEnvironment, testEnvironment, until } from "../session/environment.test-data.ts";
import { lookAtNode } from "./look.ts";
import { watchForDiagnosis } from "./promotability.ts";
import { writeCommandsOf } from "./superseded.ts";

/* What real nodes and Sentinels say of whether a node may be promoted. */

const MS = 2000;
type Told = { readonly name: string; readonly data: object };

async function watch({ topology, admins }: TestEnvironment) {
  const told: Told[] = [];
  const watched = await watchForDiagnosis(
    topology.plan,
    admins,
    () => 0,
    (name, data) => {
      const { at: _, ...said } = data as { readonly at?: number };
      told.push({ name, data: said });
    },
  );
  const commands = await writeCommandsOf(topology.plan, admins);
  return {
    watched,
    of: (name: string) => told.filter((one) => one.name === name).map(({ data }) => data),
    look: async (node: string) =>
      watched.seen(node, await lookAtNode(topology.plan, admins.of(node), MS, commands)),
  };
}

describe("in HA", () => {
  let environment: TestEnvironment;
  beforeAll(async () => {
    const config = { "replica-priority": 0, "rename-command": "SLAVEOF obey" };
    const times = { downAfterMs: 600_000 };
    environment = await testEnvironment({ kind: "ha", replicas: 1, sentinels: 1, ...times, config });
  }, 60_000);
  afterAll(() => environment?.close());

  it(
    "a replica's priority is told at first and when it changes, and which commands of Sentinel's a node does " +
      "not know",
    async () => {
      const { of, look } = await watch(environment);
      const missing = of("commands-missing"); // whoever answers first
      expect(missing).toHaveLength(2);
      expect(missing).toContainEqual({ node: "primary", commands: ["SLAVEOF"] });
      expect(missing).toContainEqual({ node: "replica-1", commands: ["SLAVEOF"] });
      await look("replica-1");
      await look("replica-1");
      await look("primary");
      await environment.admins.of("replica-1").call(["CONFIG", "SET", "replica-priority", "7"]);
      await look("replica-1");
      const setting = { node: "replica-1", setting: "replica-priority" };
      expect(of("node-setting")).toEqual([
        { ...setting, value: "0" },
        { ...setting, value: "7" },
      ]);
    },
  );

  it("what a node has refused is told when a Sentinel gives up a promotion", async () => {
    const { watched, of } = await watch(environment);
    await environment.admins
      .of("primary")
      .call(["NO-SUCH-COMMAND"])
      .catch(() => {});
    watched.heard({ event: "sentinel", detail: "+sdown master drill 127.0.0.1 1" });
    watched.heard({ event: "sentinel", detail: "-failover-abort-slave-timeout master drill 127.0.0.1 1" });
    await until("both nodes to be asked", async () => of("refusals").length === 2 || "not all were");
    const primary = of("refusals").find((data) => "node" in data && data.node === "primary");
    expect(primary).toMatchObject({ errors: { ERR: expect.any(Number) } });
  });

  it("a process that began anew is told, and the first is not", async () => {
    const { of, look } = await watch(environment);
    await look("replica-1");
    await environment.topology.kill("replica-1");
    await environment.topology.start("replica-1");
    await until("the replica to be looked at", async () => {
      await look("replica-1");
      return of("process-began").length === 1 || "the same process";
    });
    expect(of("process-began")).toEqual([{ node: "replica-1" }]);
  });

  it("a Sentinel's own word on its quorum, until it is gone", async () => {
    const { watched, of } = await watch(environment);
    const stop = new AbortController();
    const asking = watched.askSentinels(stop.signal);
    await until("the Sentinel to be asked", async () => of("sentinel-quorum").length > 0 || "nothing");
    await environment.topology.kill("sentinel-1");
    await until("it to be gone", async () => of("sentinel-quorum").length > 1 || "not told");
    stop.abort();
    await asking;
    expect(of("sentinel-quorum")).toEqual([
      { sentinel: "sentinel-1", reachable: true, said: expect.stringMatching(/^OK 1 usable Sentinels/) },
      { sentinel: "sentinel-1", reachable: false, said: undefined },
    ]);
  });
});

describe("in a cluster", () => {
  let environment: TestEnvironment;
  beforeAll(async () => {
    const config = { "cluster-replica-no-failover": true };
    environment = await testEnvironment({
      kind: "cluster",
      shards: 1,
      replicas: 1,
      nodeTimeoutMs: 60_000,
      config,
    });
  }, 60_000);
  afterAll(() => environment?.close());

  it("who must not fail over is told by the node's own flags", async () => {
    const { of, look } = await watch(environment);
    const setting = { node: "node-2", setting: "cluster-replica-no-failover" };
    await look("node-2");
    expect(of("node-setting")).toEqual([{ ...setting, value: "yes" }]);
    await environment.admins.of("node-2").call(["CONFIG", "SET", "cluster-replica-no-failover", "no"]);
    await until("the flag to be gone", async () => {
      await look("node-2");
      return of("node-setting").length === 2 || "still there";
    });
    expect(of("node-setting")).toEqual([
      { ...setting, value: "yes" },
      { ...setting, value: "no" },
    ]);
  });
});
