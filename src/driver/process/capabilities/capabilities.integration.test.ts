import { spawn } from "node:child_process";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type TestEnvironment, testEnvironment, until } from "../../../session/environment.test-data.ts";
import type { NodeActions } from "../../driver.ts";
import { identify, isSame, type ProcessIdentity } from "../../identity.ts";
import { defaultStateDir } from "../../state-dir.ts";
import { readRecord, recordPath } from "../state.ts";
import { moveClock } from "./clock.ts";
import { lacksFileLimit, lacksTracer, slowFsync } from "./disk.ts";
import { processCapabilities } from "./index.ts";
import { symbolsOf } from "./vdso.ts";

/* What the faults' own suite does not play: several capabilities at once, and processes that end meanwhile. */

const linux = process.platform === "linux";
const { capabilities, lacks } = processCapabilities();
let environment: TestEnvironment;
let nodeActions: Required<NodeActions>;

beforeAll(async () => {
  environment = await testEnvironment({ kind: "ha", replicas: 1, sentinels: 1, downAfterMs: 600_000 });
  nodeActions = environment.topology.nodeActions as Required<NodeActions>;
}, 60_000);
afterAll(() => environment?.close());
afterEach(() => environment.topology.start("replica-1"));

describe.runIf(capabilities.has("throttle-cpu"))("a throttled node", () => {
  it("can be paused and resumed, and stays paused when the throttle is lifted", async () => {
    const { topology, admins } = environment;
    await nodeActions.setCpuShare("replica-1", 0.2);
    const helper = helperOf("replica-1", "cpu");
    await topology.pause("replica-1");
    expect(await topology.state("replica-1")).toBe("paused");
    await expect(admins.of("replica-1").call(["PING"], 300)).rejects.toThrow("no answer");
    await topology.resume("replica-1");
    expect(await topology.state("replica-1")).toBe("running");
    expect(await admins.of("replica-1").call(["PING"])).toBe("PONG");

    await topology.pause("replica-1");
    await nodeActions.setCpuShare("replica-1", 1);
    expect(isSame(helper)).toBe(false);
    expect(await topology.state("replica-1")).toBe("paused");
    await topology.resume("replica-1");
  });

  it("has one throttle at a time, which ends when the node does", async () => {
    const { topology, admins } = environment;
    await nodeActions.setCpuShare("replica-1", 0.5);
    const first = helperOf("replica-1", "cpu");
    await nodeActions.setCpuShare("replica-1", 0.1);
    const second = helperOf("replica-1", "cpu");
    expect(isSame(first)).toBe(false);
    await topology.kill("replica-1");
    await untilGone(second);
    await topology.start("replica-1");
    expect(await topology.state("replica-1")).toBe("running");
    expect(await admins.of("replica-1").call(["PING"])).toBe("PONG");
    await nodeActions.setCpuShare("replica-1", 1);
  });

  it("that is not running cannot be throttled, but the throttle can be lifted", async () => {
    await environment.topology.kill("replica-1");
    await expect(nodeActions.setCpuShare("replica-1", 0.5)).rejects.toMatchObject({ code: "COMMAND_FAILED" });
    await nodeActions.setCpuShare("replica-1", 1);
  });
});

describe.runIf(capabilities.has("slow-disk"))("a node with a slow disk", () => {
  it("cannot be paused, as its watcher stands in the way; when it is killed, the watcher ends", async () => {
    await nodeActions.setFsyncDelay("replica-1", 10);
    const helper = helperOf("replica-1", "disk");
    await expect(environment.topology.pause("replica-1")).rejects.toThrow("while its disk is slow");
    await environment.topology.kill("replica-1");
    await untilGone(helper);
    await nodeActions.setFsyncDelay("replica-1", 0);
  });

  it("cannot be one that is gone: the error tells what strace said", async () => {
    await expect(slowFsync(await aDeadProcess(), 10)).rejects.toMatchObject({ code: "COMMAND_FAILED" });
  });
});

describe.runIf(capabilities.has("limit-disk"))("a node with a full disk", () => {
  it("has room again once it was started anew", async () => {
    const { topology, admins } = environment;
    await nodeActions.setDiskFull("primary", true);
    await topology.kill("primary");
    await nodeActions.setDiskFull("primary", false);
    await topology.start("primary");
    expect(await admins.of("primary").call(["SET", "key", "1"])).toBe("OK");
  });
});

describe.runIf(capabilities.has("skew-clock"))("a node whose clock was moved", () => {
  it("may have it moved again, while it is busy; the machine's own clock stays as it is", async () => {
    const admin = environment.admins.of("primary");
    const busy = Array.from({ length: 20 }, () =>
      admin.pipeline(Array.from({ length: 500 }, () => ["TIME"])),
    );
    for (const seconds of [100, -100, 1_000_000, 0, 5]) {
      await nodeActions.setClockOffset("primary", seconds);
      expect(await secondsOff("primary")).toBeCloseTo(seconds, -1);
    }
    await Promise.all(busy);
    await nodeActions.setClockOffset("primary", 0);
    expect(await secondsOff("primary")).toBeCloseTo(0, -1);
  });

  it("has the right time once it was started anew", async () => {
    await nodeActions.setClockOffset("replica-1", 7200);
    await environment.topology.kill("replica-1");
    await nodeActions.setClockOffset("replica-1", 0);
    await environment.topology.start("replica-1");
    expect(await secondsOff("replica-1")).toBeCloseTo(0, -1);
  });

  it("stays paused, if it was", async () => {
    await environment.topology.pause("replica-1");
    await nodeActions.setClockOffset("replica-1", 7200);
    expect(await environment.topology.state("replica-1")).toBe("paused");
    await environment.topology.resume("replica-1");
    expect(await secondsOff("replica-1")).toBeCloseTo(7200, -1);
  });

  it("cannot be one that is gone", async () => {
    await expect(moveClock(await aDeadProcess(), 1)).rejects.toMatchObject({ code: "COMMAND_FAILED" });
  });
});

describe("what a machine lacks", () => {
  it.runIf(linux)("is told with what would give it", () => {
    const { PATH } = process.env;
    try {
      process.env.PATH = "/no-such-folder";
      expect(lacksTracer()).toContain("apt-get install strace");
      expect(lacksFileLimit()).toContain("apt-get install util-linux");
      expect(processCapabilities().capabilities).not.toContain("slow-disk");
    } finally {
      process.env.PATH = PATH;
    }
  });

  it("is nothing that the driver never has", () => {
    expect(lacks("disconnect")).toBeUndefined();
    expect(capabilities).not.toContain("disconnect");
  });

  it("may be a vDSO that cannot be understood", () => {
    expect(() => symbolsOf(Buffer.alloc(100))).toThrow("no ELF image");
  });
});

function helperOf(node: string, name: string): ProcessIdentity {
  const record = readRecord(recordPath(defaultStateDir(), environment.topology.id));
  if (record.phase === "held") throw new Error("it has not been started");
  const helper = record.nodes.find((one) => one.name === node)?.helpers?.[name];
  if (!helper) throw new Error(`${node} has no helper ${name}`);
  return helper;
}

async function untilGone(helper: ProcessIdentity): Promise<void> {
  await until("the helper to end", async () => !isSame(helper) || "it is there");
}

async function aDeadProcess(): Promise<ProcessIdentity> {
  const child = spawn("sleep", ["60"], { stdio: "ignore" });
  await new Promise((resolve) => child.once("spawn", resolve));
  const identity = identify(child.pid as number);
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await ended;
  if (!identity) throw new Error("it was never there");
  return identity;
}

async function secondsOff(node: string): Promise<number> {
  const [seconds] = (await environment.admins.of(node).call(["TIME"])) as string[];
  return Number(seconds) - Date.now() / 1000;
}
