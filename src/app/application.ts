/*
 *   plan + app: ─▶ ports ─▶ environment ─▶ instances ── life, memory, lines that matter ─▶ history
 *                                              └──────── output ─▶ app/app-1.log, delivered
 */
import { randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { holdPorts, releasePorts } from "../driver/ports.ts";
import { defaultStateDir, openStateDir } from "../driver/state-dir.ts";
import type { Observed } from "../model/observed.ts";
import type { Plan } from "../model/plan.ts";
import type { AppSpec } from "../scenario/app/app-schema.ts";
import { regexOf } from "../scenario/app/pattern.ts";
import type { Log } from "../workload/log.ts";
import { appEnv, withoutTopology } from "./env/env.ts";
import { fillTemplate } from "./env/template.ts";
import { AppInstance } from "./instance.ts";
import { LineFilter } from "./lines.ts";
import type { StreamName } from "./output.ts";
import { type Readiness, untilReady } from "./ready.ts";

const HOST = "127.0.0.1";
const MEMORY_EVERY_MS = 1000;
/** Before an instance that ended by itself is started again; doubled each time, up to the most. */
const RESTART_AFTER_MS = 500;
const MOST_RESTART_AFTER_MS = 10_000;
/** When the drill is broken off nobody waits for long. */
const HURRIED_STOP_MS = 2000;

/** Where an application's instances will be asked. */
export interface AppPlaces {
  /** An entry for each instance; without ports there is nothing to ask. */
  readonly ports: readonly number[];
  /** Base of what its probes ask, an entry for each instance. */
  readonly addresses: readonly string[];
  /** Gives back the ports. */
  release(): void;
}

/** Chooses ports for the instances that will be started. @throws DrillError `PORT_IN_USE` */
export async function findPlaces({ url, instances, port }: AppSpec): Promise<AppPlaces> {
  if (url !== undefined) return { ports: [], addresses: [url.replace(/\/$/, "")], release: () => {} };
  const [stateDir, id] = [defaultStateDir(), `app-${randomBytes(6).toString("hex")}`];
  openStateDir(stateDir);
  const ports = await holdPorts(stateDir, {
    id,
    count: instances,
    ...(port !== undefined && { firstPort: port }),
  });
  return {
    ports,
    addresses: ports.map((one) => `http://${HOST}:${one}`),
    release: () => releasePorts(stateDir, id, ports),
  };
}

export interface AppOptions {
  readonly spec: AppSpec;
  readonly places: AppPlaces;
  readonly plan: Plan;
  /** Where `app-1.log` and so on are written. */
  readonly folder: string;
  readonly log: Pick<Log, "observe" | "now">;
  /** A pattern that no line may match. */
  readonly never?: string;
  /** Its probes are sent over HTTP: without `ready` it counts as ready when it listens. */
  readonly isAsked: boolean;
  /** Aborts the start, and restarts. */
  readonly signal: AbortSignal;
}

/** The application of a drill: its instances from the first start to the last stop. */
export class Application {
  readonly instances: readonly AppInstance[];
  readonly #options: AppOptions;
  readonly #ending = new AbortController();
  readonly #signal: AbortSignal;
  readonly #listeners = new Set<(instance: string, line: string, stream: StreamName) => void>();
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #restarting = new Set<Promise<void>>();
  #stopped: Promise<void> | undefined;

  constructor(options: AppOptions) {
    this.#options = options;
    this.#signal = AbortSignal.any([options.signal, this.#ending.signal]);
    const { spec, folder } = options;
    if (spec.command !== undefined) mkdirSync(folder, { recursive: true });
    const command = spec.command;
    this.instances =
      command === undefined
        ? []
        : Array.from({ length: spec.instances }, (_, index) => this.#instance(command, index));
  }

  /** Base addresses of what is asked, an entry for each instance. */
  get addresses(): readonly string[] {
    return this.#options.places.addresses;
  }

  /** Calls it with every line of output. */
  onLine(listener: (instance: string, line: string, stream: StreamName) => void): void {
    this.#listeners.add(listener);
  }

  /** Starts all instances, and waits until they are ready. @throws DrillError `START_FAILED`, `NOT_READY` */
  async start(): Promise<void> {
    await Promise.all(this.instances.map((instance) => instance.start(this.#signal)));
    if (this.#options.spec.url !== undefined)
      await untilReady(this.#readiness(0, this.#values(0)), {
        what: "the application",
        signal: this.#signal,
      });
    if (this.instances.length > 0) this.#every(MEMORY_EVERY_MS, () => this.#measure());
  }

  /** Starts an instance anew, whether it runs or not. @throws RangeError if there is none of that name */
  async restart(name: string): Promise<void> {
    const instance = this.instances.find((one) => one.name === name);
    if (instance === undefined) throw new RangeError(`no instance is named ${name}`);
    await instance.restart(this.#signal);
  }

  /** Stops all that was started. Called twice, both resolve when it is done. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    const hurried = this.#options.signal.aborted;
    this.#ending.abort(new Error("the application is being stopped"));
    for (const timer of this.#timers) clearInterval(timer);
    if (!hurried) this.#measure();
    const { within } = this.#options.spec.stop;
    const withinMs = hurried ? Math.min(within, HURRIED_STOP_MS) : within;
    await Promise.all(this.#restarting);
    const ended = await Promise.allSettled(this.instances.map((instance) => instance.stop(withinMs)));
    await Promise.all(this.instances.map((instance) => instance.close()));
    this.#options.places.release();
    for (const one of ended) if (one.status === "rejected") throw one.reason;
  }

  #instance(command: string, index: number): AppInstance {
    const { spec, folder, log, never } = this.#options;
    const name = `app-${index + 1}`;
    const more = this.#values(index);
    const filter = new LineFilter(never === undefined ? undefined : regexOf(never));
    let restarts = 0;
    return new AppInstance({
      name,
      command: fillTemplate(command, more, "app.command"),
      cwd: spec.cwd,
      env: this.environment(index),
      logPath: join(folder, `${name}.log`),
      ready: this.#readiness(index, more),
      stop: spec.stop,
      now: log.now,
      onEvent: (event) => {
        log.observe("app", event);
        if (event.event !== "exited" || spec.restart !== "on-exit") return;
        restarts += 1;
        this.#restartLater(name, Math.min(RESTART_AFTER_MS * 2 ** (restarts - 1), MOST_RESTART_AFTER_MS));
      },
      onLine: (line, stream) => {
        const told = filter.take(line, stream, log.now());
        if (told) log.observe("app-line", { instance: name, ...told } satisfies Observed["app-line"]);
        for (const listener of this.#listeners) listener(name, line, stream);
      },
    });
  }

  /** The environment of an instance, from 0 on. @throws DrillError `BAD_USAGE` for a template that is not there */
  environment(index: number): NodeJS.ProcessEnv {
    const { spec, plan } = this.#options;
    const more = this.#values(index);
    const { presets, set } = spec.env;
    const port = more.port === "" ? {} : { PORT: more.port };
    return { ...withoutTopology(process.env), ...port, ...appEnv(plan, { presets, set, more }) };
  }

  /** What templates may hold besides the topology. */
  #values(index: number) {
    return { port: String(this.#options.places.ports[index] ?? ""), instance: String(index + 1) };
  }

  #readiness(index: number, values: Record<string, string>): Readiness {
    const { spec, places, isAsked } = this.#options;
    const { http, stdout, within = READY_MS } = spec.ready ?? {};
    const listens = isAsked && spec.ready === undefined ? placeOf(places.addresses[index]) : undefined;
    const url = http === undefined ? undefined : fillTemplate(http, values, "app.ready.http");
    return {
      ...(url !== undefined && { http: url.startsWith("/") ? `${places.addresses[index]}${url}` : url }),
      ...(stdout !== undefined && { stdout: regexOf(stdout) }),
      ...(listens && { listens }),
      withinMs: within,
    };
  }

  #restartLater(name: string, ms: number): void {
    if (this.#signal.aborted) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      const done = this.restart(name).catch(() => {}); // its end was told as every end of it is
      this.#restarting.add(done);
      void done.finally(() => this.#restarting.delete(done));
    }, ms);
    this.#timers.add(timer);
  }

  #measure(): void {
    const { log } = this.#options;
    for (const instance of this.instances) {
      const rssBytes = instance.rssBytes();
      if (rssBytes === undefined) continue;
      log.observe("app-memory", { instance: instance.name, at: log.now(), rssBytes });
    }
  }

  #every(ms: number, work: () => void): void {
    work();
    this.#timers.add(setInterval(work, ms));
  }
}

const READY_MS = 60_000;

/** Where one connects for an address. */
function placeOf(address: string | undefined): Readiness["listens"] {
  if (address === undefined) return undefined;
  const { protocol, hostname, port } = new URL(address);
  const standard = protocol === "https:" ? 443 : 80;
  return { host: hostname.replace(/^\[|\]$/g, ""), port: port === "" ? standard : Number(port) };
}
