import type { Credentials } from "../model/access.ts";
import type { Capability } from "../model/capabilities.ts";
import { DrillError } from "../model/errors.ts";
import type { Endpoint, NodePlan, Plan } from "../model/plan.ts";
import type { ValkeyServer } from "../valkey/server.ts";
import type { LinkControl } from "./links.ts";

/** How many endpoints a topology needs, and whether each needs a cluster bus port too. */
export interface EndpointRequest {
  readonly count: number;
  readonly withBus: boolean;
  /** First port to be used, consecutive from there; absent: any free ones. */
  readonly firstPort?: number;
  /** Links will be impaired: only with the capability `cut-links`. Absent: they need not be told apart. */
  readonly links?: LinkRequest;
}

/**
 * Which links must be told apart: those between nodes always, those of clients on demand, since it slows them a little.
 */
export interface LinkRequest {
  readonly clients: boolean;
  /**
   * As pods and virtual machines have it: all nodes use the same port, each at an address of its own, and each can be
   * moved to another one (`changeAddress`). Only with the capability `own-addresses`.
   */
  readonly ownAddresses?: boolean;
}

/** Where a driver puts its nodes' folders: `<dir>/<node name>/`. */
export interface StartOptions {
  readonly dir: string;
  /** A detached environment outlives this process (`up`); any other is torn down when this process is gone. */
  readonly detached: boolean;
  readonly onProgress?: (message: string) => void;
  /** Nodes that begin with another server than the driver's, by name; only with the capability `change-server`. */
  readonly servers?: ReadonlyMap<string, ValkeyServer>;
  /** Awaited before the nodes of that wave are started: conditions that are more than "answers PING". */
  readonly beforeWave?: (wave: number) => Promise<void>;
  readonly signal?: AbortSignal;
}

export type NodeState = "running" | "stopped" | "paused";

/** A node that went away without being told to: it crashed, or somebody else ended it. */
export interface NodeExit {
  readonly node: string;
  /** Both null if this process did not start the node, and so cannot know. */
  readonly code: number | null;
  readonly signal: string | null;
  /** The last lines of its log. */
  readonly log: string;
}

/** What ends whatever needs the topology when a node went away. */
export function nodeDied({ node, code, signal, log }: NodeExit): DrillError {
  return new DrillError("NODE_DIED", `${node} died by itself (${signal ?? `exit code ${code}`})`, {
    hint: log,
  });
}

/**
 * What some drivers can do to a node: the calls. The names of what a driver can do, by which it is asked, are its
 * capabilities. What sets something is idempotent, and holds until the node is started anew.
 */
export interface NodeActions {
  /**
   * `data-files`: runs a POSIX shell script in the folder that holds the node's data, whether the node runs or
   * not. `input` is
   * its standard input: what is secret goes there, since everybody may read a command line.
   *
   * @returns what it printed
   * @throws DrillError `COMMAND_FAILED` with what it complained of, if its exit code is not 0
   */
  inDataFolder?(node: string, script: string, input?: string): Promise<string>;
  /** `throttle-cpu`: the share of one processor that it may use, 0.01 to 1; 1: all that it can get. */
  setCpuShare?(node: string, share: number): Promise<void>;
  /**
   * `limit-disk`: each write that would make a file of the node larger fails. A node may end of it: see `expectExit`.
   */
  setDiskFull?(node: string, full: boolean): Promise<void>;
  /** `slow-disk`: how much longer each of its fsync calls takes; 0: as long as it takes. */
  setFsyncDelay?(node: string, delayMs: number): Promise<void>;
  /** `skew-clock`: how far its clock is off the machine's, in whole seconds; below 0: in the past. */
  setClockOffset?(node: string, seconds: number): Promise<void>;
}

/** A started topology. Every method takes the name of a node of the plan. */
export interface RunningTopology {
  readonly id: string;
  readonly plan: Plan;
  readonly dir: string;
  /** Those of its driver, as far as it was started for them. */
  readonly capabilities: ReadonlySet<Capability>;
  /** Why it lacks one that its driver has, and what to do. */
  lacks?(capability: Capability): string | undefined;
  /** It outlives the process that started it. */
  readonly detached: boolean;
  /** Is the node's process there? Says nothing about whether it answers. */
  state(node: string): Promise<NodeState>;
  /** SIGKILL. Resolves once the process is gone; a node that is not running is left as it is. */
  kill(node: string): Promise<void>;
  /** Graceful stop (SIGTERM), SIGKILL after a deadline. */
  stop(node: string): Promise<void>;
  /**
   * Starts a stopped node again, with its files as it left them, at the same endpoint. Resolves once it answers PING.
   */
  start(node: string): Promise<void>;
  /** From now until it is started again, the node may end by itself: a fault makes it, so nobody is told of it. */
  expectExit(node: string): Promise<void>;
  /** SIGSTOP and SIGCONT; only with the capability `pause`. */
  pause(node: string): Promise<void>;
  resume(node: string): Promise<void>;
  /**
   * Takes a node off its network, so that neither nodes nor clients reach it while its process runs on, and puts it
   * back. Both idempotent; only with the capability `disconnect`.
   */
  disconnect?(node: string): Promise<void>;
  connect?(node: string): Promise<void>;
  /** Only with the capability `cut-links`, and where the endpoints were held with `links`. */
  readonly links?: LinkControl;
  /** From its next start on, the node runs this server. Only with the capability `change-server`. */
  changeServer?(node: string, server: ValkeyServer): Promise<void>;
  /**
   * Moves a data node that is not running to its spare address, as a pod or a virtual machine has another one when it
   * was replaced. From its next start on it announces that; nobody listens at the old one any more, so calls to it are
   * refused. The server itself stays where it is, since that is where we look at it, and where nobody else calls it:
   * what clients and other nodes know of a node is where the fabric listens for it. Idempotent; only with the
   * capability `own-addresses`, and where the endpoints were held with `ownAddresses`.
   */
  changeAddress?(node: string): Promise<void>;
  /**
   * Every node anew, at its old address: ended, its data gone, its files as planned, started wave by wave. What was set
   * at a node from outside must have been undone before. Absent: it was started by another process.
   *
   * @throws DrillError `START_FAILED`: then some nodes may not run
   */
  renew?(options?: Pick<StartOptions, "beforeWave" | "signal">): Promise<void>;
  /** What else its driver can do to a node; each is there just if it declares the capability. */
  readonly nodeActions: NodeActions;
  /** What the node has written to its standard output so far: its log, unless its `logfile` says where else. */
  log(node: string): Promise<string>;
  /**
   * The text of a file of the node's own machine, by its absolute path there: of a log that does not go to standard
   * output.
   *
   * @throws DrillError `COMMAND_FAILED` if it is not there, or no regular file
   */
  fileOf(node: string, path: string): Promise<string>;
  /**
   * Calls `listener` for each node that goes away other than by `kill`, `stop` or `close` of this object, and without
   * `expectExit`; at once for those that already have. Returns how to stop listening.
   */
  onUnexpectedExit(listener: (exit: NodeExit) => void): () => void;
  /** Stops everything and gives back what was taken; idempotent. Configuration and logs stay in `dir`. */
  close(): Promise<void>;
}

/**
 * Endpoints held for one environment: nobody else using this tool on this machine is given them meanwhile.
 * They are given back by `release`, or, if never used by a driver's `start`, when this process is gone.
 */
export interface HeldEndpoints {
  readonly endpoints: readonly Endpoint[];
  release(): Promise<void>;
}

/** A server that is started by itself, told a few things, and ended: would it take these files? */
export interface Rehearsal {
  readonly program: NodePlan["program"];
  /** As of a node; `node.conf` is started with, and listens on the Unix socket `socket` in its folder. */
  readonly files: Readonly<Record<string, string>>;
  readonly login?: Credentials;
  readonly commands: readonly (readonly string[])[];
}

export interface Rehearsed {
  /** What it printed. */
  readonly log: string;
  /** One for each command, errors too; absent: it did not start. */
  readonly replies?: readonly string[];
}

/** The Unix socket of a rehearsal. */
export const REHEARSAL_SOCKET = "socket";

/** What a server says of a configuration that it does not take. */
export interface ConfigRefusal {
  /** Number of the line, from 1 on. */
  readonly line: number;
  /** Its own words. */
  readonly words: string;
  /** Who says so: `8.1.1`. */
  readonly version: string;
}

export interface Driver {
  readonly name: string;
  /** Of the Valkey that it starts, where that is known: rules of users differ. Absent for Redis. */
  readonly valkeyVersion?: string;
  readonly capabilities: ReadonlySet<Capability>;
  /** Why it lacks that capability on this machine, and what would give it; undefined: it never has it. */
  lacks?(capability: Capability): string | undefined;
  /**
   * Tries files with the server that it would start (`server`: with that one), outside of any environment. Nothing
   * is left of it.
   * Absent: it cannot, and what is wrong with them shows when the nodes are started.
   */
  rehearse?(rehearsal: Rehearsal, server?: ValkeyServer): Promise<Rehearsed>;
  /**
   * Asks the server itself whether it takes these lines of a configuration file, without starting anything that stays.
   *
   * @param server another than the driver's
   * @returns what it refuses first; undefined: it takes them all
   */
  refusalOf?(
    program: NodePlan["program"],
    lines: readonly string[],
    server?: ValkeyServer,
  ): Promise<ConfigRefusal | undefined>;
  /** @throws DrillError `PORT_IN_USE`, `LACKS_CAPABILITY` */
  holdEndpoints(request: EndpointRequest): Promise<HeldEndpoints>;
  /**
   * Starts the nodes of the plan wave by wave: a wave begins when each node of the one before answers PING.
   * Takes over `held`. On failure nothing is left running.
   *
   * @throws DrillError `START_FAILED` with the node's last log lines, `PORT_IN_USE`, `NO_RESOURCES`
   */
  start(plan: Plan, held: HeldEndpoints, options: StartOptions): Promise<RunningTopology>;
}

/** The node of that name. @throws RangeError if there is none: selectors resolve names before a driver sees them. */
export function nodeOf(plan: Plan, name: string): NodePlan {
  const node = plan.nodes.find((candidate) => candidate.name === name);
  if (!node)
    throw new RangeError(`no node named ${name}; there are ${plan.nodes.map((n) => n.name).join(", ")}`);
  return node;
}
