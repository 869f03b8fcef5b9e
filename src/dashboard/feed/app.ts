import { isOfApp } from "../../model/app.ts";
import type { CompletionEvent, HistoryEvent, InvokeEvent, ObservationEvent } from "../../model/event.ts";
import type { LiveAppTick, LiveLife, LiveMemory, LiveProbe } from "../../model/live-app.ts";
import { observedIn } from "../../model/observed.ts";
import { lifeText } from "../../report-model/app.ts";
import { LiveBuckets } from "./buckets.ts";

/** The oldest go first. */
const LIVES = 1000;
const MEMORIES = 5000;
/** Operations without an answer that are remembered, of all probes. */
const MOST_OPEN = 50_000;

interface Probe {
  readonly buckets: LiveBuckets;
  /** When those were due that wait for their answer, in the order of sending. */
  readonly waiting: Map<number, number>;
  toldWaitingMs: number | null;
}

/** Takes an error of a probe: for the event log. */
export type TellError = (
  atMs: number,
  op: Pick<InvokeEvent, "client" | "f" | "key">,
  end: CompletionEvent,
) => void;

/**
 * An application under a drill while it goes on: what its probes are answered, the life of its instances and their
 * memory. Its probes' operations say nothing of the servers.
 */
export class LiveApp {
  readonly #tell: TellError;
  readonly #probes = new Map<string, Probe>();
  readonly #open = new Map<number, InvokeEvent>();
  readonly #life: LiveLife[] = [];
  readonly #memory: LiveMemory[] = [];
  #freshLife: LiveLife[] = [];
  #freshMemory: LiveMemory[] = [];

  constructor(tell: TellError) {
    this.#tell = tell;
  }

  /** @returns whether the event was an operation of a probe; `merged`: all that was told before has changed */
  take(event: HistoryEvent): "no" | "taken" | "merged" {
    if (event.type === "invoke") return isOfApp(event) ? this.#invoked(event) : "no";
    if (event.type === "ok" || event.type === "fail" || event.type === "info") return this.#completed(event);
    if (event.type === "observation") this.#observed(event);
    return "no";
  }

  /** What is new since this was asked last; `undefined`: nothing. */
  fresh(): LiveAppTick | undefined {
    const probes = [...this.#probes].flatMap(([name, probe]): LiveProbe[] => {
      const [waitingSinceMs = null] = probe.waiting.values();
      const buckets = probe.buckets.changed();
      if (buckets.length === 0 && waitingSinceMs === probe.toldWaitingMs) return [];
      probe.toldWaitingMs = waitingSinceMs;
      return [{ name, bucketMs: probe.buckets.widthMs, buckets, waitingSinceMs }];
    });
    const [life, memory] = [this.#freshLife, this.#freshMemory];
    [this.#freshLife, this.#freshMemory] = [[], []];
    return probes.length + life.length + memory.length === 0 ? undefined : { probes, life, memory };
  }

  /** Everything so far; `undefined`: there is no application. */
  all(): LiveAppTick | undefined {
    const probes = [...this.#probes].map(([name, { buckets, waiting }]): LiveProbe => {
      const [waitingSinceMs = null] = waiting.values();
      return { name, bucketMs: buckets.widthMs, buckets: buckets.all(), waitingSinceMs };
    });
    if (probes.length + this.#life.length + this.#memory.length === 0) return undefined;
    return { probes, life: [...this.#life], memory: [...this.#memory] };
  }

  #invoked(event: InvokeEvent): "taken" {
    const { f, op, due, at } = event;
    const probe = this.#probes.get(f) ?? {
      buckets: new LiveBuckets(),
      waiting: new Map(),
      toldWaitingMs: null,
    };
    this.#probes.set(f, probe);
    if (this.#open.size < MOST_OPEN) {
      this.#open.set(op, event);
      probe.waiting.set(op, (due ?? at) / 1e6);
    }
    return "taken";
  }

  #completed(event: CompletionEvent): "no" | "taken" | "merged" {
    const begun = this.#open.get(event.op);
    if (begun === undefined) return "no";
    this.#open.delete(event.op);
    const probe = this.#probes.get(begun.f) as Probe;
    probe.waiting.delete(event.op);
    const [dueMs, atMs] = [(begun.due ?? begun.at) / 1e6, event.at / 1e6];
    const merged = probe.buckets.take(dueMs, event.type, atMs - dueMs, event.error?.class);
    if (event.type !== "ok") this.#tell(atMs, begun, event);
    return merged ? "merged" : "taken";
  }

  #observed(event: ObservationEvent): void {
    const life = observedIn(event, "app");
    if (life) {
      const { at, instance, event: happened } = life;
      const one = { atMs: at / 1e6, instance, event: happened, text: lifeText(life) };
      keep(this.#life, one, LIVES);
      keep(this.#freshLife, one, LIVES);
    }
    const memory = observedIn(event, "app-memory");
    if (memory) {
      const one: LiveMemory = [memory.at / 1e6, memory.instance, memory.rssBytes];
      keep(this.#memory, one, MEMORIES);
      keep(this.#freshMemory, one, MEMORIES);
    }
  }
}

function keep<T>(list: T[], one: T, most: number): void {
  list.push(one);
  if (list.length > most) list.splice(0, most / 10);
}
