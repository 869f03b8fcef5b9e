import { within } from "../../base/deadline.ts";
import { APP_WORKLOAD } from "../../model/app.ts";
import type { ProbeSpec } from "../../scenario/app/probe-schema.ts";
import { placesIn, type RequestLine, requestOf } from "../../scenario/app/request.ts";
import type { Log, OperationOutcome } from "../../workload/log.ts";
import { fillTemplate } from "../env/template.ts";
import { type Exit, startGuarded } from "../guarded.ts";
import { HttpSender } from "./http.ts";
import { judgedAnswer, judgedExit, seenIn } from "./judged.ts";

/** Where probes are sent, and by what. */
export interface SenderOptions {
  /** Base addresses, an entry for each instance, which are asked in turn. */
  readonly addresses: readonly string[];
  readonly ports: readonly number[];
  readonly log: Pick<Log, "begin" | "now">;
  /** Of commands: their folder and environment. */
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
}

/** What a probe was told. */
export interface Told {
  readonly end: OperationOutcome;
  /** For people: `503 Service Unavailable`. */
  readonly seen: string;
}

/** Such a probe comes too seldom to keep a connection: the application would close it just as it is used. */
const SELDOM_MS = 1000;
/** Of what a command prints. */
const LAST_BYTES = 2000;
/** A command that is not done in time is killed. */
const COMMAND_STOP_MS = 2000;

/** Sends probes: the one way to the application. Each operation goes to the next instance in turn. */
export class ProbeSender {
  readonly #options: SenderOptions;
  readonly #often = new HttpSender(true);
  readonly #seldom = new HttpSender(false);
  #turn = 0;

  constructor(options: SenderOptions) {
    this.#options = options;
  }

  /**
   * Asks once. What is recorded of it has the id as its key.
   *
   * @param id what stands for `{{unique}}`
   * @param due when it was to be sent, ns, where a fixed rate says so
   */
  async ask(probe: ProbeSpec, id: string, due?: number): Promise<Told> {
    const { done, instance } = this.begin(probe, id, due);
    const told = await this.once(probe, id, instance);
    done(told.end);
    return told;
  }

  /** Records that an operation begins, at the next instance in turn. @returns what records its end, once */
  begin(probe: ProbeSpec, id: string, due?: number) {
    const instance = this.#nextInstance(probe);
    const done = this.#options.log.begin({
      client: `app-${instance + 1}`,
      workload: APP_WORKLOAD,
      f: probe.name,
      key: id,
      ...(due !== undefined && { due }),
    });
    return { done, instance };
  }

  close(): void {
    this.#often.close();
    this.#seldom.close();
  }

  #nextInstance({ by }: ProbeSpec): number {
    if (by === "command") return 0;
    const index = this.#turn;
    this.#turn = (this.#turn + 1) % Math.max(1, this.#options.addresses.length);
    return index;
  }

  /** Asks once, and records nothing. */
  async once(probe: ProbeSpec, id: string, index = 0): Promise<Told> {
    const values = {
      unique: id,
      port: String(this.#options.ports[index] ?? ""),
      instance: String(index + 1),
    };
    if (probe.by === "command") return this.#run(probe, values);
    const { method, path, body } = lineOf(probe);
    const fill = (text: string) =>
      text.includes("{{") ? fillTemplate(text, values, `probe ${probe.name}`) : text;
    const sender =
      (probe.everyMs ?? SELDOM_MS) < SELDOM_MS || probe.is === "read-back" ? this.#often : this.#seldom;
    const answer = await sender.ask({
      address: this.#options.addresses[index] ?? "",
      method,
      path: fill(path),
      ...(body !== undefined && { body: fill(body) }),
      headers: { ...contentType(body), ...filled(probe.headers, fill) },
      deadlineMs: probe.deadlineMs,
    });
    const end = judgedAnswer(probe, answer);
    return { end, seen: seenIn(end, answer) };
  }

  async #run(probe: ProbeSpec, values: Readonly<Record<string, string>>): Promise<Told> {
    const { cwd, env, addresses } = this.#options;
    const running = await startGuarded({
      command:
        placesIn(probe.asks).length > 0
          ? fillTemplate(probe.asks, values, `probe ${probe.name}`)
          : probe.asks,
      cwd,
      env: { ...env, ...(addresses[0] !== undefined && { VALKEY_DRILL_APP_URL: addresses[0] }) },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let said = "";
    for (const pipe of [running.child.stdout, running.child.stderr])
      pipe?.setEncoding("utf8").on("data", (text: string) => {
        said = (said + text).slice(-LAST_BYTES);
      });
    let exit: Exit | undefined;
    try {
      exit = await within(running.exit, probe.deadlineMs, () => new Error("late"));
    } catch {
      // it is not done in time: stopped below, and told
    } finally {
      await running.stop("SIGTERM", COMMAND_STOP_MS);
    }
    const end = judgedExit(exit, said.trim(), probe.deadlineMs);
    return { end, seen: seenIn(end) };
  }
}

function contentType(body: string | undefined): Record<string, string> {
  if (body === undefined) return {};
  return { "content-type": /^\s*[[{"]/.test(body) ? "application/json" : "text/plain" };
}

function filled(headers: Readonly<Record<string, string>>, fill: (text: string) => string) {
  return Object.fromEntries(Object.entries(headers).map(([name, text]) => [name.toLowerCase(), fill(text)]));
}

/** Read once for each probe. */
function lineOf(probe: ProbeSpec): RequestLine {
  const line = lines.get(probe) ?? requestOf(probe.asks);
  lines.set(probe, line);
  return line;
}
const lines = new WeakMap<ProbeSpec, RequestLine>();
