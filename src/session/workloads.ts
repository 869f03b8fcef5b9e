import { within } from "../base/deadline.ts";
import type { ClientOptions, DrillClient } from "../client/client.ts";
import { TimeoutError } from "../client/errors.ts";
import type { ClientLibrary } from "../libraries/library.ts";
import { DrillError } from "../model/errors.ts";
import type { ClientEventData, WorkloadData } from "../model/observed.ts";
import { nodesWithRole } from "../observe/view.ts";
import type { Workload, WorkloadContext } from "../workload/workload.ts";
import { targetOf } from "./client-target.ts";
import type { Session } from "./session.ts";

/** Longest that a client may take to connect to a topology that is ready. */
const CONNECT_MS = 10_000;
/** How long a session that ends waits for last operations: one that is tried again and again may take much longer. */
const LAST_MS = 1500;

/**
 * Sends in a session: the clients of one library at a time, and the workloads that call them. Ends with the session.
 */
export class Workloads {
  readonly #session: Session;
  readonly #waitReplicas: number;
  readonly #options: ClientOptions;
  readonly #steady = new Map<string, { stop: AbortController; ended: Promise<void> }>();
  #clients: Clients | undefined;
  #broken: unknown;

  /** @param waitReplicas replicas that WAIT must confirm of each write; 0: no WAIT */
  constructor(session: Session, waitReplicas = 0) {
    this.#session = session;
    this.#waitReplicas = waitReplicas;
    this.#options = { target: targetOf(session.plan), random: session.random.fork("client") };
    session.onClose(() => this.#close());
  }

  /**
   * From the next operation on that library sends. @throws what keeps it from connecting: then the one before goes on
   */
  async use(library: ClientLibrary): Promise<void> {
    const before = this.#clients;
    this.#clients = await this.#connected(library);
    await before?.close();
  }

  /** The library that sends. */
  get library(): ClientLibrary {
    return this.#using.library;
  }

  /** Starts a steady workload. */
  start(workload: Workload, options: unknown): void {
    if (this.#steady.has(workload.name))
      throw new DrillError("BAD_SCENARIO", `${workload.name} is already running`);
    const stop = new AbortController();
    const context = this.#context(AbortSignal.any([stop.signal, this.#session.signal]));
    const ended = this.#recorded(workload, context, options).catch((error: unknown) => {
      this.#broken ??= error; // told at the next step's end: a workload that broke proves nothing
    });
    this.#steady.set(workload.name, { stop, ended });
  }

  /** Runs a finite workload to its end. */
  async run(workload: Workload, options: unknown): Promise<void> {
    await this.#recorded(workload, this.#context(this.#session.signal), options);
  }

  /** Ends a steady workload, and waits for its last operations. @throws as `throwIfBroken` */
  async stop(name: string): Promise<void> {
    const running = this.#steady.get(name);
    running?.stop.abort();
    await running?.ended;
    this.#steady.delete(name);
    this.throwIfBroken();
  }

  /** Ends all of them, and waits for their last operations. */
  async stopAll(): Promise<void> {
    for (const name of [...this.#steady.keys()]) await this.stop(name);
  }

  /** What the client counted itself, for the end of the history. */
  redirects() {
    return this.#using.client.redirects();
  }

  /** A steady workload broke: see `throwIfBroken`. */
  get broken(): boolean {
    return this.#broken !== undefined;
  }

  /** @throws what broke a steady workload, if one did */
  throwIfBroken(): void {
    if (this.#broken) throw this.#broken;
  }

  get #using(): Clients {
    if (!this.#clients) throw new RangeError("no client is connected");
    return this.#clients;
  }

  async #connected(library: ClientLibrary): Promise<Clients> {
    const connect = (name: ClientEventData["client"]) =>
      library.connect({ ...this.#options, onEvent: this.#session.log.connection(name) }, CONNECT_MS);
    const client = await connect("main");
    try {
      // WAIT holds up whatever follows it on its connection: reads must not queue behind it.
      const writer = this.#waitReplicas > 0 ? await connect("writer") : client;
      const close = async () => {
        await client.close();
        await writer.close();
      };
      return { library, client, writer, close };
    } catch (error) {
      await client.close();
      throw error;
    }
  }

  #context(signal: AbortSignal): WorkloadContext {
    const { plan, log, admins, random } = this.#session;
    const { library, client, writer } = this.#using;
    return {
      plan,
      log,
      client,
      writer,
      admins,
      random,
      waitReplicas: this.#waitReplicas,
      signal,
      subscribe: async (to) => {
        if (!library.subscribe) throw new RangeError(`${library.name} has no subscribe`);
        return library.subscribe(this.#options, to, CONNECT_MS);
      },
      connect: (options) => library.connect({ ...this.#options, ...options }, CONNECT_MS),
      nodesOf: (role) => nodesWithRole(this.#session.view, role, plan),
    };
  }

  /** One that sent nothing leaves no operation: that it ran at all must be in the history, too. */
  async #recorded(workload: Workload, context: WorkloadContext, options: unknown): Promise<void> {
    const { log } = this.#session;
    const tell = (phase: WorkloadData["phase"]) => {
      const data: WorkloadData = { workload: workload.name, phase, at: log.now() };
      log.observe("workload", data);
    };
    tell("start");
    try {
      await workload.run(context, options);
    } finally {
      tell("end");
    }
  }

  /** The session's signal has aborted: all of them are ending. */
  async #close(): Promise<void> {
    const all = Promise.all([...this.#steady.values()].map(({ ended }) => ended));
    await within(all, LAST_MS, () => new TimeoutError(LAST_MS)).catch(() => {}); // what is under way still stays open
    await this.#clients?.close();
  }
}

interface Clients {
  readonly library: ClientLibrary;
  readonly client: DrillClient;
  readonly writer: DrillClient;
  close(): Promise<void>;
}
