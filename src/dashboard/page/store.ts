import type {
  LiveFaultWindow,
  LiveLine,
  LiveOutage,
  LiveSample,
  LiveSetup,
  LiveSlots,
  LiveStart,
  LiveStatus,
  LiveTick,
  LiveWatch,
} from "../../model/live.ts";
import type { LiveLife, LiveMemory, LiveProbe } from "../../model/live-app.ts";
import type { LiveBucket } from "../../model/live-bucket.ts";
import type { ReportChange } from "../../model/report-model.ts";

/** All that the page knows of a session. Its lists grow in place; `version` says that they did. */
export interface Session {
  readonly version: number;
  readonly setup: LiveSetup;
  readonly bucketMs: number;
  /** By their number; one in which nothing happened is missing. */
  readonly buckets: (LiveBucket | undefined)[];
  readonly changes: ReportChange[];
  readonly samples: LiveSample[];
  readonly slots: LiveSlots[];
  readonly lines: LiveLine[];
  readonly faults: readonly LiveFaultWindow[];
  readonly outages: readonly LiveOutage[];
  readonly watched: readonly LiveWatch[];
  /** The application under the drill; its lists are empty where there is none. */
  readonly app: AppSession;
  readonly nowMs: number;
  readonly total: number;
  readonly status: LiveStatus;
}

/** What the page knows of an application. */
export interface AppSession {
  readonly probes: ReadonlyMap<string, KnownProbe>;
  readonly life: readonly LiveLife[];
  readonly memory: readonly LiveMemory[];
}

/** A probe with all of its buckets, by their number. */
export interface KnownProbe extends Pick<LiveProbe, "bucketMs" | "waitingSinceMs"> {
  readonly buckets: (LiveBucket | undefined)[];
}

/** `connecting`: not yet, or no more and tried again; `gone`: not tried again. */
export type Contact = "connecting" | "connected" | "gone";

/** The server keeps no more either. */
const LINES = 6000;
const SAMPLES = 10_000;

/** Takes what the server tells, and lets the page draw it at most once a frame. */
export class LiveStore {
  session: Session | undefined;
  contact: Contact = "connecting";
  readonly #listeners = new Set<() => void>();
  #drawing = false;

  begin({ setup, bucketMs, soFar }: LiveStart): void {
    const empty = {
      changes: [],
      samples: [],
      slots: [],
      lines: [],
      faults: [],
      outages: [],
      watched: [],
      buckets: [],
    };
    const { nowMs, total, status } = soFar;
    const app = { probes: new Map(), life: [], memory: [] };
    this.session = { ...structuredClone(empty), version: 0, setup, bucketMs, app, nowMs, total, status };
    this.go(soFar);
  }

  go(tick: LiveTick): void {
    const before = this.session;
    if (before === undefined) return;
    const { nowMs, total, status } = tick;
    for (const bucket of tick.buckets) before.buckets[bucket[0]] = bucket;
    append(before.changes, tick.changes);
    append(before.samples, tick.samples, SAMPLES);
    append(before.slots, tick.slots);
    append(before.lines, tick.lines, LINES);
    const faults = merged(before.faults, tick.faults, ({ id }) => String(id));
    const outages = merged(before.outages, tick.outages, inStream);
    const watched = merged(before.watched, tick.watched, inStream);
    const version = before.version + 1;
    const app = withNews(before.app, tick.app);
    this.session = { ...before, version, app, faults, outages, watched, nowMs, total, status };
    this.contact = "connected";
    this.#draw();
  }

  lose(forGood: boolean): void {
    this.contact = forGood ? "gone" : "connecting";
    this.#draw();
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #draw(): void {
    if (this.#drawing) return;
    this.#drawing = true;
    requestAnimationFrame(() => {
      this.#drawing = false;
      for (const listener of this.#listeners) listener();
    });
  }
}

/** Past it the oldest go: the server keeps no more either. */
const MEMORIES = 5000;

function withNews(before: AppSession, news: LiveTick["app"]): AppSession {
  if (news === undefined) return before;
  const probes = new Map(before.probes);
  for (const { name, bucketMs, buckets, waitingSinceMs } of news.probes) {
    const known = probes.get(name)?.buckets ?? [];
    for (const bucket of buckets) known[bucket[0]] = bucket;
    probes.set(name, { bucketMs, waitingSinceMs, buckets: known });
  }
  return {
    probes,
    life: [...before.life, ...news.life],
    memory: [...before.memory, ...news.memory].slice(-MEMORIES),
  };
}

function inStream({ kind, shard, fromMs }: LiveWatch): string {
  return `${kind} ${shard} ${fromMs}`;
}

function append<T>(to: T[], what: readonly T[], most = Number.POSITIVE_INFINITY): void {
  for (const one of what) to.push(one);
  if (to.length > most) to.splice(0, to.length - Math.floor(most * 0.9));
}

/** What is new takes the place of what had the same name. */
function merged<T>(before: readonly T[], fresh: readonly T[], nameOf: (one: T) => string): readonly T[] {
  if (fresh.length === 0) return before;
  const all = new Map([...before, ...fresh].map((one) => [nameOf(one), one]));
  return [...all.values()];
}
