import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { closeSync, openSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { DrillError } from "../../../model/errors.ts";
import type { Plan } from "../../../model/plan.ts";
import type { ControlAddress } from "../../fabric/control.ts";
import { type Orders, RECORDED, type Ready } from "../../fabric/messages.ts";
import { fabricNodes } from "../../fabric/plan.ts";
import { identify, type ProcessIdentity } from "../../identity.ts";

/** Beside this module, in the same form: from TypeScript sources only a Node that runs them can start it. */
const PROGRAM = fileURLToPath(new URL(`../../fabric/main${extname(import.meta.url)}`, import.meta.url));
/** It needs about 50 ms; a busy machine may need more. */
const READY_MS = 10_000;

export interface FabricOptions {
  readonly plan: Plan;
  /** Its working folder, made here; its log is kept there. */
  readonly dir: string;
  /** What to run in place of the program beside this module. */
  readonly program?: string;
  readonly signal?: AbortSignal;
}

/** A fabric that has just been started and listens. */
export interface FabricProcess {
  readonly identity: ProcessIdentity;
  readonly control: ControlAddress;
  /** To be called once it is written down who it is: from then on it outlives this process. */
  recorded(): void;
  readonly exited: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
  log(): Promise<string>;
  /** Lets this program end although it runs on. */
  unref(): void;
  ref(): void;
}

/**
 * Starts the fabric of a plan. Resolves once every announced address is listened at.
 *
 * @throws DrillError `PORT_IN_USE`, `START_FAILED`
 */
export async function startFabric({ plan, dir, program, signal }: FabricOptions): Promise<FabricProcess> {
  await mkdir(dir, { recursive: true });
  const token = randomBytes(16).toString("hex");
  const child = spawnIn(dir, program ?? PROGRAM);
  const exited = exitOf(child);
  try {
    child.stdin?.write(`${JSON.stringify({ nodes: fabricNodes(plan), token } satisfies Orders)}\n`);
    const ready = await untilReady(child, exited, dir, signal);
    const identity = child.pid === undefined ? undefined : identify(child.pid);
    if (!identity) throw new DrillError("START_FAILED", "the fabric of the links ended at once");
    return {
      identity,
      control: { port: ready.port, token },
      recorded: () => child.stdin?.end(`${RECORDED}\n`),
      exited,
      log: () => readFile(logPath(dir), "utf8"),
      unref: () => child.unref(),
      ref: () => child.ref(),
    };
  } catch (error) {
    child.kill("SIGKILL");
    await exited;
    throw error;
  }
}

/** In a session of its own, as the nodes: Ctrl-C in the terminal is for the drill. */
function spawnIn(dir: string, program: string): ChildProcess {
  const { PATH } = process.env;
  const log = openSync(logPath(dir), "a");
  try {
    const child = spawn(process.execPath, [program], {
      cwd: dir,
      env: PATH ? { PATH } : {},
      stdio: ["pipe", "pipe", log],
      detached: true,
    });
    child.stdin?.on("error", () => undefined); // it has ended: that is told by its exit
    return child;
  } finally {
    closeSync(log);
  }
}

function exitOf(child: ChildProcess): FabricProcess["exited"] {
  return new Promise((resolve) => {
    child.once("exit", (code, signal) => resolve({ code, signal }));
    child.once("error", () => resolve({ code: null, signal: null }));
  });
}

async function untilReady(
  child: ChildProcess,
  exited: FabricProcess["exited"],
  dir: string,
  signal?: AbortSignal,
): Promise<Extract<Ready, { port: number }>> {
  const deadline = AbortSignal.timeout(READY_MS);
  const ended = AbortSignal.any(signal ? [deadline, signal] : [deadline]);
  const line = await Promise.race([firstLine(child), exited.then(() => undefined), aborted(ended)]);
  signal?.throwIfAborted();
  if (line === undefined) {
    const what = deadline.aborted ? `did not start within ${READY_MS} ms` : "ended while starting";
    const log = (await readFile(logPath(dir), "utf8")).trim();
    throw new DrillError("START_FAILED", `the fabric of the links ${what}${log && `; it logged:\n${log}`}`);
  }
  const ready = JSON.parse(line) as Ready;
  if ("port" in ready) return ready;
  if (ready.code === "EADDRINUSE")
    throw new DrillError("PORT_IN_USE", `the fabric cannot listen on ${ready.address}: the port is in use`, {
      hint: "choose another first port, or none, and free ones are found",
    });
  throw new DrillError("START_FAILED", `the fabric of the links cannot listen: ${ready.error}`);
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    let text = "";
    child.stdout?.setEncoding("utf8").on("data", (more: string) => {
      text += more;
      if (text.includes("\n")) {
        child.stdout?.destroy();
        resolve(text);
      }
    });
  });
}

function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    else signal.addEventListener("abort", () => resolve(undefined), { once: true });
  });
}

const logPath = (dir: string) => join(dir, "fabric.log");
