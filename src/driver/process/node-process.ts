import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Look, waitFor } from "../../base/wait.ts";
import type { NodeAccess } from "../../model/access.ts";
import { DrillError } from "../../model/errors.ts";
import type { NodePlan } from "../../model/plan.ts";
import { lastLines as lastOutput, runProgram } from "../../valkey/run-program.ts";
import type { ValkeyServer } from "../../valkey/server.ts";
import { untilAnswering } from "../answer.ts";
import type { NodeExit, NodeState } from "../driver.ts";
import { isSame, type ProcessIdentity, runState, signal, untilGone } from "../identity.ts";
import type { HelperName } from "./capabilities/helper-name.ts";
import { describeExit, type Exit, launch, type Started } from "./launch.ts";

/** A node that does not answer PING for this long has failed to start; loading a large file may take seconds. */
const START_DEADLINE_MS = 15_000;
/** How long a graceful stop may take before SIGKILL ends it: it saves its data and tells its replicas. */
const STOP_DEADLINE_MS = 10_000;
const STOP_REPEAT_MS = 250;
/** How long the kernel may take to remove a killed process. */
const KILL_DEADLINE_MS = 5_000;
/** How long a script may take that copies or removes a node's data. */
const SCRIPT_DEADLINE_MS = 20_000;
const LOG_LINES_SHOWN = 10;

export interface NodeProcessOptions {
  readonly plan: NodePlan;
  /** How it is reached, where it does not take everybody. */
  readonly access?: NodeAccess;
  /** Its own folder: working folder of its process, and how a stray one is recognised. */
  readonly dir: string;
  readonly server: () => ValkeyServer;
  /** The process that the state file knows of now: another process may have restarted the node. */
  readonly recall: () => ProcessIdentity | undefined;
  /** What keeps up a fault from outside of it, while that runs. */
  readonly helper: (name: HelperName) => ProcessIdentity | undefined;
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
  #mayEnd = false;

  constructor(options: NodeProcessOptions) {
    this.#options = options;
  }

  /** Writes the files of the plan: once, as Sentinel and the cluster rewrite theirs while they run. */
  async writeFiles(): Promise<void> {
    const { dir, plan } = this.#options;
    await mkdir(dir, { recursive: true, ...(plan.secret && { mode: 0o700 }) });
    const mode = plan.secret ? 0o600 : 0o666;
    const files = Object.entries(plan.files);
    await Promise.all(files.map(([name, text]) => writeFile(join(dir, name), text, { mode })));
  }

  /** As before its first start: nothing of its own is left but its log. It must not run. */
  async renew(): Promise<void> {
    const { dir } = this.#options;
    const names = (await readdir(dir)).filter((name) => join(dir, name) !== this.#logPath);
    await Promise.all(names.map((name) => rm(join(dir, name), { recursive: true, force: true })));
    await this.writeFiles();
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
    if (!identity) return "stopped";
    // What throttles it stops it again and again: they are paused together.
    const state = runState(this.#options.helper("cpu") ?? identity);
    return state === "gone" ? "stopped" : state;
  }

  /** It should be there, as far as is written down, and is not. */
  get isLost(): boolean {
    const expected = this.#exitExpected || this.#mayEnd || this.#starting;
    return this.#options.recall() !== undefined && !this.identity && !expected;
  }

  /** Resolves once it answers; at once if it is running already. @throws DrillError `START_FAILED`, `PORT_IN_USE` */
  start(abort?: AbortSignal): Promise<void> {
    this.#starting ??= this.#start(abort).finally(() => {
      this.#starting = undefined;
    });
    return this.#starting;
  }

  /** It may end by itself from now on, until it is started again. */
  expectExit(): void {
    this.#mayEnd = true;
  }

  async kill(): Promise<void> {
    const { identity } = this;
    if (!identity) return this.#settle();
    this.#exitExpected = true;
    signal(identity, "SIGKILL", "group");
    await this.#untilGone(identity, KILL_DEADLINE_MS);
    await this.#options.onChange(undefined);
  }

  /**
   * SIGTERM, again and again: a server that is just writing its first append-only file refuses the first one and
   * forgets it. SIGKILL after the deadline.
   */
  async stop(): Promise<void> {
    const { identity } = this;
    if (!identity) return this.#settle();
    this.#exitExpected = true;
    const patienceEnds = performance.now() + STOP_DEADLINE_MS;
    while (isSame(identity) && performance.now() < patienceEnds) {
      signal(identity, "SIGTERM", "process");
      signal(identity, "SIGCONT", "process"); // a paused one could not hear it
      await untilGone([identity], STOP_REPEAT_MS).catch(unlessDeadline);
    }
    signal(identity, "SIGKILL", "group");
    await this.#untilGone(identity, KILL_DEADLINE_MS);
    await this.#options.onChange(undefined);
  }

  /** From its next start on it tells others that it is there; the server may have rewritten the file. */
  async announce(host: string): Promise<void> {
    const path = join(this.#options.dir, "node.conf");
    const text = await readFile(path, "utf8");
    await writeFile(path, text.replaceAll(/^((?:replica|cluster)-announce-ip) .*$/gm, `$1 ${host}`));
  }

  /** Runs a shell script in its folder. @throws DrillError `COMMAND_FAILED` */
  async inFolder(script: string, input?: string): Promise<string> {
    const { dir, plan } = this.#options;
    const { PATH } = process.env;
    const env = PATH ? { PATH } : {};
    const finished = await runProgram("/bin/sh", ["-euc", script], {
      cwd: dir,
      env,
      input,
      timeoutMs: SCRIPT_DEADLINE_MS,
    });
    if (finished.code === 0 && !finished.problem) return finished.stdout;
    const said = finished.problem ?? lastOutput(finished);
    throw new DrillError("COMMAND_FAILED", `in the folder of ${plan.name}: ${said}`);
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
    const isThere = this.identity !== undefined;
    if (!isThere) await this.untilReaped(); // or the end of the last process would be told as that of the next
    this.#mayEnd = false;
    if (isThere) return;
    const { plan, access, dir, server, onChange } = this.#options;
    const started = launch({ server: server(), plan, dir, logPath: this.#logPath });
    const { identity } = started;
    this.#started = started;
    this.#exitExpected = false;
    const dead = new AbortController();
    const exited = started.exited.then((exit) => {
      dead.abort();
      return exit;
    });
    try {
      if (!identity) await exited; // it ended before it could be looked at, or there is no such program
      dead.signal.throwIfAborted();
      const answering = untilAnswering(plan.endpoint, {
        node: plan.name,
        pid: identity?.pid,
        access,
        timeoutMs: START_DEADLINE_MS,
        signal: abort ? AbortSignal.any([abort, dead.signal]) : dead.signal,
      });
      await Promise.all([onChange(identity), answering]);
    } catch (error) {
      if (dead.signal.aborted) {
        const how = describeExit(await exited);
        await this.#settle();
        throw await this.#startFailure(started, how, error);
      }
      this.#exitExpected = true;
      if (identity) signal(identity, "SIGKILL", "group");
      await exited;
      if (!(error instanceof DrillError && error.code === "DEADLINE")) throw error;
      throw await this.#startFailure(started, `did not start: ${error.message}`, error);
    }
    void exited.then((exit) => this.#reportIfUnexpected(started, exit));
  }

  /** It is gone, and is to stay so: what is written down says so too. */
  async #settle(): Promise<void> {
    if (this.#options.recall()) await this.#options.onChange(undefined);
  }

  async #reportIfUnexpected(started: Started, exit: Exit): Promise<void> {
    if (this.#exitExpected || this.#mayEnd) return;
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
    if (name === "SIGSTOP" && this.#options.helper("disk"))
      throw new DrillError("COMMAND_FAILED", `cannot pause ${plan.name} while its disk is slow`);
    const throttle = this.#options.helper("cpu");
    for (const one of throttle ? [throttle, identity] : [identity]) signal(one, name, "process");
    const look = (): Look<undefined> => {
      const seen = this.state;
      return seen === wanted ? { done: true, value: undefined } : { done: false, seen };
    };
    await waitFor(look, { what: `${plan.name} to be ${wanted}`, timeoutMs: 2_000, intervalMs: 2 });
  }
}

function unlessDeadline(error: unknown): void {
  if (!(error instanceof DrillError && error.code === "DEADLINE")) throw error;
}

function lastLines(text: string): string {
  return text.trimEnd().split("\n").slice(-LOG_LINES_SHOWN).join("\n");
}
