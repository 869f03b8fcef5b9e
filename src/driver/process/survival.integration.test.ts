import { type ChildProcess, spawn } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { type Build, build } from "../../../test/support/build.ts";
import { SMALL_SPEC } from "../../../test/support/driver-conformance.ts";
import { command } from "../../../test/support/resp.ts";
import { testServer } from "../../../test/support/server.ts";
import { type Look, waitFor } from "../../base/wait.ts";
import { type LinkRequest, nodeOf } from "../driver.ts";
import { identify, isSame, type ProcessIdentity } from "../identity.ts";
import { lacksLinks } from "./fabric/addresses.ts";
import { attachEnvironment, listEnvironments, sweep } from "./index.ts";
import { type EnvironmentRecord, readRecord, recordPath } from "./state.ts";

/* What is left when the process that started it all is gone: played with child processes that are really killed. */

const MODULES = [
  "driver/process/index",
  "driver/fabric/main",
  "driver/file-lock",
  "topology/registry",
  "topology/spec",
  "base/random",
];

vi.setConfig({ testTimeout: 20_000 }); // each takes about half a second, on a machine with nothing else to do

let built: Build;
const canCutLinks = lacksLinks() === undefined;

let root: string;
let stateDir: string;
const children: ChildProcess[] = [];

beforeAll(async () => {
  await testServer();
  built = build(MODULES);
}, 120_000);

afterAll(() => built.remove());

beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), "valkey-drill-survival-")));
  stateDir = join(root, "state");
});

afterEach(async () => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  for (const { id } of (await listEnvironments({ stateDir })).environments) {
    await (await attachEnvironment(id, { stateDir })).close();
  }
  await rm(root, { recursive: true });
});

describe("when the owner is killed", () => {
  it("the guardian kills its nodes, gives back its ports and removes its record", async () => {
    const { child, record } = await startInChild({ detached: false });
    const guardian = present(record.guardian);
    expect(record.nodes.every((node) => isSame(present(node.process)))).toBe(true);
    expect(await listPorts()).toHaveLength(3);

    await end(child, "SIGKILL");
    await untilCleared(record);
    await until("the guardian to end", () => !isSame(guardian));
  });

  it("the guardian does its work although it was sent what a terminal sends", async () => {
    const { child, record } = await startInChild({ detached: false });
    const { pid } = present(record.guardian);
    for (const signal of ["SIGINT", "SIGHUP", "SIGTERM"] as const) process.kill(pid, signal);
    expect(isSame(present(record.guardian))).toBe(true);
    await end(child, "SIGKILL");
    await untilCleared(record);
  });

  it("and the guardian too, the next sweep clears", async () => {
    const { child, record } = await startInChild({ detached: false });
    await killGuardian(record);
    await end(child, "SIGKILL");
    expect(record.nodes.every((node) => isSame(present(node.process)))).toBe(true);

    const report = await sweep(stateDir);
    const pids = record.nodes.map((node) => present(node.process).pid);
    expect(report.cleared).toEqual([{ id: record.id, killed: expect.arrayContaining(pids) }]);
    await untilCleared(record);
    expect(await sweep(stateDir)).toEqual({ cleared: [], unreadable: [], failed: [] });
  });

  it.runIf(canCutLinks)(
    "the fabric of its links goes with the nodes, by the guardian or by the sweep",
    async () => {
      const first = await startInChild({ detached: false, links: { clients: false } });
      const fabric = present(first.record.fabric).process;
      expect(isSame(fabric)).toBe(true);
      await end(first.child, "SIGKILL");
      await untilCleared(first.record);
      expect(isSame(fabric)).toBe(false);

      const second = await startInChild({ detached: false, links: { clients: false } });
      await killGuardian(second.record);
      await end(second.child, "SIGKILL");
      const { pid } = present(second.record.fabric).process;
      const [cleared] = (await sweep(stateDir)).cleared;
      expect(cleared?.killed).toContain(pid);
      await untilCleared(second.record);
    },
  );

  it("a process that got the pid of a node afterwards is left alone", async () => {
    const { child, record } = await startInChild({ detached: false });
    await killGuardian(record);
    await end(child, "SIGKILL");
    for (const node of record.nodes) process.kill(present(node.process).pid, "SIGKILL");
    await until("the nodes to end", () => record.nodes.every((node) => !isSame(present(node.process))));

    const stranger = await startStranger(root);
    const tampered = structuredClone(record);
    present(tampered.nodes[0]).process = { pid: stranger.pid, startTime: `1${stranger.startTime}` };
    await writeFile(recordPath(stateDir, record.id), JSON.stringify(tampered));

    expect((await sweep(stateDir)).cleared).toEqual([{ id: record.id, killed: [] }]);
    expect(isSame(stranger)).toBe(true);
  });

  it.runIf(process.platform === "linux")(
    "a node whose pid was never written down is found by its folder; another program there is left alone",
    async () => {
      const { child, record } = await startInChild({ detached: false });
      await killGuardian(record);
      await end(child, "SIGKILL");
      const [first] = record.nodes;
      const unrecorded = present(first?.process);
      const stranger = await startStranger(present(first?.dir));
      const tampered = structuredClone(record);
      present(tampered.nodes[0]).process = undefined;
      await writeFile(recordPath(stateDir, record.id), JSON.stringify(tampered));

      await sweep(stateDir);
      expect(isSame(unrecorded)).toBe(false);
      expect(isSame(stranger)).toBe(true);
    },
  );

  it.runIf(process.platform === "linux")("the guardian tells the same two apart", async () => {
    const { child, record } = await startInChild({ detached: false });
    const [first, second] = record.nodes;
    const unrecorded = present(first?.process);
    const recycled = await startStranger(root);
    const inFolder = await startStranger(present(first?.dir));
    const tampered = structuredClone(record);
    present(tampered.nodes[0]).process = undefined;
    present(tampered.nodes[1]).process = { ...recycled, startTime: `1${recycled.startTime}` };
    await writeFile(recordPath(stateDir, record.id), JSON.stringify(tampered));

    await end(child, "SIGKILL");
    await untilCleared(record);
    expect(isSame(unrecorded)).toBe(false);
    expect(isSame(present(second?.process))).toBe(false);
    expect([isSame(recycled), isSame(inFolder)]).toEqual([true, true]);
  });
});

describe("when the owner ends in good order", () => {
  it("its guardian has ended by the time it is closed", async () => {
    const { child, record } = await startInChild({ detached: false });
    const closed = lineOf(child, "closed");
    child.stdin?.write("close\n");
    await closed;
    expect(isSame(present(record.guardian))).toBe(false);
    await untilCleared(record);
  });

  it("but has not closed, its nodes do not outlive it", async () => {
    const { child, record } = await startInChild({ detached: false });
    child.stdin?.write("exit\n");
    await until("the owner to end", () => child.exitCode !== null);
    await untilCleared(record);
  });
});

describe("a detached environment", () => {
  it("lets its owner end by itself, and is found, changed and closed by others", async () => {
    const { child, record } = await startInChild({ detached: true });
    await until("the owner to end by itself", () => child.exitCode !== null);
    expect(isSame(present(record.guardian))).toBe(false);
    expect((await sweep(stateDir)).cleared).toEqual([]);

    const { environments } = await listEnvironments({ stateDir });
    expect(environments).toMatchObject([{ id: record.id, kind: "ha", detached: true, starting: false }]);
    expect(environments[0]?.nodes.map((node) => node.state)).toEqual(["running", "running", "running"]);

    const one = await attachEnvironment(undefined, { stateDir });
    const other = await attachEnvironment(record.id, { stateDir });
    const { endpoint } = nodeOf(one.plan, "primary");
    await command(endpoint, ["SET", "key", "kept"]);
    await one.kill("primary");
    expect(await other.state("primary")).toBe("stopped");
    await other.start("primary");
    expect(await one.state("primary")).toBe("running");
    expect(await command(endpoint, ["GET", "key"])).toBe("$4\r\nkept");

    await Promise.all([one.close(), other.close()]);
    await untilCleared(record);
    await expect(attachEnvironment(undefined, { stateDir })).rejects.toMatchObject({
      code: "NO_ENVIRONMENT",
    });
  });

  it("does not keep a process from ending that has started a node again, nor does the node end with it", async () => {
    const { child, record } = await startInChild({ detached: true });
    await until("the owner to end by itself", () => child.exitCode !== null);
    const script = built.script(
      "restart.mjs",
      `import { attachEnvironment } from ${JSON.stringify(built.module("driver/process/index"))};
       const topology = await attachEnvironment(undefined, { stateDir: process.argv[2] });
       await topology.kill("primary");
       await topology.start("primary");`,
    );
    const other = runNode(script, [stateDir]);
    await until("the other process to end by itself", () => other.exitCode !== null);
    expect(other.exitCode).toBe(0);
    const [before, after] = [record, readEnvironment(record.id)].map(({ nodes }) =>
      present(nodes[0]?.process),
    );
    expect(after?.pid).not.toBe(before?.pid);
    expect(isSame(present(after))).toBe(true);
  });

  it("tells those attached of a node that went away, but not of one they have killed", async () => {
    const { record } = await startInChild({ detached: true });
    const topology = await attachEnvironment(record.id, { stateDir });
    const lost: string[] = [];
    const stopListening = topology.onUnexpectedExit((exit) => lost.push(exit.node));
    await topology.kill("primary");
    process.kill(present(record.nodes[1]?.process).pid, "SIGKILL");
    await until("the loss to be told", () => lost.length > 0);
    expect(lost).toEqual(["replica-1"]);
    stopListening();
  });

  it("is dropped once all of its processes are gone, but not when they were stopped on purpose", async () => {
    const { child, record } = await startInChild({ detached: true });
    await until("the owner to end by itself", () => child.exitCode !== null);
    const topology = await attachEnvironment(record.id, { stateDir });
    for (const node of topology.plan.nodes) await topology.kill(node.name);
    expect((await listEnvironments({ stateDir })).environments).toHaveLength(1);

    for (const node of topology.plan.nodes) await topology.start(node.name);
    for (const node of readEnvironment(record.id).nodes) process.kill(present(node.process).pid, "SIGKILL");
    await until("the nodes to end", () =>
      readEnvironment(record.id).nodes.every((node) => !isSame(present(node.process))),
    );
    expect((await listEnvironments({ stateDir })).environments).toEqual([]);
    await untilCleared(record);
  });

  it("whose owner is killed before all of its nodes are up does not stay half started", async () => {
    const { child, record } = await startInChild({ detached: true, stallAt: "sentinel-1" });
    expect(record.phase).toBe("starting");
    // As if it were killed in the middle of writing its record.
    const { pid, startTime } = record.owner;
    const lock = `${recordPath(stateDir, record.id)}.lock`;
    await writeFile(lock, JSON.stringify({ pid, startTime, token: "0123456789ab" }));
    await writeFile(`${lock}.0123456789ab-${pid}-${encodeURIComponent(startTime)}.tmp`, "");
    await end(child, "SIGKILL");
    await untilCleared(record);
  });
});

describe("many processes at once", () => {
  it("are never given the same port", async () => {
    const script = built.script(
      "hold.mjs",
      `import { processDriver } from ${JSON.stringify(built.module("driver/process/index"))};
       const [stateDir] = process.argv.slice(2);
       const held = [];
       for (let i = 0; i < 10; i++) held.push(await processDriver({}, { stateDir }).holdEndpoints({ count: 6, withBus: true }));
       console.log(JSON.stringify(held.flatMap((h) => h.endpoints.flatMap((e) => [e.port, e.busPort]))));
       setInterval(() => {}, 1000);`,
    );
    const holders = Array.from({ length: 5 }, () => runNode(script, [stateDir]));
    const ports = (await Promise.all(holders.map((holder) => lineOf(holder, "[")))).flatMap((line) =>
      JSON.parse(line),
    );
    expect(ports).toHaveLength(600);
    expect(new Set(ports).size).toBe(600);
    expect((await listPorts()).toSorted()).toEqual(ports.map(String).toSorted());

    await sweep(stateDir);
    expect(await listPorts()).toHaveLength(600);
    await Promise.all(holders.slice(1).map((holder) => end(holder, "SIGKILL")));
    await sweep(stateDir);
    expect(await listPorts()).toHaveLength(120);
  });

  it("take turns at a lock file, even one left by a dead process", async () => {
    const dead = await startStranger(root);
    process.kill(dead.pid, "SIGKILL");
    await until("it to end", () => !isSame(dead));
    await mkdir(stateDir);
    const lock = join(stateDir, "lock");
    await writeFile(lock, JSON.stringify({ ...dead, token: "left" }));
    const counter = join(stateDir, "counter");
    await writeFile(counter, "0");
    const script = built.script(
      "count.mjs",
      `import { readFileSync, writeFileSync } from "node:fs";
       import { createExclusively, withFileLock } from ${JSON.stringify(built.module("driver/file-lock"))};
       const [lock, counter, dead] = process.argv.slice(2);
       for (let i = 0; i < 100; i++) {
         await withFileLock(lock, () => writeFileSync(counter, String(Number(readFileSync(counter, "utf8")) + 1)));
         createExclusively(lock, JSON.stringify({ ...JSON.parse(dead), token: "left-" + process.pid + "-" + i }));
       }
       console.log("done");`,
    );
    const args = [lock, counter, JSON.stringify(dead)];
    await Promise.all(Array.from({ length: 4 }, () => lineOf(runNode(script, args), "done")));
    expect(await readFile(counter, "utf8")).toBe("400");
    expect((await readdir(stateDir)).filter((name) => name !== "lock")).toEqual(["counter"]);
  });

  it("change one record without losing what another has changed", async () => {
    const { record } = await startInChild({ detached: true });
    const script = built.script(
      "change.mjs",
      `import { StateFile } from ${JSON.stringify(built.module("driver/process/state-file"))};
       const [stateDir, record] = process.argv.slice(2);
       const file = new StateFile(stateDir, JSON.parse(record));
       console.log("here");
       process.stdin.once("data", async () => {
         for (let i = 0; i < 100; i++) await file.update((changed) => changed.ports.push(i));
         console.log("done");
         process.exit();
       });`,
    );
    const changers = Array.from({ length: 4 }, () => runNode(script, [stateDir, JSON.stringify(record)]));
    await Promise.all(changers.map((changer) => lineOf(changer, "here")));
    const done = changers.map((changer) => lineOf(changer, "done"));
    for (const changer of changers) changer.stdin?.write("go\n");
    await Promise.all(done);
    expect(readEnvironment(record.id).ports).toHaveLength(3 + 400);
  });
});

interface ChildOptions {
  readonly detached: boolean;
  /** This node listens elsewhere than where it is asked, and so never answers. */
  readonly stallAt?: string;
  readonly links?: LinkRequest;
}

/** Starts the small plan in a process of its own and returns once all of it is up, or as far as it will get. */
async function startInChild(
  options: ChildOptions,
): Promise<{ child: ChildProcess; record: EnvironmentRecord }> {
  const script = built.script(
    "owner.mjs",
    `import { processDriver } from ${JSON.stringify(built.module("driver/process/index"))};
     import { endpointsNeeded, makePlan } from ${JSON.stringify(built.module("topology/registry"))};
     import { topologySpecSchema } from ${JSON.stringify(built.module("topology/spec"))};
     import { seededRandom } from ${JSON.stringify(built.module("base/random"))};
     import { createInterface } from "node:readline";
     const { server, spec, dir, stateDir, detached, stallAt, links } = JSON.parse(process.argv[2]);
     const driver = processDriver(server, { stateDir });
     const held = await driver.holdEndpoints({ ...endpointsNeeded(spec), links });
     const plan = makePlan(topologySpecSchema.parse(spec), held.endpoints, seededRandom(1));
     for (const node of plan.nodes) if (node.name === stallAt) node.endpoint = { ...node.endpoint, host: "127.0.0.2" };
     const onProgress = (message) => console.log(message);
     const topology = await driver.start(plan, held, { dir, detached, onProgress });
     console.log("up");
     if (!detached) createInterface(process.stdin).on("line", async (line) => {
       if (line === "exit") process.exit(0);
       await topology.close();
       console.log("closed");
       process.exit(0);
     });`,
  );
  const { stallAt } = options;
  const settings = {
    ...options,
    server: await testServer(),
    spec: SMALL_SPEC,
    stateDir,
    dir: join(root, "run"),
  };
  const child = runNode(script, [JSON.stringify(settings)]);
  await lineOf(child, stallAt === undefined ? "up" : `starting ${stallAt}`);
  const id = present((await readdir(join(stateDir, "environments"))).find((name) => name.endsWith(".json")));
  return { child, record: readEnvironment(id.replace(".json", "")) };
}

function runNode(script: string, args: readonly string[]): ChildProcess {
  const child = spawn(process.execPath, [script, ...args], { stdio: ["pipe", "pipe", "inherit"] });
  children.push(child);
  return child;
}

/** The next line of its output that begins so. */
function lineOf(child: ChildProcess, start: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const lines = createInterface(present(child.stdout ?? undefined));
    lines.on("line", (line) => line.startsWith(start) && resolve(line));
    lines.once("close", () => reject(new Error(`the child ended before it said "${start}"`)));
  });
}

async function startStranger(cwd: string): Promise<ProcessIdentity> {
  const child = spawn("sleep", ["60"], { cwd, stdio: "ignore" });
  children.push(child);
  await new Promise((resolve) => child.once("spawn", resolve));
  return present(identify(present(child.pid)));
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill(signal);
  await ended;
}

async function killGuardian({ guardian }: EnvironmentRecord): Promise<void> {
  process.kill(present(guardian).pid, "SIGKILL");
  await until("the guardian to end", () => !isSame(present(guardian)));
}

async function untilCleared(record: EnvironmentRecord): Promise<void> {
  const look = async (): Promise<Look<true>> => {
    const processes = [...record.nodes, { name: "fabric", process: record.fabric?.process }];
    const living = processes.filter(({ process }) => process && isSame(process)).map(({ name }) => name);
    const files = await readdir(join(stateDir, "environments"));
    const seen = [...living, ...files, ...(await listPorts())];
    return seen.length === 0 ? { done: true, value: true } : { done: false, seen: seen.join(", ") };
  };
  await waitFor(look, { what: "all to be cleared", timeoutMs: 4_000 });
}

async function until(what: string, holds: () => boolean): Promise<void> {
  const look = (): Look<true> => (holds() ? { done: true, value: true } : { done: false, seen: "not yet" });
  await waitFor(look, { what, timeoutMs: 4_000 });
}

function readEnvironment(id: string): EnvironmentRecord {
  const record = readRecord(recordPath(stateDir, id));
  if (record.phase === "held") throw new Error(`environment ${id} has not been started`);
  return record;
}

const listPorts = () => readdir(join(stateDir, "ports"));

function present<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("expected to be there");
  return value;
}
