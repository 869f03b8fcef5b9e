import { join } from "node:path";
import { accessOf } from "../../model/access.ts";
import type { Capability } from "../../model/capabilities.ts";
import { DrillError } from "../../model/errors.ts";
import type { Plan } from "../../model/plan.ts";
import type { ValkeyServer } from "../../valkey/server.ts";
import {
  type NodeActions,
  type NodeExit,
  type NodeState,
  nodeOf,
  type RunningTopology,
  type StartOptions,
} from "../driver.ts";
import { linkControl } from "../fabric/control.ts";
import { needsFabric } from "../fabric/plan.ts";
import { isSame, type ProcessIdentity, signal, untilGone } from "../identity.ts";
import type { LinkControl } from "../links.ts";
import { plainFile } from "../plain-file.ts";
import { startingText, wavesOf } from "../waves.ts";
import type { HelperName } from "./capabilities/helper-name.ts";
import { lacksFabric, processCapabilities, topologyCapabilities } from "./capabilities/index.ts";
import { nodeActions } from "./capabilities/node-actions.ts";
import { clearEnvironment } from "./clear.ts";
import { eachBounded } from "./each-bounded.ts";
import { type FabricProcess, startFabric } from "./fabric/fabric-process.ts";
import type { Guardian } from "./guardian.ts";
import { NodeProcess } from "./node-process.ts";
import { type EnvironmentRecord, recordPath } from "./state.ts";
import type { StateFile } from "./state-file.ts";

/** How long the kernel may take to remove the killed processes of a whole environment. */
const KILL_DEADLINE_MS = 10_000;
/** How often an environment started by another process is looked at for nodes that have gone. */
const WATCH_INTERVAL_MS = 100;
/** What the links pass through is told of as a node of this name, and has its folder among theirs. */
const FABRIC = "fabric";

interface StartAllOptions extends Pick<StartOptions, "signal" | "onProgress" | "beforeWave"> {
  readonly fabricProgram?: string;
}

/** An environment of processes: just started here, or found in the state folder. */
export class ProcessTopology implements RunningTopology {
  readonly id: string;
  readonly plan: Plan;
  readonly dir: string;
  readonly capabilities: ReadonlySet<Capability>;
  readonly detached: boolean;
  readonly nodeActions: NodeActions;
  readonly #stateDir: string;
  readonly #state: StateFile;
  readonly #nodes: ReadonlyMap<string, NodeProcess>;
  /** What each node began with, where that is not the driver's. */
  readonly #firstServers: ReadonlyMap<string, EnvironmentRecord["nodes"][number]["server"]>;
  readonly #exits = new Map<string, NodeExit>();
  readonly #listeners = new Set<(exit: NodeExit) => void>();
  /** Only while the environment must not outlive this process. */
  #guardian: Guardian | undefined;
  #isParent = false;
  #fabric: FabricProcess | undefined;
  #closing: Promise<void> | undefined;
  #watch: NodeJS.Timeout | undefined;

  constructor(stateDir: string, state: StateFile, plan: Plan) {
    const { id, dir, detached } = state.record;
    this.id = id;
    this.plan = plan;
    this.dir = dir;
    this.detached = detached;
    this.capabilities = topologyCapabilities(plan);
    this.#stateDir = stateDir;
    this.#state = state;
    this.#nodes = new Map(plan.nodes.map((node) => [node.name, this.#nodeProcess(node.name)]));
    this.#firstServers = new Map(state.record.nodes.map(({ name, server }) => [name, server]));
    this.nodeActions = nodeActions({
      outlive: detached,
      of: (node) => this.#node(node),
      helper: (node, name) => this.#helper(node, name),
      setHelper: (node, name, helper) => this.#setHelper(node, name, helper),
    });
  }

  /** Starts all nodes for the first time, wave by wave. */
  async startAll(guardian: Guardian, options: StartAllOptions): Promise<void> {
    this.#guardian = guardian;
    this.#isParent = true;
    const files = [...this.#nodes.values()].map((node) => node.writeFiles());
    await Promise.all([...files, this.#startFabric(options.fabricProgram, options.signal)]);
    await this.#startWaves(options);
    await this.#state.update((record) => {
      record.phase = "ready";
    });
    if (!this.detached) return;
    await guardian.dismiss();
    this.#guardian = undefined;
    for (const node of this.#nodes.values()) node.unref();
    this.#fabric?.unref();
  }

  async renew(options: Pick<StartOptions, "beforeWave" | "signal"> = {}): Promise<void> {
    const nodes = [...this.#nodes.values()];
    await Promise.all(nodes.map((node) => node.kill()));
    await this.#state.update((record) => {
      for (const node of record.nodes) node.server = this.#firstServers.get(node.name);
    });
    await Promise.all(nodes.map((node) => node.renew()));
    await this.#startWaves(options);
  }

  async #startWaves(options: Pick<StartAllOptions, "signal" | "onProgress" | "beforeWave">): Promise<void> {
    const { signal: abort, onProgress, beforeWave } = options;
    for (const { wave, nodes } of wavesOf(this.plan)) {
      await beforeWave?.(wave);
      onProgress?.(startingText(nodes));
      await eachBounded(nodes, async ({ name }) => {
        abort?.throwIfAborted();
        await this.#start(name, abort);
      });
    }
  }

  lacks(capability: Capability): string | undefined {
    return capability === "cut-links" ? lacksFabric() : processCapabilities().lacks(capability);
  }

  get links(): LinkControl | undefined {
    const { fabric } = this.#state.record;
    return fabric && linkControl(() => this.#state.record.fabric?.control ?? fabric.control);
  }

  async state(node: string): Promise<NodeState> {
    return this.#node(node).state;
  }

  async kill(node: string): Promise<void> {
    await this.#node(node).kill();
  }

  async stop(node: string): Promise<void> {
    await this.#node(node).stop();
  }

  async start(node: string): Promise<void> {
    await this.#start(node);
  }

  async expectExit(node: string): Promise<void> {
    this.#node(node).expectExit();
  }

  async pause(node: string): Promise<void> {
    await this.#node(node).pause();
  }

  async resume(node: string): Promise<void> {
    await this.#node(node).resume();
  }

  async changeServer(node: string, { cli: _, ...server }: ValkeyServer): Promise<void> {
    await this.#state.update((record) => {
      const changed = record.nodes.find(({ name }) => name === nodeOf(this.plan, node).name);
      if (changed) changed.server = { ...server, args: [...server.args], env: { ...server.env } };
    });
  }

  async changeAddress(node: string): Promise<void> {
    const { announced, fabric } = nodeOf(this.plan, node).endpoint;
    if (!announced || !fabric?.spare || !this.links)
      throw new DrillError("LACKS_CAPABILITY", `${node} has no other address`);
    await this.links.move(node);
    await this.#node(node).announce(fabric.spare.host);
  }

  fileOf(_node: string, path: string): Promise<string> {
    return plainFile(path);
  }

  async log(node: string): Promise<string> {
    return await this.#node(node).log();
  }

  onUnexpectedExit(listener: (exit: NodeExit) => void): () => void {
    this.#listeners.add(listener);
    for (const exit of this.#exits.values()) listener(exit);
    // Exits of children are told to their parent; whoever has only attached must look.
    if (!this.#isParent) this.#watch ??= setInterval(() => this.#findLost(), WATCH_INTERVAL_MS).unref();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#stopWatching();
    };
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#stopWatching();
    const nodes = [...this.#nodes.values()];
    const fabric = this.#fabricIdentity;
    const living = [...nodes, { identity: fabric }].flatMap((node) => node.identity ?? []);
    for (const node of nodes) node.abandon();
    if (fabric) signal(fabric, "SIGKILL", "process");
    const record = { path: recordPath(this.#stateDir, this.id), record: { id: this.id } };
    await clearEnvironment(this.#stateDir, record);
    await untilGone(living, KILL_DEADLINE_MS); // should another process be clearing at the same time
    await Promise.all(nodes.map((node) => node.untilReaped()));
    this.#fabric?.ref();
    await this.#fabric?.exited;
    await this.#guardian?.dismiss();
  }

  get #fabricIdentity(): ProcessIdentity | undefined {
    return this.#fabric?.identity ?? this.#state.record.fabric?.process;
  }

  /** Before any node: the first thing that a node does is to call others. */
  async #startFabric(program: string | undefined, abort: AbortSignal | undefined): Promise<void> {
    if (!needsFabric(this.plan)) return;
    const dir = join(this.dir, FABRIC);
    const fabric = await startFabric({ plan: this.plan, dir, program, signal: abort });
    this.#fabric = fabric;
    await this.#state.update((record) => {
      record.fabric = { process: fabric.identity, control: fabric.control };
    });
    fabric.recorded();
    void fabric.exited.then(async (exit) => {
      if (!this.#closing) this.#report({ node: FABRIC, ...exit, log: await fabric.log() });
    });
  }

  async #start(name: string, abort?: AbortSignal): Promise<void> {
    const node = this.#node(name);
    if (this.#closing) throw new DrillError("NO_ENVIRONMENT", `environment ${this.id} is closed`);
    this.#exits.delete(name);
    await node.start(abort);
    // Without a guardian the environment is to outlive this process, which its new child must not keep from ending.
    if (!this.#guardian) node.unref();
  }

  #node(name: string): NodeProcess {
    const node = this.#nodes.get(nodeOf(this.plan, name).name);
    if (!node) throw new RangeError(`no process for the node ${name}`);
    return node;
  }

  #nodeProcess(name: string): NodeProcess {
    const entry = () => this.#state.record.nodes.find((node) => node.name === name);
    const plan = nodeOf(this.plan, name);
    return new NodeProcess({
      plan,
      access: accessOf(this.plan, plan),
      dir: entry()?.dir ?? join(this.dir, name),
      server: () => entry()?.server ?? this.#state.record.server,
      recall: () => entry()?.process,
      helper: (helper) => this.#helper(name, helper),
      onChange: (identity) =>
        this.#state.update((record) => {
          const changed = record.nodes.find((node) => node.name === name);
          if (changed) changed.process = identity;
        }),
      onUnexpectedExit: (exit) => this.#report(exit),
    });
  }

  #helper(node: string, name: HelperName): ProcessIdentity | undefined {
    const helper = this.#state.record.nodes.find((one) => one.name === node)?.helpers?.[name];
    return helper && isSame(helper) ? helper : undefined;
  }

  async #setHelper(node: string, name: HelperName, helper: ProcessIdentity | undefined): Promise<void> {
    await this.#state.update((record) => {
      const changed = record.nodes.find((one) => one.name === node);
      if (!changed) return;
      const { [name]: _, ...others } = changed.helpers ?? {};
      changed.helpers = helper ? { ...others, [name]: helper } : others;
    });
  }

  #report(exit: NodeExit): void {
    this.#exits.set(exit.node, exit);
    for (const listener of this.#listeners) listener(exit);
  }

  #findLost(): void {
    const fabric = this.#fabricIdentity;
    if (fabric && !isSame(fabric) && !this.#exits.has(FABRIC))
      this.#report({ node: FABRIC, code: null, signal: null, log: "" });
    for (const [name, node] of this.#nodes)
      if (node.isLost && !this.#exits.has(name))
        this.#report({ node: name, code: null, signal: null, log: "" });
  }

  #stopWatching(): void {
    clearInterval(this.#watch);
    this.#watch = undefined;
  }
}
