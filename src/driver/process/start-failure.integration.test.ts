import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { smallPlan, withFile } from "../../../test/support/driver-conformance.ts";
import { testServer } from "../../../test/support/server.ts";
import type { Plan } from "../../model/plan.ts";
import type { ValkeyServer } from "../../valkey/server.ts";
import { processDriver } from "./index.ts";

vi.setConfig({ testTimeout: 20_000 });

let root: string;
let stateDir: string;
let listener: Server | undefined;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "valkey-drill-failure-"));
  stateDir = join(root, "state");
});

afterEach(async () => {
  listener?.close();
  listener = undefined;
  expect(await readdir(join(stateDir, "environments"))).toEqual([]);
  expect(await readdir(join(stateDir, "ports"))).toEqual([]);
  await rm(root, { recursive: true });
});

it("names the port that was taken after it had been held", async () => {
  const starting = start(async (plan) => {
    await listen(portOf(plan, 1), () => undefined);
    return plan;
  });
  await expect(starting).rejects.toMatchObject({
    code: "PORT_IN_USE",
    message: expect.stringMatching(/^replica-1 cannot listen on 127\.0\.0\.1:\d+: the port is in use$/),
  });
});

it("does not take a stranger's answer for that of its node", async () => {
  const info = "process_id:1\r\n";
  const starting = start(async (plan) => {
    await listen(portOf(plan, 0), () => `+PONG\r\n$${info.length}\r\n${info}\r\n`);
    // A node that binds elsewhere runs happily, and never learns that another answers in its place.
    return withFile(plan, "primary", (text) => text.replace("bind 127.0.0.1", "bind 127.0.0.2"));
  });
  await expect(starting).rejects.toMatchObject({
    code: "PORT_IN_USE",
    message: expect.stringMatching(/meant for primary, belongs to the server with pid 1$/),
  });
});

it("waits for a node that is loading, and takes one that wants a password for running", async () => {
  let asked = 0;
  const answers = () => (++asked < 4 ? "-LOADING data\r\n-LOADING data\r\n" : "-NOAUTH\r\n-NOAUTH\r\n");
  const { topology } = await startOnly(async (plan) => {
    await listen(portOf(plan, 0), answers);
    return withFile(plan, "primary", (text) => text.replace("bind 127.0.0.1", "bind 127.0.0.2"));
  });
  await topology.close();
  expect(asked).toBe(4);
});

it("says so when there is no such program, or no such folder", async () => {
  const server = { ...(await testServer()), command: join(root, "no-such-program") };
  await expect(start(async (plan) => plan, server)).rejects.toMatchObject({
    code: "START_FAILED",
    message: expect.stringMatching(/^primary could not be started: .*ENOENT/),
  });
  await writeFile(join(root, "file"), "");
  await expect(start(async (plan) => plan, undefined, join(root, "file", "run"))).rejects.toMatchObject({
    code: "START_FAILED",
    message: expect.stringContaining(join(root, "file", "run")),
  });
});

it("refuses endpoints that were released, or are another driver's", async () => {
  const driver = processDriver(await testServer(), { stateDir });
  const held = await driver.holdEndpoints({ count: 3, withBus: false });
  const plan = smallPlan(held.endpoints);
  await held.release();
  const options = { dir: join(root, "run"), detached: false };
  await expect(driver.start(plan, held, options)).rejects.toThrow("released or used already");
  await expect(driver.start(plan, { ...held, release: async () => {} }, options)).rejects.toThrow(TypeError);
});

type Change = (plan: Plan) => Promise<Plan>;

async function start(change: Change, server?: ValkeyServer, dir = join(root, "run")): Promise<void> {
  const driver = processDriver(server ?? (await testServer()), { stateDir });
  const held = await driver.holdEndpoints({ count: 3, withBus: false });
  await driver.start(await change(smallPlan(held.endpoints)), held, { dir, detached: false });
}

/** Only the first node of the plan. */
async function startOnly(change: Change) {
  const driver = processDriver(await testServer(), { stateDir });
  const held = await driver.holdEndpoints({ count: 3, withBus: false });
  const plan = await change(smallPlan(held.endpoints));
  const alone = { ...plan, nodes: plan.nodes.slice(0, 1) };
  return { topology: await driver.start(alone, held, { dir: join(root, "run"), detached: false }) };
}

function portOf(plan: Plan, index: number): number {
  return plan.nodes[index]?.endpoint.port ?? 0;
}

async function listen(port: number, answer: () => string | undefined): Promise<void> {
  listener = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.on("data", () => socket.write(answer() ?? ""));
  });
  await new Promise<void>((resolve) => listener?.listen(port, "127.0.0.1", resolve));
}
