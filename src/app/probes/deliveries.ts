import { pause, runningTime } from "../../base/wait.ts";
import { deliveryGraceNs } from "../../service/app-late.ts";
import type { Written } from "./read-backs.ts";

/** A write that is to be delivered, and when it was acknowledged: ns on the run's clock. */
export interface Acknowledged extends Written {
  readonly at: number;
}

const LOOK_MS = 50;
/** So much longer than the checkers grant a delivery: what comes no more by then is lost to them, too. */
const LONGER = 1.25;

/** What the application has told of, by one probe that reads its output. */
export class Deliveries {
  readonly #at = new Map<string, number>();
  #lastAt = 0;

  /** @param at when it was told, ns on the run's clock */
  told(id: string, at: number): void {
    if (!this.#at.has(id)) this.#at.set(id, at);
    this.#lastAt = at;
  }

  /**
   * Waits until the application has told of every write that was acknowledged. It gives up when nothing new was told
   * for far longer than any took, or when time is up: a write that is lost is never told of.
   */
  async settle(
    writes: readonly Acknowledged[],
    {
      now,
      withinMs,
      signal,
    }: { readonly now: () => number; readonly withinMs: number; readonly signal: AbortSignal },
  ): Promise<void> {
    const acknowledged = writes.filter(({ outcome }) => outcome === "ok");
    const began = now();
    const time = runningTime();
    try {
      while (!signal.aborted && time.soFar().spentMs < withinMs) {
        if (acknowledged.every(({ id }) => this.#at.has(id))) return;
        if (now() - Math.max(began, this.#lastAt) > this.#patienceNs(acknowledged)) return;
        await pause(LOOK_MS, signal).catch(() => {}); // aborted: the loop ends
      }
    } finally {
      time.end();
    }
  }

  #patienceNs(writes: readonly Acknowledged[]): number {
    const took = writes.map(({ id, at }) => (this.#at.get(id) ?? at) - at);
    return LONGER * deliveryGraceNs(took.reduce((most, one) => Math.max(most, one), 0));
  }
}
