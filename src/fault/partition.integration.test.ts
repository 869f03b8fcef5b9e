import { afterEach, describe, expect, it, vi } from "vitest";
import { command } from "../../test/support/resp.ts";
import { seededRandom } from "../base/random.ts";
import { viewNow } from "../observe/status.ts";
import { targetsOf } from "../scenario/targets.ts";
import {
  faultContext,
  type TestEnvironment,
  testEnvironment,
  until,
} from "../session/environment.test-data.ts";
import { pairsOf } from "../valkey/replies.ts";
import { cut } from "./cut.ts";

/* Partitions of real topologies: what Sentinels and nodes make of a link that is silent. */

vi.setConfig({ testTimeout: 90_000 });

let environment: TestEnvironment | undefined;
afterEach(async () => {
  await environment?.close();
  environment = undefined;
});

async function start(spec: object): Promise<TestEnvironment> {
  environment = await testEnvironment(spec, { links: { clients: false } });
  return environment;
}

/** Cuts what the selector means now, and returns how to heal it. */
async function cutNow(on: TestEnvironment, selector: string): Promise<() => Promise<void>> {
  const random = seededRandom(1);
  const view = await viewNow(on.topology.plan, on.admins);
  const targets = targetsOf(cut, [selector], { plan: on.topology.plan, view, random });
  const context = faultContext(on);
  const remembered = await cut.inject(context, targets, {});
  return () => cut.heal(context, targets, remembered);
}

const role = async (on: TestEnvironment, node: string) => (await on.replication(node)).role;

/** The flags under which that Sentinel knows the primary, or another Sentinel. */
async function flagsOf(on: TestEnvironment, sentinel: string, of?: string): Promise<string> {
  const admin = on.admins.of(sentinel);
  if (of === undefined) return pairsOf(await admin.call(["SENTINEL", "MASTER", "drill"])).get("flags") ?? "";
  const { id } = on.topology.plan.nodes.find(({ name }) => name === of) ?? {};
  const peers = (await admin.call(["SENTINEL", "SENTINELS", "drill"])) as unknown[];
  const peer = peers.map((one) => pairsOf(one as never)).find((one) => one.get("runid") === id);
  return peer?.get("flags") ?? "";
}

const untilFlags = (on: TestEnvironment, sentinel: string, of: string | undefined, flags: string) =>
  until(`${sentinel} to hold ${of ?? "the primary"} ${flags}`, async () => {
    const seen = await flagsOf(on, sentinel, of);
    return seen === flags || seen;
  });

const HA = { kind: "ha", replicas: 2, sentinels: 3, downAfterMs: 1000 };

describe.runIf(process.platform === "linux")("in HA", () => {
  it("one Sentinel that does not hear the primary is alone with its doubt; nor do its peers miss it", async () => {
    const on = await start(HA);
    const heal = await cutNow(on, "primary>sentinel-1");
    await untilFlags(on, "sentinel-1", undefined, "s_down,master");
    expect(await flagsOf(on, "sentinel-2")).toBe("master");
    expect(await flagsOf(on, "sentinel-2", "sentinel-1")).toBe("sentinel");
    expect(await role(on, "primary")).toBe("primary");
    await heal();
    await untilFlags(on, "sentinel-1", undefined, "master");

    const healPeers = await cutNow(on, "sentinel-1<>sentinels");
    await untilFlags(on, "sentinel-1", "sentinel-2", "s_down,sentinel");
    await untilFlags(on, "sentinel-1", "sentinel-3", "s_down,sentinel");
    await untilFlags(on, "sentinel-2", "sentinel-1", "s_down,sentinel");
    expect(await flagsOf(on, "sentinel-2", "sentinel-3")).toBe("sentinel");
    expect(await flagsOf(on, "sentinel-1")).toBe("master");
    await healPeers();
    await untilFlags(on, "sentinel-1", "sentinel-2", "sentinel");
    await untilFlags(on, "sentinel-2", "sentinel-1", "sentinel");
    expect(await role(on, "primary")).toBe("primary");
  });

  it("an isolated primary goes on taking writes beside the new one, until it is healed", async () => {
    const on = await start(HA);
    const primary = on.admins.of("primary").endpoint;
    const heal = await cutNow(on, "primary");
    await until("another primary", async () => (await on.nodesOf("primary")).length === 2 || "one");
    expect(await command(primary, ["SET", "doomed", "1"])).toBe("+OK");
    const promoted = (await on.nodesOf("primary")).find((name) => name !== "primary") as string;
    expect(await command(on.admins.of(promoted).endpoint, ["GET", "doomed"])).toBe("$-1");
    await heal();
    await until("the old one to follow", async () => {
      const { role: now, linkUp } = await on.replication("primary");
      return (now === "replica" && linkUp) || `${now}, link ${linkUp}`;
    });
    expect(await command(primary, ["GET", "doomed"])).toBe("$-1"); // acknowledged, and gone
  });

  it("a primary that only the Sentinels do not reach is replaced, while it still has clients and writes", {
    tags: "long",
  }, async () => {
    const on = await start(HA);
    const primary = on.admins.of("primary").endpoint;
    const heal = await cutNow(on, "primary<>sentinels");
    await until("another primary", async () => (await on.nodesOf("primary")).length === 2 || "one");
    expect(await command(primary, ["SET", "doomed", "1"])).toBe("+OK");
    await heal();
    await until("the old one to follow", async () => (await role(on, "primary")) === "replica" || "not yet");
  });

  it("a split of the Sentinels: the side without a majority promotes nobody", async () => {
    const on = await start({ ...HA, replicas: 1 });
    const heal = await cutNow(on, "primary,sentinel-2,sentinel-3|replica-1,sentinel-1");
    await untilFlags(on, "sentinel-1", undefined, "s_down,master");
    await untilFlags(on, "sentinel-1", "sentinel-2", "s_down,sentinel");
    expect(await flagsOf(on, "sentinel-2")).toBe("master");
    expect(await on.nodesOf("primary")).toEqual(["primary"]);
    await heal();
    await untilFlags(on, "sentinel-1", undefined, "master");
  });
});

describe.runIf(process.platform === "linux")("in a Cluster", () => {
  const CLUSTER = { kind: "cluster", shards: 3, replicas: 1, nodeTimeoutMs: 1000 };
  const view = async (on: TestEnvironment, node: string) =>
    (await viewNow(on.topology.plan, on.admins)).get(node) ?? { state: undefined, doubts: [] };

  it("each of the 30 links by itself: cut one way, its two nodes doubt each other, as neither can call; nobody " +
    "else does", {
    tags: "long",
  }, async () => {
    const on = await start({ kind: "cluster", shards: 6, replicas: 0, nodeTimeoutMs: 1000 });
    const names = on.topology.plan.nodes.map(({ name }) => name);
    const nodeAfter = (index: number, more: number) => names[(index + more + 6) % 6] as string;
    const doubts = async () =>
      Promise.all(names.map(async (name) => [...(await view(on, name)).doubts].sort()));
    for (const distance of [1, 2, 3, 4, 5]) {
      const links = names.map((name, index) => `${name}>${nodeAfter(index, distance)}`);
      const expected = names.map((_, index) =>
        [...new Set([nodeAfter(index, distance), nodeAfter(index, -distance)])].sort(),
      );
      const heal = await cutNow(on, links.join(","));
      await until(`${links} to be doubted`, async () => {
        const seen = JSON.stringify(await doubts());
        return seen === JSON.stringify(expected) || seen;
      });
      await heal();
      await until("nobody to doubt", async () => {
        const seen = await doubts();
        return seen.flat().length === 0 || JSON.stringify(seen);
      });
    }
    const used = (await on.topology.links?.traffic())?.filter(({ bytes }) => bytes > 0);
    expect(used).toHaveLength(30);
  });

  it("an isolated primary refuses writes, and its replica is promoted; healed, it follows", async () => {
    const on = await start(CLUSTER);
    const node = on.admins.of("node-1").endpoint;
    const heal = await cutNow(on, "node-1");
    await until("it to refuse", async () => {
      const reply = await command(node, ["SET", "{06S}", "1"]); // of shard 1
      return reply.startsWith("-CLUSTERDOWN") || reply;
    });
    await until(
      "its replica to be promoted",
      async () => (await role(on, "node-4")) === "primary" || "not yet",
    );
    await heal();
    await until("it to follow", async () => (await role(on, "node-1")) === "replica" || "not yet");
  });
});
