import { lstat, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pause, waitFor } from "../../base/wait.ts";
import type { NodeAccess } from "../../model/access.ts";
import { DrillError } from "../../model/errors.ts";
import type { NodePlan } from "../../model/plan.ts";
import { untilAnswering } from "../answer.ts";
import type { NodeState } from "../driver.ts";
import { plainFile } from "../plain-file.ts";
import { docker, tryDocker } from "./docker-cli.ts";

/** A node that does not answer PING for this long has failed to start. */
const START_DEADLINE_MS = 20_000;
const STOP_DEADLINE_MS = 10_000;
const STOP_REPEAT_MS = 500;
const KILL_DEADLINE_MS = 10_000;
/** How often a starting container is looked at, in case it ended. */
const LOOK_INTERVAL_MS = 250;
const LOG_LINES_SHOWN = 10;

/** What the engine says of a container. */
interface Sight {
  readonly state: NodeState;
  readonly exitCode: number;
}

/** One node's container, by its name. Nothing is kept here: the engine knows all there is to know. */
export class Container {
  readonly name: string;
  readonly #plan: NodePlan;
  readonly #network: string;
  readonly #access: NodeAccess | undefined;

  constructor(plan: NodePlan, project: string, access?: NodeAccess) {
    this.#plan = plan;
    this.#access = access;
    this.name = `${project}-${plan.name}-1`; // as Compose names it
    this.#network = `${project}_default`;
  }

  async look(): Promise<Sight> {
    const format = "{{.State.Status}} {{.State.ExitCode}}";
    const { code, stdout, stderr } = await tryDocker(["container", "inspect", "--format", format, this.name]);
    if (code !== 0 && /no such container/i.test(stderr)) return { state: "stopped", exitCode: 0 };
    if (code !== 0) throw new DrillError("COMMAND_FAILED", `docker inspect ${this.name}: ${stderr.trim()}`);
    const [status, exitCode] = stdout.trim().split(" ");
    const state = status === "running" || status === "paused" ? status : "stopped";
    return { state, exitCode: Number(exitCode) };
  }

  /** Resolves once it answers; at once if it is running already. @throws DrillError `START_FAILED`, `PORT_IN_USE` */
  async start(abort?: AbortSignal): Promise<void> {
    const before = (await this.#logText()).length;
    await docker(["start", this.name], { signal: abort });
    await this.untilAnswering(before, abort);
  }

  /** Waits for a container that was just started. `logOffset`: how long its log was before. */
  async untilAnswering(logOffset: number, abort?: AbortSignal): Promise<void> {
    const { name, endpoint } = this.#plan;
    const over = new AbortController();
    const signal = abort ? AbortSignal.any([abort, over.signal]) : over.signal;
    const answering = untilAnswering(endpoint, {
      node: name,
      pid: "any",
      access: this.#access,
      timeoutMs: START_DEADLINE_MS,
      signal,
    });
    const ended = this.#untilEnded(signal);
    try {
      const exitCode = await Promise.race([answering.then(() => undefined), ended]);
      if (exitCode === undefined) return;
      throw await this.#startFailure(`ended with exit code ${exitCode} while starting`, logOffset);
    } catch (error) {
      if (!(error instanceof DrillError && error.code === "DEADLINE")) throw error;
      throw await this.#startFailure(`did not start: ${error.message}`, logOffset);
    } finally {
      over.abort();
      await Promise.allSettled([answering, ended]);
    }
  }

  /** @returns was it running, so that an end of it is to be expected? */
  async kill(): Promise<boolean> {
    const { code, stderr } = await tryDocker(["kill", this.name]);
    if (code !== 0 && !/is not running|no such container/i.test(stderr)) {
      throw new DrillError("COMMAND_FAILED", `docker kill ${this.name}: ${stderr.trim()}`);
    }
    await this.#untilStopped(KILL_DEADLINE_MS);
    return code === 0;
  }

  /** SIGTERM, again and again, as a server that is just writing its first append-only file forgets the first one. */
  async stop(): Promise<void> {
    if ((await this.look()).state === "paused") await this.resume();
    const patienceEnds = performance.now() + STOP_DEADLINE_MS;
    while ((await this.look()).state === "running" && performance.now() < patienceEnds) {
      await tryDocker(["kill", "--signal", "TERM", this.name]); // it may have ended since we looked
      await this.#untilStopped(STOP_REPEAT_MS).catch(unlessDeadline);
    }
    await this.kill();
  }

  async pause(): Promise<void> {
    if ((await this.look()).state !== "running")
      throw new DrillError("COMMAND_FAILED", `cannot pause ${this.#plan.name}: it is not running`);
    await docker(["pause", this.name]);
  }

  async resume(): Promise<void> {
    if ((await this.look()).state === "paused") await docker(["unpause", this.name]);
  }

  /** Takes it off its network, so that neither other nodes nor clients reach it. Idempotent. */
  async disconnect(): Promise<void> {
    if (await this.#isConnected()) await docker(["network", "disconnect", this.#network, this.name]);
  }

  /** Puts it back at its own address. Idempotent. */
  async connect(): Promise<void> {
    if (await this.#isConnected()) return;
    const { announced, fabric } = this.#plan.endpoint;
    const own = fabric?.containerHost ?? announced?.host;
    const address = own ? ["--ip", own] : [];
    await docker(["network", "connect", ...address, this.#network, this.name]);
  }

  /** Everything it has logged over all its starts. */
  async log(): Promise<string> {
    return await this.#logText();
  }

  /** The text of a file in it, whether it runs or not. @throws DrillError `COMMAND_FAILED` */
  async file(path: string): Promise<string> {
    const dir = await mkdtemp(join(tmpdir(), "valkey-drill-file-"));
    try {
      const copy = join(dir, "file");
      // A link (/dev/stdout, say) is copied as a link: it would lead to a file of this machine.
      const { code, stderr } = await tryDocker(["cp", `${this.name}:${path}`, copy]);
      if (code !== 0)
        throw new DrillError(
          "COMMAND_FAILED",
          `${path} of ${this.#plan.name} cannot be read: ${stderr.trim()}`,
        );
      if (!(await lstat(copy)).isFile())
        throw new DrillError("COMMAND_FAILED", `${path} of ${this.#plan.name} is no regular file`);
      return await plainFile(copy);
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  }

  async #logText(): Promise<string> {
    const { code, stdout, stderr } = await tryDocker(["logs", this.name]);
    return code === 0 ? stdout + stderr : "";
  }

  async #isConnected(): Promise<boolean> {
    const format = "{{range $name, $_ := .NetworkSettings.Networks}}{{$name}} {{end}}";
    const names = await docker(["container", "inspect", "--format", format, this.name]);
    return names.split(" ").includes(this.#network);
  }

  async #untilEnded(signal: AbortSignal): Promise<number | undefined> {
    for (;;) {
      await pause(LOOK_INTERVAL_MS, signal);
      const { state, exitCode } = await this.look();
      if (state === "stopped") return exitCode;
    }
  }

  async #untilStopped(timeoutMs: number): Promise<void> {
    await waitFor(
      async () => {
        const { state } = await this.look();
        return state === "stopped"
          ? { done: true, value: undefined }
          : { done: false, seen: `it is ${state}` };
      },
      { what: `${this.#plan.name} to end`, timeoutMs, intervalMs: 10 },
    );
  }

  async #startFailure(what: string, logOffset: number): Promise<DrillError> {
    const log = (await this.#logText()).slice(logOffset).trimEnd();
    const shown = log.split("\n").slice(-LOG_LINES_SHOWN).join("\n");
    const message = `${this.#plan.name} ${what}${shown ? `; the end of its log:\n${shown}` : "; it logged nothing"}`;
    return new DrillError("START_FAILED", message);
  }
}

function unlessDeadline(error: unknown): void {
  if (!(error instanceof DrillError && error.code === "DEADLINE")) throw error;
}
