import { join } from "node:path";
import type { AppHeader } from "../model/app.ts";
import type { HistoryEvent } from "../model/event.ts";
import type { Plan } from "../model/plan.ts";
import type { AppSpec } from "../scenario/app/app-schema.ts";
import type { ProbeSpec } from "../scenario/app/probe-schema.ts";
import type { AdminPool } from "../valkey/admin-pool.ts";
import type { Log } from "../workload/log.ts";
import { Application, type AppPlaces, findPlaces } from "./application.ts";
import { ConnectionsWatch, isDirect } from "./connections.ts";
import { appHeaderOf } from "./header.ts";
import { Probing } from "./probes/probing.ts";
import { ProbeSender } from "./probes/sender.ts";

/** An application and its probes, as a scenario has them. */
export interface AppUse {
  readonly app: AppSpec;
  readonly probes: readonly ProbeSpec[];
  /** What no line of its output may match. */
  readonly never?: string;
}

/** What an application is run in: a session. */
export interface AppSession {
  readonly plan: Plan;
  readonly admins: AdminPool;
  readonly log: Log;
  readonly signal: AbortSignal;
  readonly recorder: { onEvent(listener: (event: HistoryEvent) => void): () => void };
  readonly operations: { appUnwell(since: number, now: number): string | undefined };
  readonly view: ReadonlyMap<string, { readonly role?: string }>;
  onClose(work: () => unknown): void;
}

/** An application of which is known where it will be asked, before it is started. */
export interface PlannedApp {
  readonly use: AppUse;
  readonly places: AppPlaces;
  readonly header: AppHeader;
}

/** Finds ports for it. They are given back when it stops, or by `places.release`. @throws DrillError `PORT_IN_USE` */
export async function planApp(use: AppUse): Promise<PlannedApp> {
  const places = await findPlaces(use.app);
  return { use, places, header: appHeaderOf(use.app, use.probes, places.addresses) };
}

export interface AppRunOptions {
  /** The folder of the run. */
  readonly dir: string;
  /** Clients of the drill itself send as well. */
  readonly hasOwnClients: boolean;
  readonly prefix: string;
}

/** An application in a drill: started, asked before, during and after its steps, watched, and stopped. */
export class AppDrill {
  readonly application: Application;
  readonly #probing: Probing;
  readonly #sender: ProbeSender;
  readonly #connections: ConnectionsWatch | undefined;
  #broken: unknown;

  constructor(
    { use, places }: PlannedApp,
    session: AppSession,
    { dir, hasOwnClients, prefix }: AppRunOptions,
  ) {
    const { app, probes, never } = use;
    const { plan, admins, log, signal, recorder, operations } = session;
    this.application = new Application({
      ...{ spec: app, places, plan, log, signal },
      ...(never !== undefined && { never }),
      folder: join(dir, "app"),
      isAsked: probes.some(({ by }) => by === "http"),
    });
    this.#sender = new ProbeSender({
      ...{ addresses: places.addresses, ports: places.ports, log, cwd: app.cwd },
      env: this.application.environment(0),
    });
    this.#probing = new Probing({
      ...{ probes, sender: this.#sender, log, signal, prefix },
      onFailure: (error) => {
        this.#broken ??= error;
      },
    });
    this.application.onLine((instance, line) => this.#probing.line(instance, line));
    const tells = isDirect(plan) ? app.command !== undefined || process.platform === "linux" : !hasOwnClients;
    if (tells)
      this.#connections = new ConnectionsWatch({
        ...{ plan, admins, log, instances: this.application.instances },
        roleOf: (node) => session.view.get(node)?.role,
        unwell: () => operations.appUnwell(0, log.now()),
        onEvent: recorder.onEvent,
      });
    session.onClose(() => this.#close());
  }

  /** Starts it, and asks what is to be right before the steps. @returns what is not */
  async begin(): Promise<string[]> {
    await this.application.start();
    this.#probing.begin("always");
    const wrong = await this.#probing.before();
    await this.#connections?.look();
    this.#probing.begin("during");
    this.throwIfBroken();
    return wrong;
  }

  /** The steps are done: asks what is to be right after them. @returns what is not */
  async afterSteps(): Promise<string[]> {
    await this.#probing.end("during");
    await this.#probing.delivered();
    const after = await this.#probing.after();
    const eventually = await this.#probing.eventually();
    this.throwIfBroken();
    return [...after, ...eventually];
  }

  /** Looks a last time where its connections are, and stops it. */
  async stop(): Promise<void> {
    await this.#probing.end("always");
    await this.#connections?.look();
    await this.#close();
    this.throwIfBroken();
  }

  /** @throws what broke a probe, if something did that is no answer */
  throwIfBroken(): void {
    if (this.#broken) throw this.#broken;
  }

  async #close(): Promise<void> {
    await this.#connections?.stop();
    await Promise.all([this.#probing.end("during"), this.#probing.end("always")]);
    await this.application.stop();
    this.#sender.close();
  }
}
