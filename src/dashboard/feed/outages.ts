import type { LiveOutage } from "../../model/live.ts";

/** A time without a success is told as an outage once it is this long, as the checker of outages counts a stall. */
const STALL_MS = 250;
/** A workload of few operations has pauses of its own. */
const INTERVALS = 3;
const KEPT = 500;

/**
 * Sees the outages of one kind of operation (in a cluster: on one shard) while they last: from the last success to the
 * next one, where some that were due between them did not end well at once. What it says is for the eye; the verdict is
 * the checkers'.
 */
export class LiveOutages {
  readonly #of: Pick<LiveOutage, "kind" | "shard">;
  readonly #outages: LiveOutage[] = [];
  #lastOkMs: number | undefined;
  /** Time between two invocations, smoothed. */
  #everyMs = 0;
  #lastInvokedMs: number | undefined;
  /** When the first operation after the last success was invoked. */
  #waitingSinceMs: number | undefined;
  #fresh: LiveOutage[] = [];

  constructor(of: Pick<LiveOutage, "kind" | "shard">) {
    this.#of = of;
  }

  invoked(atMs: number): void {
    if (this.#lastInvokedMs !== undefined) {
      this.#everyMs = this.#everyMs * 0.9 + (atMs - this.#lastInvokedMs) * 0.1;
    }
    this.#lastInvokedMs = atMs;
    this.#waitingSinceMs ??= atMs;
  }

  /** @returns the outage that this success ends, if it ends one */
  succeeded(atMs: number): LiveOutage | undefined {
    const open = this.#open();
    this.#lastOkMs = atMs;
    this.#waitingSinceMs = undefined;
    return open && this.#end(open, atMs);
  }

  /** @returns the outage that is seen to have begun, if one has */
  look(nowMs: number): LiveOutage | undefined {
    const sinceMs = this.#waitingSinceMs;
    if (sinceMs === undefined || this.#lastOkMs === undefined || this.#open() !== undefined) return undefined;
    if (nowMs - sinceMs < Math.max(STALL_MS, INTERVALS * this.#everyMs)) return undefined;
    const begun: LiveOutage = { ...this.#of, fromMs: this.#lastOkMs };
    this.#outages.push(begun);
    if (this.#outages.length > KEPT) this.#outages.shift();
    this.#fresh.push(begun);
    return begun;
  }

  /** Nobody asks any more: what is not served is not missed from then on. */
  pause(nowMs: number): void {
    this.#waitingSinceMs = undefined;
    this.#lastInvokedMs = undefined;
    const open = this.#open();
    if (open !== undefined) this.#end(open, nowMs);
  }

  fresh(): LiveOutage[] {
    return this.#fresh.splice(0);
  }

  all(): readonly LiveOutage[] {
    return this.#outages;
  }

  #end(open: LiveOutage, toMs: number): LiveOutage {
    const ended = { ...open, toMs };
    this.#outages[this.#outages.length - 1] = ended;
    this.#fresh.push(ended);
    return ended;
  }

  #open(): LiveOutage | undefined {
    const last = this.#outages.at(-1);
    return last !== undefined && last.toMs === undefined ? last : undefined;
  }
}
