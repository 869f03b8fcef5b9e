import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Look, waitFor } from "../../base/wait.ts";
import { accessOf } from "../../model/access.ts";
import type { Capability } from "../../model/capabilities.ts";
import { DrillError } from "../../model/errors.ts";
import type { NodePlan, Plan } from "../../model/plan.ts";
import {
  type NodeActions,
  type NodeExit,
  type NodeState,
  nodeOf,
  type RunningTopology,
  type StartOptions,
} from "../driver.ts";
import { type ControlAddress, linkControl } from "../fabric/control.ts";
import type { LinkControl } from "../links.ts";
import { releasePorts } from "../ports.ts";
import { startingText, wavesOf } from "../waves.ts";
import { containerActions } from "./capabilities.ts";
import { Container } from "./container.ts";
import { docker } from "./docker-cli.ts";
import { watchDeaths } from "./exits.ts";
import { FABRIC, fabricLog } from "./fabric-container.ts";
import { removeLabelled, removeNodes } from "./labels.ts";
import { forgetEnvironment } from "./state.ts";

const LOG_LINES_SHOWN = 10;
/** The engine tells of an end within milliseconds. */
const TOLD_MS = 2_000;

export interface DockerTopologyOptions {
  readonly id: string;
  readonly plan: Plan;
  readonly dir: string;
  readonly detached: boolean;
  readonly capabilities: ReadonlySet<Capability>;
  /** Where the fabric takes requests; absent: links go their own way. */
  readonly control?: ControlAddress;
  readonly stateDir: string;
  /** Makes the containers and their volumes; absent where another process did. */
  readonly create?: () => Promise<void>;
}

/** The Compose project of an environment, its network, and the container of its fabric. */
export const projectName = (id: string) => `valkey-drill-${id}`;
export const networkName = (id: string) => `${projectName(id)}_default`;
export const fabricName = (id: string) => `${projectName(id)}-${FABRIC}`;

/** An environment of containers: just started here, or found by its labels. */
export class DockerTopology implements RunningTopology {
  readonly id: string;
  readonly plan: Plan;
  readonly dir: string;
  readonly capabilities: ReadonlySet<Capability>;
  readonly detached: boolean;
  readonly nodeActions: NodeActions;
  readonly links: LinkControl | undefined;
  readonly renew: RunningTopology["renew"];
  readonly #stateDir: string;
  readonly #containers: ReadonlyMap<string, Container>;
  readonly #exits = new Map<string, NodeExit>();
  readonly #listeners = new Set<(exit: NodeExit) => void>();
  /** Ends of containers that we caused and that the engine has not told of yet, by node. */
  readonly #expected = new Map<string, number>();
  /** Nodes that may end by themselves. `untold`: if one is stopped, the engine has yet to tell that it ended. */
  readonly #mayEnd = new Map<string, { untold: boolean }>();
  #watch: { stop(): void } | undefined;
  #closing: Promise<void> | undefined;
  #closed = false;

  constructor(options: DockerTopologyOptions) {
    const { id, plan, dir, detached, capabilities, control, stateDir, create } = options;
    this.id = id;
    this.plan = plan;
    this.dir = dir;
    this.detached = detached;
    this.capabilities = capabilities;
    this.#stateDir = stateDir;
    const project = projectName(id);
    this.#containers = new Map(
      plan.nodes.map((node) => [node.name, new Container(node, project, accessOf(plan, node))]),
    );
    this.links = control && linkControl(() => control);
    this.nodeActions = containerActions(id, (node) => this.#of(node));
    if (create) this.renew = (given = {}) => this.#renew(create, given);
  }

  /** Starts the containers, which have been made, wave by wave. */
  async startAll(options: Pick<StartOptions, "signal" | "onProgress" | "beforeWave">): Promise<void> {
    const now = await docker(["info", "--format", "{{.SystemTime}}"], { signal: options.signal });
    this.#watch = watchDeaths(this.id, now, (node, code) => this.#died(node, code));
    await this.#startWaves(options);
  }

  async #renew(
    create: () => Promise<void>,
    options: Pick<StartOptions, "signal" | "beforeWave">,
  ): Promise<void> {
    const names = this.plan.nodes.map(({ name }) => name);
    await Promise.all(names.map((name) => this.kill(name)));
    for (const name of names) await this.#untilTold(name);
    await removeNodes(
      this.id,
      names.map((name) => this.#of(name).name),
    );
    await create();
    this.#mayEnd.clear();
    this.#exits.clear();
    await this.#startWaves(options);
  }

  async #startWaves(options: Pick<StartOptions, "signal" | "onProgress" | "beforeWave">): Promise<void> {
    const { signal, onProgress, beforeWave } = options;
    for (const { wave, nodes } of wavesOf(this.plan)) {
      await beforeWave?.(wave);
      onProgress?.(startingText(nodes));
      await this.#startWave(nodes, signal);
    }
  }

  lacks(capability: Capability): string | undefined {
    return capability === "cut-links"
      ? "It was started without power over its links: start one with valkey-drill up ha --driver docker --links (or " +
          "cluster)."
      : undefined;
  }

  async state(node: string): Promise<NodeState> {
    const container = this.#of(node);
    return this.#closed ? "stopped" : (await container.look()).state;
  }

  async kill(node: string): Promise<void> {
    await this.#expecting(node, (container) => container.kill());
  }

  async stop(node: string): Promise<void> {
    await this.#expecting(node, (container) => container.stop());
  }

  async start(node: string): Promise<void> {
    const container = this.#of(node);
    if (this.#closing) throw new DrillError("NO_ENVIRONMENT", `environment ${this.id} is closed`);
    const { state } = await container.look();
    if (state !== "running") {
      await this.#untilTold(node);
      await container.start();
    }
    this.#mayEnd.delete(node);
    this.#exits.delete(node);
  }

  async expectExit(node: string): Promise<void> {
    this.#mayEnd.set(node, { untold: (await this.#of(node).look()).state !== "stopped" });
  }

  async pause(node: string): Promise<void> {
    await this.#of(node).pause();
  }

  async resume(node: string): Promise<void> {
    await this.#of(node).resume();
  }

  async disconnect(node: string): Promise<void> {
    await this.#of(node).disconnect();
  }

  async connect(node: string): Promise<void> {
    await this.#of(node).connect();
  }

  async fileOf(node: string, path: string): Promise<string> {
    return await this.#of(node).file(path);
  }

  async log(node: string): Promise<string> {
    const container = this.#of(node);
    return this.#closed ? await readFile(this.#logPath(node), "utf8") : await container.log();
  }

  onUnexpectedExit(listener: (exit: NodeExit) => void): () => void {
    this.#listeners.add(listener);
    for (const exit of this.#exits.values()) listener(exit);
    // Of an environment that another process started, what happened before is not known, nor is it for us to tell.
    this.#watch ??= watchDeaths(this.id, String(Math.floor(Date.now() / 1000)), (name, code) =>
      this.#died(name, code),
    );
    return () => this.#listeners.delete(listener);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#watch?.stop();
    try {
      await this.#saveLogs();
    } finally {
      await removeLabelled(this.id);
      this.#closed = true;
      releasePorts(this.#stateDir, this.id);
      forgetEnvironment(this.#stateDir, this.id);
    }
  }

  async #saveLogs(): Promise<void> {
    const save = async (name: string, path: string, log: string) => {
      await mkdir(join(this.dir, name), { recursive: true });
      await writeFile(path, log);
    };
    for (const [name, container] of this.#containers)
      await save(name, this.#logPath(name), await container.log());
    if (this.links)
      await save(FABRIC, join(this.dir, FABRIC, "fabric.log"), await fabricLog(fabricName(this.id)));
  }

  async #startWave(nodes: readonly NodePlan[], signal?: AbortSignal): Promise<void> {
    const containers = nodes.map(({ name }) => this.#of(name));
    await docker(["start", ...containers.map(({ name }) => name)], { signal });
    const ends = await Promise.allSettled(containers.map((container) => container.untilAnswering(0, signal)));
    const failed = ends.find((end) => end.status === "rejected");
    if (failed) throw failed.reason;
  }

  async #expecting(node: string, act: (container: Container) => Promise<unknown>): Promise<void> {
    const container = this.#of(node);
    if ((await container.look()).state === "stopped") return;
    this.#expected.set(node, (this.#expected.get(node) ?? 0) + 1);
    if (this.#mayEnd.has(node)) this.#mayEnd.set(node, { untold: false }); // this end is told as an expected one
    await act(container);
  }

  /** An end that was to be expected must be told before the next start, or it would be taken for an end of that. */
  async #untilTold(node: string): Promise<void> {
    if (!this.#watch) return;
    const look = (): Look<undefined> =>
      this.#mayEnd.get(node)?.untold ? { done: false, seen: "nothing" } : { done: true, value: undefined };
    await waitFor(look, { what: `the engine to tell that ${node} ended`, timeoutMs: TOLD_MS, intervalMs: 5 });
  }

  #died(node: string, code: number): void {
    const expected = this.#expected.get(node) ?? 0;
    if (expected > 0) this.#expected.set(node, expected - 1);
    else if (this.#mayEnd.has(node)) this.#mayEnd.set(node, { untold: false });
    else void this.#report(node, code);
  }

  async #report(node: string, code: number): Promise<void> {
    if (this.#closing) return;
    const logged = node === FABRIC ? fabricLog(fabricName(this.id)) : this.#of(node).log();
    const text = await logged.catch(() => ""); // the engine may be going down with its containers
    const log = text.trimEnd().split("\n").slice(-LOG_LINES_SHOWN).join("\n");
    const exit: NodeExit = { node, code, signal: code === 137 ? "SIGKILL" : null, log };
    this.#exits.set(node, exit);
    for (const listener of this.#listeners) listener(exit);
  }

  #of(name: string): Container {
    return this.#containers.get(nodeOf(this.plan, name).name) as Container;
  }

  #logPath(node: string): string {
    return join(this.dir, node, "node.log");
  }
}
