/*
 *   event ─┬─ operations ─▶ buckets, outages ─┐
 *          ├─ faults, topology ───────────────┼─▶ tick (what is new), start (everything so far)
 *          └─ lines of the event log ─────────┘
 */
import { isCompletion } from "../../history/operations.ts";
import type { CompletionEvent, FaultEvent, HistoryEvent, InvokeEvent } from "../../model/event.ts";
import type { LiveFaultWindow, LiveStart, LiveStatus, LiveTick } from "../../model/live.ts";
import type { LiveAppTick } from "../../model/live-app.ts";
import { PromotionsSoFar } from "../../report-model/promotions-so-far.ts";
import type { LiveSource } from "../source.ts";
import { LiveApp } from "./app.ts";
import { LiveBuckets } from "./buckets.ts";
import { LiveLines } from "./lines.ts";
import { LiveOutages } from "./outages.ts";
import { LiveTopology } from "./topology.ts";

/** An error of a class is told again once it was not seen for so long. */
const QUIET_MS = 2000;
/** Operations without an answer that are remembered; a workload sends no more than so many at a time. */
const MOST_OPEN = 200_000;

interface Open {
  readonly dueMs: number;
  readonly f: string;
  readonly key: string;
}

/** Folds the events of one session, however many a second, into what a page needs to draw it. */
export class LiveFeed {
  readonly #source: LiveSource;
  readonly #buckets = new LiveBuckets();
  readonly #lines = new LiveLines();
  readonly #topology: LiveTopology;
  readonly #outages: LiveOutages;
  readonly #app: LiveApp;
  readonly #promotions = new PromotionsSoFar();
  readonly #faults = new Map<number, LiveFaultWindow>();
  readonly #freshFaults = new Set<number>();
  readonly #open = new Map<number, Open>();
  readonly #errorSeenMs = new Map<string, number>();
  #total = 0;
  #merged = false;
  readonly #end: () => void;

  constructor(source: LiveSource) {
    this.#source = source;
    const data = source.setup.nodes.filter(({ role }) => role !== "sentinel").map(({ name }) => name);
    this.#topology = new LiveTopology(data);
    this.#outages = new LiveOutages(source.setup.shards, (atMs, text) =>
      this.#lines.add(atMs, { kind: "outage", from: "client", text }),
    );
    this.#app = new LiveApp((atMs, { client, f, key }, end) =>
      this.#error(f, atMs, client, `${f} ${key}`, end),
    );
    this.#end = source.onEvent((event) => this.#take(event));
  }

  /** Listens no more. */
  close(): void {
    this.#end();
  }

  /** What is new since the last call; `undefined`: so much has changed that all must be told again. */
  tick(): LiveTick | undefined {
    this.#look();
    const tick: LiveTick = {
      ...this.#now(),
      buckets: this.#buckets.changed(),
      ...this.#topology.fresh(),
      lines: this.#lines.fresh(),
      faults: [...this.#freshFaults].flatMap((id) => this.#faults.get(id) ?? []),
      ...this.#outages.fresh(),
      ...told(this.#app.fresh()),
    };
    this.#freshFaults.clear();
    if (!this.#merged) return tick;
    this.#merged = false;
    return undefined;
  }

  /** Everything so far. */
  start(): LiveStart {
    const soFar: LiveTick = {
      ...this.#now(),
      buckets: this.#buckets.all(),
      ...this.#topology.all(),
      lines: this.#lines.all(),
      faults: [...this.#faults.values()],
      ...this.#outages.all(),
      ...told(this.#app.all()),
    };
    return { setup: this.#source.setup, bucketMs: this.#buckets.widthMs, soFar };
  }

  #now(): { nowMs: number; total: number; status: LiveStatus } {
    return { nowMs: this.#source.nowMs(), total: this.#total, status: this.#source.status() };
  }

  #look(): void {
    const nowMs = this.#source.nowMs();
    this.#topology.sample(nowMs, this.#source.nodesNow());
    this.#outages.look(nowMs);
    for (const { from, to, at } of this.#promotions.fresh())
      this.#lines.add(at / 1e6, { kind: "promotion", from: to, text: `took over from ${from}` });
  }

  #take(event: HistoryEvent): void {
    const ofApp = this.#app.take(event);
    this.#merged = ofApp === "merged" || this.#merged;
    if (ofApp !== "no") return; // what its users see, not what the servers do
    this.#outages.take(event);
    this.#promotions.take(event);
    if (event.type === "invoke") this.#invoked(event);
    else if (isCompletion(event)) this.#completed(event);
    else {
      if (event.type === "topology") this.#topology.take(event);
      if (event.type === "fault") this.#fault(event);
      this.#lines.take(event);
    }
  }

  #invoked({ op, at, due, f, key }: InvokeEvent): void {
    this.#total += 1;
    if (this.#open.size < MOST_OPEN) this.#open.set(op, { dueMs: (due ?? at) / 1e6, f, key });
  }

  #completed({ op, at, type, error, node }: CompletionEvent): void {
    const open = this.#open.get(op);
    if (open === undefined) return;
    this.#open.delete(op);
    const atMs = at / 1e6;
    this.#merged = this.#buckets.take(open.dueMs, type, atMs - open.dueMs, error?.class) || this.#merged;
    if (type !== "ok")
      this.#error("servers", atMs, node ?? "client", `${open.f} ${open.key}`, { type, error });
  }

  /** A line for the first error of its class, and again once it was not seen for a while. */
  #error(
    group: string,
    atMs: number,
    from: string,
    what: string,
    { type, error }: Pick<CompletionEvent, "type" | "error">,
  ): void {
    const name = `${group} ${type} ${error?.class}`;
    const seenMs = this.#errorSeenMs.get(name) ?? -Infinity;
    this.#errorSeenMs.set(name, atMs);
    if (atMs - seenMs < QUIET_MS) return;
    const how = type === "fail" ? "failed" : "ended, nobody knows how";
    const text = `${what} ${how}: ${error?.class ?? "no answer"}: ${error?.message ?? ""}`;
    this.#lines.add(atMs, { kind: "error", from, text });
  }

  #fault({ id, at, phase, fault, label, targets, primaries = [] }: FaultEvent): void {
    const atMs = at / 1e6;
    const before = this.#faults.get(id) ?? {
      id,
      fault,
      label: label ?? fault,
      targets,
      primaries,
      injectMs: atMs,
    };
    const times = {
      inject: { injectMs: atMs },
      injected: { injectedMs: atMs },
      heal: { healMs: atMs },
      healed: { healedMs: atMs },
    };
    this.#faults.set(id, { ...before, ...times[phase] });
    this.#freshFaults.add(id);
  }
}

function told(app: LiveAppTick | undefined): { app?: LiveAppTick } {
  return app === undefined ? {} : { app };
}
