import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { seededRandom } from "../../src/base/random.ts";
import { type Look, waitFor } from "../../src/base/wait.ts";
import type { Driver, LinkRequest, NodeExit, RunningTopology } from "../../src/driver/driver.ts";
import { nodeOf } from "../../src/driver/driver.ts";
import { CLIENTS_END } from "../../src/driver/links.ts";
import { clientAddressOf } from "../../src/model/addresses.ts";
import type { Endpoint, Plan } from "../../src/model/plan.ts";
import { planHa } from "../../src/topology/ha.ts";
import { haSpecSchema } from "../../src/topology/spec.ts";
import { command, listens } from "./resp.ts";

/** What every driver must do. `makeDriver` is called once for each test. */
export function describeDriver(name: string, makeDriver: () => Promise<Driver>): void {
  describe(`the ${name} driver`, { timeout: 60_000 }, () => {
    let driver: Driver;
    let dir: string;
    const toClose: { close(): Promise<void> }[] = [];

    beforeEach(async () => {
      driver = await makeDriver();
      dir = await realpath(await mkdtemp(join(tmpdir(), "valkey-drill-driver-")));
    });

    afterEach(async () => {
      for (const topology of toClose.splice(0)) await topology.close();
      await rm(dir, { recursive: true, force: true });
    });

    const start = async (
      change: (plan: Plan) => Plan = (plan) => plan,
      links?: LinkRequest,
    ): Promise<RunningTopology> => {
      const held = await driver.holdEndpoints({ count: 3, withBus: false, links });
      const plan = change(smallPlan(held.endpoints));
      const topology = await driver.start(plan, held, { dir, detached: false });
      toClose.push(topology);
      return topology;
    };

    it("starts every node of a plan, and each answers", async () => {
      const topology = await start();
      expect(topology.plan.nodes.map((node) => node.name)).toEqual(["primary", "replica-1", "sentinel-1"]);
      for (const node of topology.plan.nodes) {
        expect(await command(node.endpoint, ["PING"])).toBe("+PONG");
        expect(await topology.state(node.name)).toBe("running");
      }
      expect(await command(endpointOf(topology, "sentinel-1"), ["ROLE"])).toContain("sentinel");
    });

    it("kills a node at once, and starts it again with its data", async () => {
      const topology = await start();
      const primary = endpointOf(topology, "primary");
      expect(await command(primary, ["SET", "key", "kept"])).toBe("+OK");
      const exits = watchExits(topology);

      await topology.kill("primary");
      expect(await topology.state("primary")).toBe("stopped");
      expect(await listens(primary)).toBe(false);
      await topology.kill("primary");

      await topology.start("primary");
      expect(await topology.state("primary")).toBe("running");
      expect(await command(primary, ["GET", "key"])).toBe("$4\r\nkept");
      await topology.start("primary");
      expect(exits).toEqual([]);
    });

    it("stops a node in order, and starts it again with its data", async () => {
      const topology = await start();
      const primary = endpointOf(topology, "primary");
      await command(primary, ["SET", "key", "kept"]);
      await topology.stop("primary");
      expect(await topology.state("primary")).toBe("stopped");
      expect(await topology.log("primary")).toContain("ready to exit");
      await topology.start("primary");
      expect(await command(primary, ["GET", "key"])).toBe("$4\r\nkept");
    });

    it("pauses and resumes a node, if it says that it can", async ({ skip }) => {
      if (!driver.capabilities.has("pause")) skip();
      const topology = await start();
      const primary = endpointOf(topology, "primary");
      await topology.pause("primary");
      expect(await topology.state("primary")).toBe("paused");
      await expect(command(primary, ["PING"], 100)).rejects.toThrow("no reply");
      await topology.resume("primary");
      expect(await topology.state("primary")).toBe("running");
      expect(await command(primary, ["PING"])).toBe("+PONG");

      await topology.pause("primary");
      await topology.stop("primary");
      expect(await topology.log("primary")).toContain("ready to exit");
      await topology.start("primary");
      await topology.pause("primary");
      await topology.kill("primary");
      expect(await topology.state("primary")).toBe("stopped");
      await topology.resume("primary");
      await expect(topology.pause("primary")).rejects.toMatchObject({ code: "COMMAND_FAILED" });
    });

    it("closes with a node paused", async ({ skip }) => {
      if (!driver.capabilities.has("pause")) skip();
      const topology = await start();
      await topology.pause("replica-1");
      await topology.close();
      expect(await listens(endpointOf(topology, "replica-1"))).toBe(false);
    });

    it("cuts one way of one link, if it says that it can, and heals it", async ({ skip }) => {
      if (!driver.capabilities.has("cut-links")) skip();
      const topology = await start((plan) => plan, { clients: true });
      const { links } = topology;
      if (!links) throw new Error("the topology has no power over its links");
      const [primary, replica] = [endpointOf(topology, "primary"), endpointOf(topology, "replica-1")];
      const cut = { kind: "cut" } as const;
      const untilHas = (endpoint: Endpoint, key: string) =>
        until(
          `${key} to be there`,
          () => command(endpoint, ["GET", key]),
          (reply) => reply === "$1\r\n1",
        );
      await command(primary, ["SET", "before", "1"]);
      await untilHas(replica, "before");

      await links.impair({ id: "way-back", effect: cut, links: [{ from: "replica-1", to: "primary" }] });
      await command(primary, ["SET", "way-back", "1"]);
      await untilHas(replica, "way-back"); // only what the replica says does not come
      await links.impair({ id: "way-there", effect: cut, links: [{ from: "primary", to: "replica-1" }] });
      await links.impair({ id: "clients", effect: cut, links: [{ from: CLIENTS_END, to: "primary" }] });
      expect((await links.impairments()).map(({ id }) => id)).toEqual(["way-back", "way-there", "clients"]);
      await command(primary, ["SET", "way-there", "1"]); // we ourselves are no clients
      await expect(command(clientAddressOf(primary), ["PING"], 200)).rejects.toThrow("no reply");
      expect(await command(clientAddressOf(replica), ["GET", "way-there"])).toBe("$-1");

      for (const id of ["clients", "way-there", "way-there"]) await links.heal({ id });
      await untilHas(replica, "way-there");
      expect(await command(clientAddressOf(primary), ["PING"])).toBe("+PONG");
      await links.heal({ kind: "cut" });
      expect(await links.impairments()).toEqual([]);
    });

    it("has no power over links that nobody asked for", async () => {
      expect((await start()).links).toBeUndefined();
    });

    it("keeps the log over a restart, and reads a file of a node's machine meanwhile, but no device", async () => {
      const topology = await start();
      const told = await command(endpointOf(topology, "replica-1"), ["CONFIG", "GET", "dir"]);
      const before = await topology.log("replica-1");
      expect(before).toContain("Ready to accept connections");
      await topology.kill("replica-1");
      const conf = `${told.split("\r\n").at(-1)}/node.conf`;
      expect(await topology.fileOf("replica-1", conf)).toContain("appendonly yes");
      for (const path of [`${conf}.gone`, "/dev/null"])
        await expect(topology.fileOf("replica-1", path)).rejects.toMatchObject({ code: "COMMAND_FAILED" });
      await topology.start("replica-1");
      const after = await topology.log("replica-1");
      expect(after.startsWith(before)).toBe(true);
      expect(after.match(/Ready to accept connections/g)).toHaveLength(2);
    });

    it("tells of a node that went away by itself, also to those who ask later", async () => {
      const topology = await start();
      const exits = watchExits(topology);
      const shutdown = ["SHUTDOWN", "NOSAVE", "NOW", "FORCE"];
      await expect(command(endpointOf(topology, "replica-1"), shutdown)).rejects.toThrow();
      await untilOne(exits);
      expect(exits).toMatchObject([{ node: "replica-1", code: 0 }]);
      expect(exits[0]?.log).toContain("ready to exit");
      expect(watchExits(topology)).toEqual(exits);
      await topology.start("replica-1");
      expect(watchExits(topology)).toEqual([]);
    });

    it("knows no nodes but those of the plan", async () => {
      const topology = await start();
      for (const act of ["state", "kill", "stop", "start", "log"] as const) {
        await expect(topology[act]("replica-9"), act).rejects.toThrow(RangeError);
      }
    });

    it("leaves nothing behind when closed, however often, and gives back its endpoints", async () => {
      const topology = await start();
      const endpoints = topology.plan.nodes.map((node) => node.endpoint);
      await Promise.all([topology.close(), topology.close()]);
      await topology.close();
      for (const endpoint of endpoints) expect(await listens(endpoint)).toBe(false);
      expect(await topology.state("primary")).toBe("stopped");
      expect(await topology.log("primary")).toContain("Ready to accept connections");
      await expect(topology.start("primary")).rejects.toMatchObject({ code: "NO_ENVIRONMENT" });
      const firstPort = endpoints[0]?.port;
      const again = await driver.holdEndpoints({ count: 3, withBus: false, firstPort });
      await again.release();
    });

    it("reports a node that cannot start with the end of its log, and leaves nothing running", async () => {
      let endpoint: Plan["nodes"][number]["endpoint"] | undefined;
      const spoilt = start((plan) => {
        endpoint = nodeOf(plan, "primary").endpoint;
        return withFile(plan, "replica-1", (text) => `${text}\nno-such-directive 1\n`);
      });
      await expect(spoilt).rejects.toMatchObject({
        code: "START_FAILED",
        message: expect.stringMatching(/^replica-1 ended with exit code 1[\s\S]*no-such-directive/),
      });
      if (!endpoint) throw new Error("the plan was never made");
      expect(await listens(endpoint)).toBe(false);
      const again = await driver.holdEndpoints({ count: 3, withBus: false, firstPort: endpoint.port });
      await again.release();
    });

    it("stops starting when told to, and leaves nothing running", async () => {
      const held = await driver.holdEndpoints({ count: 3, withBus: false });
      const plan = smallPlan(held.endpoints);
      const abort = new AbortController();
      const starting = driver.start(plan, held, {
        dir,
        detached: false,
        signal: abort.signal,
        onProgress: (message) => {
          if (message.includes("replica-1")) abort.abort(new Error("enough"));
        },
      });
      await expect(starting).rejects.toThrow("enough");
      for (const node of plan.nodes) expect(await listens(node.endpoint)).toBe(false);
    });

    it("holds endpoints for one at a time", async () => {
      const first = await driver.holdEndpoints({ count: 5, withBus: true });
      const second = await driver.holdEndpoints({ count: 5, withBus: true });
      const ports = [...first.endpoints, ...second.endpoints].flatMap(({ port, busPort }) => [port, busPort]);
      expect(new Set(ports).size).toBe(20);
      const firstPort = first.endpoints[0]?.port;
      await expect(driver.holdEndpoints({ count: 1, withBus: false, firstPort })).rejects.toMatchObject({
        code: "PORT_IN_USE",
        message: expect.stringContaining(String(firstPort)),
      });
      await first.release();
      await first.release();
      await second.release();
      const again = await driver.holdEndpoints({ count: 1, withBus: false, firstPort });
      await again.release();
    });
  });
}

/** A primary that loses nothing it has acknowledged, a replica, and a Sentinel too slow to interfere. */
export const SMALL_SPEC = {
  kind: "ha",
  replicas: 1,
  sentinels: 1,
  downAfterMs: 60_000,
  config: { appendfsync: "always" },
} as const;

export function smallPlan(endpoints: Parameters<typeof planHa>[1]): Plan {
  return planHa(haSpecSchema.parse(SMALL_SPEC), endpoints, seededRandom(1));
}

/** The plan with the configuration of one node changed. */
export function withFile(plan: Plan, name: string, change: (text: string) => string): Plan {
  return {
    ...plan,
    nodes: plan.nodes.map((node) =>
      node.name === name
        ? { ...node, files: { ...node.files, "node.conf": change(node.files["node.conf"] ?? "") } }
        : node,
    ),
  };
}

function endpointOf(topology: RunningTopology, name: string) {
  return nodeOf(topology.plan, name).endpoint;
}

function watchExits(topology: RunningTopology): NodeExit[] {
  const exits: NodeExit[] = [];
  topology.onUnexpectedExit((exit) => exits.push(exit));
  return exits;
}

/** Asks until the answer is well. */
async function until<T>(what: string, ask: () => Promise<T>, isWell: (answer: T) => boolean): Promise<void> {
  const look = async (): Promise<Look<true>> => {
    const answer = await ask();
    return isWell(answer) ? { done: true, value: true } : { done: false, seen: String(answer) };
  };
  await waitFor(look, { what, timeoutMs: 5_000 });
}

async function untilOne(list: readonly unknown[]): Promise<void> {
  const look = (): Look<true> =>
    list.length > 0 ? { done: true, value: true } : { done: false, seen: "none" };
  await waitFor(look, { what: "an unexpected exit to be told", timeoutMs: 5_000 });
}
