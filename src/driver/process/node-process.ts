import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, fstatSync, openSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Look, waitFor } from "../../base/wait.ts";
import { DrillError, messageOf } from "../../model/errors.ts";
import type { NodePlan } from "../../model/plan.ts";
import type { ValkeyServer } from "../../valkey/server.ts";
import type { NodeExit, NodeState } from "../driver.ts";
import { untilAnswering } from "./answer.ts";
import { identify, isSame, type ProcessIdentity, runState, signal, untilGone } from "./identity.ts";

/** A node that does not answer PING for this long has failed to start; loading a large file may take seconds. */
const START_DEADLINE_MS = 15_000;
/** How long a graceful stop may take before SIGKILL ends it: it saves its data and tells its replicas. */
const STOP_DEADLINE_MS = 10_000;
/** How long the kernel may take to remove a killed process. */
const KILL_DEADLINE_MS = 5_000;
const LOG_LINES_SHOWN = 10;

export interface NodeProcessOptions {
  readonly plan: NodePlan;
  /** Its own folder: working folder of its process, and how a stray one is recognised. */
  readonly dir: string;
  readonly server: ValkeyServer;
  /** The process that the state file knows of now: another process may have restarted the node. */
  readonly recall: () => ProcessIdentity | undefined;
  /** Writes down what runs now. */
  readonly onChange: (identity: ProcessIdentity | undefined) => Promise<void>;
  readonly onUnexpectedExit: (exit: NodeExit) => void;
}

/** One node of an environment: its files, its process, its log. */
export class NodeProcess {
  readonly #options: NodeProcessOptions;
  #started: Started | undefined;
  #starting: Promise<void> | undefined;
  #exitExpected = false;

  constructor(options: NodeProcessOptions) {
    this.#options = options;
  }

  /** Writes the files of the plan: once, as Sentinel and the cluster rewrite theirs while they run. */
  async writeFiles(): Promise<void> {
    const { dir, plan } = this.#options;
    await mkdir(dir, { recursive: true });
    await Promise.all(Object.entries(plan.files).map(([name, text]) => writeFile(join(dir, name), text)));
  }

  /** The process of the node, if it is there. */
  get identity(): ProcessIdentity | undefined {
    const own = this.#started?.identity;
    if (own && isSame(own)) return own;
    const recalled = this.#options.recall();
    return recalled && isSame(recalled) ? recalled : undefined;
  }

  get state(): NodeState {
    const { identity } = this;
    const state = identity ? runState(identity) : "gone";
    return state === "gone" ? "stopped" : state;
  }

  /** It should be there, as far as is written down, and is not. */
  get isLost(): boolean {
    return this.#options.recall() !== undefined && !this.identity && !this.#exitExpected && !this.#starting;
  }

  /** Resolves once it answers; at once if it is running already. @throws DrillError `START_FAILED`, `PORT_IN_USE` */
  start(abort?: AbortSignal): Promise<void> {
    this.#starting ??= this.#start(abort).finally(() => {
      this.#starting = undefined;
    });
    return this.#starting;
  }

  async kill(): Promise<void> {
    const { identity } = this;
    if (!identity) return;
    this.#exitExpected = true;
    signal(identity, "SIGKILL", "group");
    await this.#untilGone(identity, KILL_DEADLINE_MS);
    await this.#options.onChange(undefined);
  }

  async stop(): Promise<void> {
    const { identity } = this;
    if (!identity) return;
    this.#exitExpected = true;
    signal(identity, "SIGTERM", "process");
    try {
      await this.#untilGone(identity, STOP_DEADLINE_MS);
    } catch (error) {
      if (!(error instanceof DrillError && error.code === "DEADLINE")) throw error;
      signal(identity, "SIGKILL", "group");
      await this.#untilGone(identity, KILL_DEADLINE_MS);
    }
    await this.#options.onChange(undefined);
  }

  async pause(): Promise<void> {
    await this.#signalUntil("SIGSTOP", "paused");
  }

  async resume(): Promise<void> {
    await this.#signalUntil("SIGCONT", "running");
  }

  /** All that it has logged, over all its starts; empty before the first. */
  async log(): Promise<string> {
    try {
      return await readFile(this.#logPath, "utf8");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return "";
      throw error;
    }
  }

  /** SIGKILL without waiting, for the end of the whole environment. */
  abandon(): void {
    this.#exitExpected = true;
    const { identity } = this;
    if (identity) signal(identity, "SIGKILL", "group");
  }

  /** Resolves once our child process, if there is one, has been reaped. */
  async untilReaped(): Promise<void> {
    this.#started?.child.ref();
    await this.#started?.exited;
  }

  /** Lets this program end although the node runs on. */
  unref(): void {
    this.#started?.child.unref();
  }

  get #logPath(): string {
    return join(this.#options.dir, "node.log");
  }

  async #start(abort?: AbortSignal): Promise<void> {
    if (this.identity) return;
    const { plan, dir, server, onChange } = this.#options;
    const started = launch(server, plan, dir, this.#logPath);
    this.#started = started;
    this.#exitExpected = false;
    const dead = new AbortController();
    const died = started.exited.then(async (exit) => {
      dead.abort();
      throw await this.#startFailure(started, describeExit(exit), exit.error);
    });
    died.catch(() => undefined); // it is raced below, and may well lose
    const { identity } = started;
    if (!identity) return await died;
    try {
      const answering = untilAnswering(plan.endpoint, {
        node: plan.name,
        pid: identity.pid,
        timeoutMs: START_DEADLINE_MS,
        signal: abort ? AbortSignal.any([abort, dead.signal]) : dead.signal,
      });
      answering.catch(() => undefined);
      await Promise.race([died, Promise.all([onChange(identity), answering])]);
    } catch (error) {
      if (dead.signal.aborted) await died; // throws, and knows more than "aborted"
      this.#exitExpected = true;
      signal(identity, "SIGKILL", "group");
      await started.exited;
      if (!(error instanceof DrillError && error.code === "DEADLINE")) throw error;
      throw await this.#startFailure(started, `did not start: ${error.message}`, error);
    }
    void started.exited.then((exit) => this.#reportIfUnexpected(started, exit));
  }

  async #reportIfUnexpected(started: Started, exit: Exit): Promise<void> {
    if (this.#exitExpected) return;
    const { code, signal } = exit;
    const log = lastLines(await this.#logSince(started.logOffset));
    this.#options.onUnexpectedExit({ node: this.#options.plan.name, code, signal, log });
  }

  async #startFailure(started: Started, what: string, cause: unknown): Promise<DrillError> {
    const { plan } = this.#options;
    const log = await this.#logSince(started.logOffset);
    const taken = /(\S+:\d+): bind: Address already in use/.exec(log)?.[1];
    if (taken) {
      return new DrillError("PORT_IN_USE", `${plan.name} cannot listen on ${taken}: the port is in use`, {
        hint: "choose another first port, or none, and free ones are found",
        cause,
      });
    }
    const shown = lastLines(log);
    const message = `${plan.name} ${what}${shown ? `; the end of its log:\n${shown}` : "; it logged nothing"}`;
    return new DrillError("START_FAILED", message, { hint: `its folder: ${this.#options.dir}`, cause });
  }

  async #logSince(offset: number): Promise<string> {
    return Buffer.from(await this.log())
      .subarray(offset)
      .toString("utf8");
  }

  async #untilGone(identity: ProcessIdentity, timeoutMs: number): Promise<void> {
    await untilGone([identity], timeoutMs);
    if (this.#started?.identity?.pid === identity.pid) await this.untilReaped();
  }

  async #signalUntil(name: "SIGSTOP" | "SIGCONT", wanted: NodeState): Promise<void> {
    const { plan } = this.#options;
    const { identity } = this;
    if (!identity && name === "SIGCONT") return;
    if (!identity) throw new DrillError("COMMAND_FAILED", `cannot pause ${plan.name}: it is not running`);
    signal(identity, name, "process");
    const look = (): Look<undefined> => {
      const seen = this.state;
      return seen === wanted ? { done: true, value: undefined } : { done: false, seen };
    };
    await waitFor(look, { what: `${plan.name} to be ${wanted}`, timeoutMs: 2_000, intervalMs: 2 });
  }
}

interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The program could not be started at all. */
  readonly error?: Error;
}

interface Started {
  readonly child: ChildProcess;
  readonly identity: ProcessIdentity | undefined;
  readonly exited: Promise<Exit>;
  /** How long the log was before this start. */
  readonly logOffset: number;
}

/** `detached` gives it a session of its own: Ctrl-C in the terminal is for the drill, which stops nodes in order. */
function launch(server: ValkeyServer, plan: NodePlan, dir: string, logPath: string): Started {
  const args = [...server.args, "node.conf", ...(plan.program === "sentinel" ? ["--sentinel"] : [])];
  const { PATH, TZ } = process.env;
  const log = openSync(logPath, "a");
  try {
    const logOffset = fstatSync(log).size;
    const env = { ...(PATH && { PATH }), ...(TZ && { TZ }), ...server.env };
    const child = spawn(server.command, args, { cwd: dir, env, stdio: ["ignore", log, log], detached: true });
    const exited = new Promise<Exit>((resolve) => {
      child.once("error", (error) => resolve({ code: null, signal: null, error }));
      child.once("exit", (code, signal) => resolve({ code, signal }));
    });
    const identity = child.pid === undefined ? undefined : identify(child.pid);
    return { child, identity, exited, logOffset };
  } finally {
    closeSync(log);
  }
}

function describeExit({ code, signal, error }: Exit): string {
  if (error) return `could not be started: ${messageOf(error)}`;
  return code === null
    ? `was ended by ${signal} while starting`
    : `ended with exit code ${code} while starting`;
}

function lastLines(text: string): string {
  return text.trimEnd().split("\n").slice(-LOG_LINES_SHOWN).join("\n");
}
