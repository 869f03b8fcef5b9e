/*
 *   begin ─ always ────────────────────────────────────────────────▶ end
 *             before ─▶ │ during: at a fixed rate, beside the steps │ ─▶ after, eventually: read-backs
 */
import { atFixedRate } from "../../base/fixed-rate.ts";
import { pause, runningTime } from "../../base/wait.ts";
import type { ProbeTime } from "../../model/app.ts";
import type { Observed } from "../../model/observed.ts";
import { regexOf } from "../../scenario/app/pattern.ts";
import type { ProbeSpec } from "../../scenario/app/probe-schema.ts";
import { placesIn } from "../../scenario/app/request.ts";
import type { Log } from "../../workload/log.ts";
import { type Acknowledged, Deliveries } from "./deliveries.ts";
import { readBack } from "./read-backs.ts";
import type { ProbeSender, Told } from "./sender.ts";

export interface ProbingOptions {
  readonly probes: readonly ProbeSpec[];
  readonly sender: ProbeSender;
  readonly log: Pick<Log, "observe" | "now">;
  /** What every `{{unique}}` of the run begins with. */
  readonly prefix: string;
  readonly signal: AbortSignal;
  /** What broke a probe in a way that is no answer of the application. */
  readonly onFailure: (error: unknown) => void;
}

/** An application that says that it is ready may still have to connect to its servers. */
const BEFORE_MS = 10_000;
const AGAIN_MS = 250;

/** The probes of a drill, in the order of its times. */
export class Probing {
  readonly #options: ProbingOptions;
  readonly #written = new Map<string, Acknowledged[]>();
  readonly #deliveries = new Map<string, Deliveries>();
  readonly #running = new Map<
    ProbeTime,
    { readonly end: AbortController; readonly ended: Promise<unknown> }
  >();
  /** Those that send `{{unique}}`. */
  readonly #traced: ReadonlySet<ProbeSpec>;
  readonly #events: readonly (readonly [name: string, regex: RegExp])[];
  #ids = 0;

  constructor(options: ProbingOptions) {
    this.#options = options;
    this.#traced = new Set(options.probes.filter(sendsId));
    this.#events = options.probes.flatMap(({ by, name, asks }) =>
      by === "stdout" ? [[name, everywhere(regexOf(asks))] as const] : [],
    );
  }

  /** Takes a line of the application's output. */
  line(instance: string, text: string): void {
    const { log, prefix } = this.#options;
    for (const [probe, regex] of this.#events)
      for (const { groups } of text.matchAll(regex)) {
        const id = groups?.id;
        if (!id?.startsWith(prefix)) continue;
        const at = log.now();
        log.observe("app-delivered", { probe, instance, at, id });
        this.#deliveriesOf(probe).told(id, at);
      }
  }

  /** Sends those of that time at their rates, until `end`. */
  begin(time: "during" | "always"): void {
    const end = new AbortController();
    const signal = AbortSignal.any([this.#options.signal, end.signal]);
    const ended = Promise.all(
      this.#of(time)
        .filter(({ by }) => by !== "stdout")
        .map((probe) => this.#steadily(probe, signal).catch(this.#options.onFailure)),
    );
    this.#running.set(time, { end, ended });
  }

  /** Sends them no more, and waits for the last answers. */
  async end(time: "during" | "always"): Promise<void> {
    const running = this.#running.get(time);
    running?.end.abort();
    await running?.ended;
    this.#running.delete(time);
  }

  /** Each until it is right, for a while. @returns what was not right */
  async before(): Promise<string[]> {
    const told = await Promise.all(
      this.#of("before").map((probe) => this.#untilRight(probe, "before", BEFORE_MS)),
    );
    return told.flat();
  }

  /** Nothing is sent any more: waits until the application has told of all that it acknowledged, or tells no more. */
  async delivered(): Promise<void> {
    const { log, signal } = this.#options;
    const probes = this.#options.probes.filter(({ is }) => is === "delivered");
    await Promise.all(
      probes.map(({ name, of, withinMs }) => {
        const writes = this.#written.get(of ?? "") ?? [];
        return this.#deliveriesOf(name).settle(writes, { now: log.now, withinMs, signal });
      }),
    );
  }

  /** Once each; read-backs once for each write. */
  async after(): Promise<string[]> {
    const told = await Promise.all(
      this.#of("after").map((probe) =>
        probe.is === "read-back" ? this.#readBacks(probe, "after") : this.#untilRight(probe, "after", 0),
      ),
    );
    return told.flat();
  }

  /** Until they are right, or their time is up. */
  async eventually(): Promise<string[]> {
    const told = await Promise.all(
      this.#of("eventually").map((probe) =>
        probe.is === "read-back"
          ? this.#readBacks(probe, "eventually")
          : this.#untilRight(probe, "eventually", probe.withinMs),
      ),
    );
    return told.flat();
  }

  #deliveriesOf(probe: string): Deliveries {
    const known = this.#deliveries.get(probe) ?? new Deliveries();
    this.#deliveries.set(probe, known);
    return known;
  }

  #of(time: ProbeTime): ProbeSpec[] {
    return this.#options.probes.filter(({ when }) => when.includes(time));
  }

  /** An HTTP probe waits for no answer; a command for the one before it, or the machine would be full of them. */
  async #steadily(probe: ProbeSpec, signal: AbortSignal): Promise<void> {
    const { log, onFailure } = this.#options;
    const pending = new Set<Promise<unknown>>();
    await atFixedRate(probe.everyMs ?? AGAIN_MS, { now: log.now, signal }, (due) => {
      if (probe.by === "command" && pending.size > 0) return;
      const asked = this.#ask(probe, due)
        .catch(onFailure)
        .finally(() => pending.delete(asked));
      pending.add(asked);
    });
    await Promise.all(pending); // each ends by its own deadline
  }

  async #ask(probe: ProbeSpec, due?: number): Promise<Told> {
    const id = this.#traced.has(probe) ? this.#nextId() : "";
    const told = await this.#options.sender.ask(probe, id, due);
    const { outcome } = told.end;
    const at = this.#options.log.now();
    if (id !== "" && probe.is === "write" && outcome !== "fail") {
      const written = this.#written.get(probe.name) ?? [];
      written.push({ id, outcome, at });
      this.#written.set(probe.name, written);
    }
    return told;
  }

  async #untilRight(
    probe: ProbeSpec,
    when: Observed["app-probe"]["when"],
    withinMs: number,
  ): Promise<string[]> {
    const { signal } = this.#options;
    const time = runningTime();
    try {
      for (;;) {
        const told = await this.#ask(probe);
        const ok = told.end.outcome === "ok";
        if (ok || signal.aborted || time.soFar().spentMs >= withinMs)
          return this.#tell(probe, when, ok, told.seen);
        await pause(probe.everyMs ?? AGAIN_MS, signal).catch(() => {}); // aborted: asked once more, and told
      }
    } finally {
      time.end();
    }
  }

  async #readBacks(probe: ProbeSpec, when: "after" | "eventually"): Promise<string[]> {
    const { sender, signal } = this.#options;
    const writes = this.#written.get(probe.of ?? "") ?? [];
    const { right, wrong, unasked, seen } = await readBack(sender, probe, writes, {
      isOnce: when === "after",
      signal,
    });
    const told = [
      `${right} of ${writes.length} writes were answered for`,
      ...(wrong > 0 ? [`${wrong} were not as they should be (last: ${seen})`] : []),
      ...(unasked > 0 ? [`time was up before ${unasked} were asked for`] : []),
    ];
    return this.#tell(probe, when, wrong + unasked === 0, told.join("; "));
  }

  #tell({ name }: ProbeSpec, when: Observed["app-probe"]["when"], ok: boolean, seen: string): string[] {
    const { log } = this.#options;
    log.observe("app-probe", { probe: name, when, at: log.now(), ok, seen });
    return ok ? [] : [`${name}: ${seen}`];
  }

  #nextId(): string {
    this.#ids += 1;
    return `${this.#options.prefix}${this.#ids}`;
  }
}

function sendsId({ asks, headers }: ProbeSpec): boolean {
  return placesIn(`${asks} ${Object.values(headers).join(" ")}`).includes("unique");
}

/** A line may tell of several. */
function everywhere({ source, flags }: RegExp): RegExp {
  return new RegExp(source, `${flags.replace("g", "")}g`);
}
