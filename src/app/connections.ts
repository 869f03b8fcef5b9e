/*
 *   a fault ─ a few seconds ─▶ ┐
 *   a probe is not well ─────▶ ├─ CLIENT LIST on every node ─▶ the application's ─▶ app-connections
 *   the steps begin, end ────▶ ┘
 */
import { natMapOf } from "../model/addresses.ts";
import type { HistoryEvent } from "../model/event.ts";
import type { Plan } from "../model/plan.ts";
import type { AdminPool } from "../valkey/admin-pool.ts";
import type { Log } from "../workload/log.ts";
import { type ClientLine, clientPortOf, connectionOf, isOfTopology, parseClientList } from "./client-list.ts";
import type { AppProcess } from "./processes.ts";
import { tcpPortsOf } from "./sockets.ts";

export interface ConnectionsOptions {
  readonly plan: Plan;
  readonly admins: AdminPool;
  readonly log: Pick<Log, "observe" | "now">;
  readonly roleOf: (node: string) => string | undefined;
  /** The processes of each instance; none: the application was not started by the drill. */
  readonly instances: readonly { readonly name: string; processes(): AppProcess[] }[];
  /** Why the application is not well now, if it is not. */
  readonly unwell: () => string | undefined;
  readonly onEvent: (listener: (event: HistoryEvent) => void) => () => void;
}

/** In place of an instance: this process. */
const OWN = "";
const ANSWER_MS = 1000;
const CHECK_EVERY_MS = 500;
/** A client library notices within that time that something broke, and a failover with common settings has come. */
const AFTER_FAULT_NS = 3e9;
const WHILE_UNWELL_NS = 2e9;
/** Before the first fault: what it was like while all was well. */
const WHILE_WELL_NS = 5e9;
/** An application that is unwell for hours is not told of for hours. */
const MOST_LOOKS = 500;

/** Looks where the application's connections are, when it tells something. */
export class ConnectionsWatch {
  readonly #options: ConnectionsOptions;
  readonly #timer: NodeJS.Timeout;
  readonly #endEvents: () => void;
  /** When a look is due after a fault, ns. */
  #due: number[] = [];
  #hadFault = false;
  #lookedAt = -Infinity;
  #looks = 0;
  #looking: Promise<void> = Promise.resolve();

  constructor(options: ConnectionsOptions) {
    this.#options = options;
    this.#endEvents = options.onEvent((event) => {
      if (event.type !== "fault" || (event.phase !== "injected" && event.phase !== "healed")) return;
      this.#hadFault = true;
      this.#due.push(event.at + AFTER_FAULT_NS);
    });
    this.#timer = setInterval(() => this.#check(), CHECK_EVERY_MS);
  }

  /** Looks now; one look at a time. Never rejects: a node that does not answer is told as such. */
  look(): Promise<void> {
    this.#lookedAt = this.#options.log.now();
    this.#looking = this.#looking.then(() => this.#look());
    return this.#looking;
  }

  /** Looks no more. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#endEvents();
    await this.#looking;
  }

  #check(): void {
    const now = this.#options.log.now();
    const isDue = this.#due.some((due) => due <= now);
    this.#due = this.#due.filter((due) => due > now);
    const sinceNs = now - this.#lookedAt;
    const isUnwell = sinceNs >= WHILE_UNWELL_NS && this.#options.unwell() !== undefined;
    if (this.#looks >= MOST_LOOKS) return;
    if (isDue || isUnwell || (!this.#hadFault && sinceNs >= WHILE_WELL_NS)) void this.look();
  }

  async #look(): Promise<void> {
    const { plan, instances } = this.#options;
    this.#looks += 1;
    const owners = new Map<number, string>();
    for (const port of tcpPortsOf([{ pid: process.pid, startTime: "" }])?.connected ?? [])
      owners.set(port, OWN);
    for (const instance of instances)
      for (const port of tcpPortsOf(instance.processes())?.connected ?? []) owners.set(port, instance.name);
    const servers = plan.nodes.filter(({ program }) => program === "server");
    await Promise.all(servers.map(({ name }) => this.#lookAt(name, owners)));
  }

  async #lookAt(node: string, owners: ReadonlyMap<number, string>): Promise<void> {
    const { admins, log, roleOf } = this.#options;
    const role = roleOf(node);
    const seen = { node, at: log.now(), ...(role !== undefined && { role }) };
    try {
      const lines = parseClientList(String(await admins.of(node).call(["CLIENT", "LIST"], ANSWER_MS)));
      const connections = lines.flatMap((line) => this.#ofApp(line, owners));
      log.observe("app-connections", { ...seen, connections });
    } catch {
      log.observe("app-connections", { ...seen, connections: null });
    }
  }

  /**
   * Whose connection it is, is told by the client's port where it is one of the application's processes. Where nobody
   * can tell, it is whatever is neither the topology's nor the drill's own.
   */
  #ofApp(line: ClientLine, owners: ReadonlyMap<number, string>) {
    if (isOfTopology(line)) return [];
    const port = clientPortOf(line);
    const owner = port === undefined ? undefined : owners.get(port);
    if (owner === OWN || (owner === undefined && this.#tellsByPort)) return [];
    return [connectionOf(line, owner)];
  }

  /** It was started by the drill, on a machine that tells, and reaches the nodes without anything between. */
  get #tellsByPort(): boolean {
    const { instances, plan } = this.#options;
    return instances.length > 0 && process.platform === "linux" && isDirect(plan);
  }
}

/** The servers see the port that a client has: nothing stands between them. */
export function isDirect(plan: Plan): boolean {
  return natMapOf(plan) === undefined && plan.nodes.every(({ endpoint }) => !endpoint.fabric?.clients);
}
