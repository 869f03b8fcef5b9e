import { STABLE_NS, STALL_MS, STALL_NS } from "./limits.ts";
import { type Asked, dueAt, isBad } from "./operation.ts";
import type { OutageInterval } from "./outage-interval.ts";
import { OutageTracker } from "./outage-tracker.ts";

/** What the probe can see of the service. */
export type Kind = "writes" | "reads";

/** Writes or reads of the probe; in a cluster, those to the keys of one shard. */
export interface StreamName {
  readonly kind: Kind;
  readonly shard?: number;
}

/** A time over which the probe sent one stream. ns; `to` is absent while it does. */
export interface Watched {
  readonly from: number;
  readonly to?: number;
}

/** An operation whose end may not be known yet. */
export interface Sent extends Asked {
  completedAt?: number;
  outcome: Asked["outcome"];
  errorClass?: string;
  /** It was counted as bad for want of an answer. */
  isSettled: boolean;
}

/** Is told of an outage that has ended, or whose end nobody can see any more, since the probe was stopped in it. */
export type OnOutage = (name: StreamName, outage: OutageInterval) => void;

/** One stream while it is sent: its outages, and whether it is well. */
export class Stream {
  readonly name: StreamName;
  readonly watched: Watched[] = [];
  readonly #onOutage: OnOutage;
  #lastEndAt = -Infinity;
  #tracker: OutageTracker | undefined;
  /** In the order of sending; those before `#next` are settled. */
  #sent: Sent[] = [];
  #next = 0;
  #lastGoodSentAt = -Infinity;
  #lastError = "";

  constructor(name: StreamName, onOutage: OnOutage) {
    this.name = name;
    this.#onOutage = onOutage;
  }

  /** The outage that goes on. While `seeminglyEndAt` or `endAt` is set it seems to be over, and nobody knows yet whether that lasts. */
  get current(): OutageInterval | undefined {
    return this.#tracker?.current();
  }

  invoked(sent: Sent): void {
    if (this.#tracker === undefined) {
      this.#tracker = new OutageTracker(sent.invokedAt);
      this.watched.push({ from: sent.invokedAt });
    }
    this.#sent.push(sent);
  }

  /**
   * Settles what can be settled by then: what was answered, and what was due so long ago that no answer would make it good. So in the
   * order of sending, each at most `STALL_MS` after it was due.
   */
  settle(now: number): void {
    for (; this.#next < this.#sent.length; this.#next += 1) {
      const sent = this.#sent[this.#next] as Sent;
      if (sent.completedAt === undefined && now - dueAt(sent) <= STALL_NS) break;
      this.#take(sent);
    }
    if (this.#next < FORGET_AFTER) return;
    this.#sent = this.#sent.slice(this.#next);
    this.#next = 0;
  }

  /** The probe was stopped, and all that it had sent has ended: what is not asked for is not missed. */
  stopped(now: number): void {
    if (this.#tracker === undefined) return;
    this.settle(Infinity);
    const open = this.#tracker.current();
    if (open) this.#over(open);
    this.#tracker = undefined;
    this.watched.push({ ...(this.watched.pop() as Watched), to: now });
  }

  /** Why it does not count as well, or undefined if it does: see `Service.unwell`. */
  unwell(since: number, now: number): string | undefined {
    const open = this.#tracker?.current();
    if (open) {
      const recovered = open.endAt ?? open.seeminglyEndAt;
      return recovered === undefined ? this.#lastError : "went well for too short a time";
    }
    if (this.#lastGoodSentAt < since) return "are not answered yet";
    return now - this.#lastEndAt < STABLE_NS ? "went well for too short a time" : undefined;
  }

  #over(outage: OutageInterval): void {
    this.#lastEndAt = outage.endAt ?? this.#lastEndAt;
    this.#onOutage(this.name, outage);
  }

  #take(sent: Sent): void {
    sent.isSettled = true;
    const ended = this.#tracker?.take(sent);
    if (ended) this.#over(ended);
    if (!isBad(sent)) this.#lastGoodSentAt = Math.max(this.#lastGoodSentAt, sent.invokedAt);
    else if (sent.outcome === "ok") this.#lastError = `were answered more than ${STALL_MS} ms late`;
    else if (sent.completedAt === undefined) this.#lastError = "wait for an answer";
    else this.#lastError = `fail: ${sent.errorClass ?? "UNKNOWN"}`;
  }
}

/** Settled operations are dropped once there are so many. */
const FORGET_AFTER = 4096;
