/*
 *   events of a history ─▶ streams (writes, reads; of each shard) ─▶ in the order of sending, each settled ─▶ outages ─▶ well?
 */
import { shardOfKey } from "../base/slots.ts";
import { isCompletion } from "../history/operations.ts";
import type { CompletionEvent, HistoryEvent, InvokeEvent } from "../model/event.ts";
import { observedIn, type WorkloadData } from "../model/observed.ts";
import type { ShardPlan } from "../model/plan.ts";
import { STALL_NS } from "./limits.ts";
import { dueAt } from "./operation.ts";
import { type Kind, type OnOutage, type Sent, Stream, type StreamName } from "./stream.ts";

/** By what the probe calls its operations. */
const KINDS: Readonly<Record<string, Kind>> = { write: "writes", read: "reads" };

/**
 * Is the service well, while it is asked? It is fed with every event of a history as they come. What it says at the end
 * is what the checkers find in that history: both count by the same tracker.
 *
 * Only the probe's operations tell, since it alone never waits for an answer. Each stream is for itself: writes and
 * reads, in a cluster of each shard.
 */
export class Service {
  readonly #shards: readonly ShardPlan[];
  readonly #onOutage: OnOutage;
  readonly #streams = new Map<string, Stream>();
  readonly #open = new Map<number, { readonly sent: Sent; readonly stream: Stream }>();
  /** Which streams a workload sends. */
  readonly #byWorkload = new Map<string, Set<Stream>>();
  #heardAt = 0;

  constructor(shards: readonly ShardPlan[], onOutage: OnOutage = () => {}) {
    this.#shards = shards;
    this.#onOutage = onOutage;
  }

  get streams(): Iterable<Stream> {
    return this.#streams.values();
  }

  /** Takes the next event of the history; those that are no concern of its own are passed over. */
  take(event: HistoryEvent): void {
    const workload = observedIn(event, "workload");
    if (event.type === "invoke") this.#invoked(event);
    else if (isCompletion(event)) this.#completed(event);
    else if (workload) this.#workload(workload);
  }

  /** Nothing that was due up to that time is still to be heard of: what was not answered by then waits. ns. */
  look(now: number): void {
    this.#heardAt = Math.max(this.#heardAt, now);
    for (const stream of this.#streams.values()) stream.settle(this.#heardAt);
  }

  /**
   * Why the service does not count as well, or undefined if it does: of every stream a success must have been sent
   * since that time, no outage may go on, and the last must have ended `STABLE_MS` ago, in a recovery that lasts.
   */
  unwell(since: number, now: number): string | undefined {
    if (this.#streams.size === 0) return "no probe is running (start: unique-writes)";
    for (const stream of this.#streams.values()) {
      stream.settle(this.#heardAt);
      const why = stream.unwell(since, now);
      if (why !== undefined) return `${streamText(stream.name)} ${why}`;
    }
    return undefined;
  }

  /**
   * What still waits for its answer, though it was due long ago: `writes wait for an answer`. A drill gives each
   * operation a deadline.
   */
  waiting(now: number): string | undefined {
    for (const { sent, stream } of this.#open.values())
      if (now - dueAt(sent) > STALL_NS) return `${streamText(stream.name)} wait for an answer`;
    return undefined;
  }

  #invoked({ op, at, due, client, workload, f, key }: InvokeEvent): void {
    const kind = KINDS[f];
    if (client !== "probe" || kind === undefined) return;
    const stream = this.#streamOf(kind, key, workload);
    const sent: Sent = { invokedAt: at, due: due ?? at, outcome: "info", isSettled: false };
    stream.invoked(sent);
    this.#open.set(op, { sent, stream });
    this.#hear(at, stream);
  }

  #completed({ op, at, type, error }: CompletionEvent): void {
    const open = this.#open.get(op);
    if (open === undefined) return;
    this.#open.delete(op);
    const { sent, stream } = open;
    if (!sent.isSettled) {
      sent.completedAt = at;
      sent.outcome = type;
      if (error) sent.errorClass = error.class;
    }
    this.#hear(at, stream);
  }

  #workload({ workload, phase, at }: WorkloadData): void {
    if (phase !== "end") return;
    for (const stream of this.#byWorkload.get(workload) ?? []) stream.stopped(at);
    this.#byWorkload.delete(workload);
  }

  #hear(at: number, stream: Stream): void {
    this.#heardAt = Math.max(this.#heardAt, at);
    stream.settle(this.#heardAt);
  }

  #streamOf(kind: Kind, key: string, workload: string): Stream {
    const shard = shardOfKey(key, this.#shards);
    const name = `${kind} ${shard}`;
    const of: StreamName = { kind, ...(shard !== undefined && { shard }) };
    const stream = this.#streams.get(name) ?? new Stream(of, this.#onOutage);
    this.#streams.set(name, stream);
    const sent = this.#byWorkload.get(workload) ?? new Set();
    this.#byWorkload.set(workload, sent.add(stream));
    return stream;
  }
}

/** `writes`, `reads to shard 2` */
export function streamText({ kind, shard }: StreamName): string {
  return shard === undefined ? kind : `${kind} to shard ${shard}`;
}
