import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, realpath, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { smallPlan } from "../../../../test/support/driver-conformance.ts";
import { fabricProgram } from "../../../../test/support/fabric-program.ts";
import { command, listens } from "../../../../test/support/resp.ts";
import { testDriver } from "../../../../test/support/server.ts";
import { type Look, waitFor } from "../../../base/wait.ts";
import type { Plan } from "../../../model/plan.ts";
import type { NodeExit } from "../../driver.ts";
import { linkControl } from "../../fabric/control.ts";
import type { Orders } from "../../fabric/messages.ts";
import { isSame, untilGone } from "../../identity.ts";
import { processCapabilities } from "../capabilities/index.ts";
import { attachEnvironment } from "../environments.ts";
import { readRecord, recordPath } from "../state.ts";
import { fabricHosts, hasAliases, lacksLinks, tellsClients } from "./addresses.ts";
import { type FabricProcess, startFabric } from "./fabric-process.ts";

/* The fabric as a process: who starts it, who reaches it, and that it does not stay behind. */

let root: string;
beforeAll(() => void fabricProgram(), 60_000);
beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), "valkey-drill-fabric-")));
});
afterEach(() => rm(root, { recursive: true }));

/** Endpoints that nobody holds: the ports are free at the moment. */
const endpoints = (ports: readonly number[]) =>
  ports.map((port, index) => {
    const { host, announced } = fabricHosts(index);
    return {
      host,
      port,
      announced: { host: announced, port },
      fabric: { clients: false, tellsClients: true },
    };
  });

const withConfig = (plan: Plan, name: string, more: string): Plan => ({
  ...plan,
  nodes: plan.nodes.map((node) =>
    node.name === name ? { ...node, files: { "node.conf": `${node.files["node.conf"]}${more}` } } : node,
  ),
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen({ port: 0, host: "127.0.2.1" }, resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (typeof address !== "object" || !address) throw new Error("no port");
  return address.port;
}

const start = async (ports: readonly number[]): Promise<FabricProcess> =>
  startFabric({ plan: smallPlan(endpoints(ports)), dir: join(root, "fabric"), program: fabricProgram() });

describe("the process of the fabric", () => {
  it("ends if it is never written down who it is, as when its owner is killed before that", async () => {
    const child = spawn(process.execPath, [fabricProgram()], { stdio: ["pipe", "pipe", "inherit"] });
    const ended = once(child, "exit");
    child.stdin.write(`${JSON.stringify({ nodes: [], token: "t" } satisfies Orders)}\n`);
    expect(JSON.parse(String((await once(child.stdout, "data"))[0]))).toEqual({ port: expect.any(Number) });
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) child.kill(signal); // a terminal's are for the drill
    expect(child.exitCode).toBeNull();
    child.stdin.destroy();
    expect(await ended).toEqual([1, null]);
  });

  it("takes requests only from those who know its token", async () => {
    const fabric = await start([await freePort(), await freePort(), await freePort()]);
    try {
      const control = linkControl(() => fabric.control);
      const impairment = {
        id: "1",
        effect: { kind: "cut" },
        links: [{ from: "primary", to: "replica-1" }],
      } as const;
      await control.impair(impairment);
      const stranger = linkControl(() => ({ ...fabric.control, token: "another" }));
      await expect(stranger.heal({})).rejects.toMatchObject({
        code: "COMMAND_FAILED",
        message: expect.stringContaining("not the fabric that is meant"),
      });
      expect(await control.impairments()).toEqual([impairment]);
    } finally {
      process.kill(fabric.identity.pid, "SIGKILL");
      await untilGone([fabric.identity], 5_000);
    }
    await expect(linkControl(() => fabric.control).impairments()).rejects.toMatchObject({
      code: "COMMAND_FAILED",
    });
  });

  it("says which address is in use, and leaves nothing running", async () => {
    const [taken, ...free] = [await freePort(), await freePort(), await freePort()];
    const server = createServer();
    await new Promise<void>((resolve) => server.listen({ port: taken, host: "127.0.2.1" }, resolve));
    await expect(start([taken as number, ...free])).rejects.toMatchObject({
      code: "PORT_IN_USE",
      message: expect.stringContaining(`127.0.2.1:${taken}`),
    });
    server.close();
  });

  it("says so if it cannot be started", async () => {
    const plan = smallPlan(endpoints([1, 2, 3]));
    const starting = startFabric({ plan, dir: join(root, "fabric"), program: join(root, "no-such.js") });
    await expect(starting).rejects.toMatchObject({
      code: "START_FAILED",
      message: expect.stringMatching(/ended while starting[\s\S]*no-such\.js/),
    });
  });
});

describe("an environment with links", { timeout: 30_000 }, () => {
  const holdAndStart = async (detached: boolean) => {
    const driver = await testDriver({ stateDir: join(root, "state") });
    const held = await driver.holdEndpoints({ count: 3, withBus: false, links: { clients: false } });
    return driver.start(smallPlan(held.endpoints), held, { dir: join(root, "run"), detached });
  };

  it("can be hurt from another shell, outlives its owner's interest, and leaves nothing", async () => {
    const topology = await holdAndStart(true);
    const attached = await attachEnvironment(topology.id, { stateDir: join(root, "state") });
    const record = readRecord(recordPath(join(root, "state"), topology.id));
    if (record.phase === "held" || !record.fabric) throw new Error("no fabric is written down");
    await attached.links?.impair({
      id: "1",
      effect: { kind: "cut" },
      links: [{ from: "primary", to: "replica-1" }],
    });
    expect(await topology.links?.impairments()).toHaveLength(1);
    await attached.close();
    expect(isSame(record.fabric.process)).toBe(false);
    // A port given back may be another test's at once: it is the processes that must be gone.
    expect(record.nodes.map((node) => node.process && isSame(node.process))).toEqual([false, false, false]);
    expect(await readdir(join(root, "state/ports"))).toEqual([]);
    await topology.close();
  });

  it("is told of as broken when its fabric dies", async () => {
    const topology = await holdAndStart(false);
    const attached = await attachEnvironment(topology.id, { stateDir: join(root, "state") });
    const exits: NodeExit[] = [];
    topology.onUnexpectedExit((exit) => exits.push(exit));
    attached.onUnexpectedExit((exit) => exits.push(exit));
    const record = readRecord(recordPath(join(root, "state"), topology.id));
    if (record.phase === "held" || !record.fabric) throw new Error("no fabric is written down");
    process.kill(record.fabric.process.pid, "SIGKILL");
    const look = (): Look<undefined> =>
      exits.length === 2 ? { done: true, value: undefined } : { done: false, seen: `${exits.length} told` };
    await waitFor(look, { what: "both to be told", timeoutMs: 5_000 });
    expect(exits).toContainEqual(expect.objectContaining({ node: "fabric", signal: "SIGKILL" }));
    await topology.close();
  });

  it("nodes listen at their own addresses alone, and announce the fabric's", async () => {
    const topology = await holdAndStart(false);
    const [primary] = topology.plan.nodes;
    if (!primary) throw new Error("no nodes");
    const { host, port, announced } = primary.endpoint;
    expect([host, announced?.host]).toEqual(["127.0.1.1", "127.0.2.1"]);
    expect(await listens({ host: "127.0.0.1", port })).toBe(false);
    expect(await command(primary.endpoint, ["PING"])).toBe("+PONG");
    expect(await command(announced ?? primary.endpoint, ["PING"])).toBe("+PONG");
    await topology.close();
  });
});

describe("an environment whose nodes have addresses of their own", { timeout: 30_000 }, () => {
  it("has one port for all, and a node that was moved is found at its other address alone", async () => {
    const driver = await testDriver({ stateDir: join(root, "state") });
    const links = { clients: true, ownAddresses: true };
    const held = await driver.holdEndpoints({ count: 3, withBus: false, links });
    expect(new Set(held.endpoints.map(({ port }) => port)).size).toBe(1);
    const config = "replica-announce-ip 127.0.2.1\n";
    const plan = withConfig(smallPlan(held.endpoints), "primary", config);
    const topology = await driver.start(plan, held, { dir: join(root, "run"), detached: false });
    try {
      const [primary] = plan.nodes;
      const { announced, fabric } = primary?.endpoint ?? {};
      if (!announced || !fabric?.spare) throw new Error("no other address");
      expect(topology.capabilities).toContain("own-addresses");
      expect(await listens(fabric.spare)).toBe(false);
      await topology.kill("primary");
      await topology.changeAddress?.("primary");
      await topology.start("primary");
      expect(await listens(announced)).toBe(false);
      expect(await command(fabric.spare, ["CONFIG", "GET", "replica-announce-ip"])).toContain("127.0.3.1");
      expect(await command(fabric.spare, ["SET", "key", "1"])).toBe("+OK");
    } finally {
      await topology.close();
    }
    expect(await readdir(join(root, "state/ports"))).toEqual([]);
  });
});

describe("the capability", () => {
  it("is there on Linux, and elsewhere only with the loopback's aliases", () => {
    expect(hasAliases("linux", ["127.0.0.1"])).toBe(true);
    expect(hasAliases("darwin", ["127.0.0.1"])).toBe(false);
    expect(hasAliases("darwin", ["127.0.0.1", "127.0.1.1", "127.0.2.1"])).toBe(true);
  });

  it("where it is absent, the driver says why, and to use Docker", () => {
    const why = lacksLinks("darwin", ["127.0.0.1"]);
    expect(why).toMatch(/127\.0\.1\.1.*--driver docker/);
    expect(lacksLinks("linux", [])).toBeUndefined();
    const { capabilities, lacks } = processCapabilities(why);
    expect(capabilities).toContain("pause");
    expect(capabilities).not.toContain("cut-links");
    expect(lacks?.("cut-links")).toBe(why);
    expect(lacks?.("own-addresses")).toBe(why);
    expect(processCapabilities(lacksLinks("linux", [])).capabilities).toContain("cut-links");
  });

  it("clients of a cluster are told other addresses since Valkey 8.0", () => {
    const server = (flavour: string, version: string) => ({ flavour, version }) as never;
    expect(tellsClients(server("valkey", "8.0.1"))).toBe(true);
    expect(tellsClients(server("valkey", "7.2.5"))).toBe(false);
    expect(tellsClients(server("redis", "8.0.0"))).toBe(false);
  });
});
