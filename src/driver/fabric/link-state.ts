import { type Random, seededRandom } from "../../base/random.ts";
import type { Link, LinkEffect } from "../links.ts";

/** Bytes that a flow holds at most. The sender is not read from beyond that, so it feels that nothing moves. */
const HOLD_BYTES = 64 * 1024;
/**
 * The same where bytes are delayed: what is on its way must fit, or the delay would limit the rate more than need be.
 */
const HOLD_DELAYED_BYTES = 4 * 1024 * 1024;
/** A limited rate is spent in portions of this time, as timers are no finer than a millisecond. */
const PORTION_MS = 10;

/** When the next bytes of one flow may go, and how many. */
export interface Allowance {
  readonly waitMs: number;
  readonly bytes: number;
}

/** One link as the fabric sees it now: what is done to it, and what that means for the flows that use it. */
export class LinkState implements Link {
  readonly from: string;
  readonly to: string;
  /** Bytes that have passed since the start. */
  bytes = 0;
  connections = 0;
  /** Nothing is done to it. */
  plain = true;
  /** Nothing passes. */
  silent = false;
  /** The `to` end knows nothing of connections over it. */
  forgets = false;
  resets = false;
  readonly #effects = new Map<string, LinkEffect>();
  readonly #jitters = new Map<string, Random>();
  #delayed = false;
  #bytesPerMs = Infinity;
  /** When all that was sent at the limited rate will have passed. */
  #clearAt = 0;
  #drip: Extract<LinkEffect, { kind: "drip" }> | undefined;

  constructor({ from, to }: Link) {
    this.from = from;
    this.to = to;
  }

  get holdBytes(): number {
    return this.#delayed ? HOLD_DELAYED_BYTES : HOLD_BYTES;
  }

  get delayed(): boolean {
    return this.#delayed;
  }

  set(id: string, effect: LinkEffect): void {
    this.#effects.set(id, effect);
    if (effect.kind === "delay")
      this.#jitters.set(id, seededRandom(effect.seed).fork(`${this.from}>${this.to}`));
    this.#derive();
  }

  /** @returns false if there is nothing of that id here. */
  remove(id: string): boolean {
    const there = this.#effects.delete(id);
    this.#jitters.delete(id);
    if (there) this.#derive();
    return there;
  }

  /** How long bytes that come now are on their way, by the delays in force. */
  delayMs(): number {
    let total = 0;
    for (const [id, effect] of this.#effects) {
      if (effect.kind !== "delay") continue;
      const jitter = (2 * (this.#jitters.get(id)?.next() ?? 0.5) - 1) * effect.jitterMs;
      total += Math.max(0, effect.ms + jitter);
    }
    return total;
  }

  /** @param sentAt when the flow last sent something */
  allowance(now: number, sentAt: number): Allowance {
    const rateWaitMs = this.#clearAt - now - PORTION_MS;
    const dripWaitMs = this.#drip ? sentAt + this.#drip.everyMs - now : 0;
    const portion = Math.max(1, Math.floor(this.#bytesPerMs * PORTION_MS));
    return {
      waitMs: Math.max(0, rateWaitMs, dripWaitMs),
      bytes: Math.min(portion, this.#drip?.bytes ?? Infinity),
    };
  }

  /** These bytes go now. */
  spend(bytes: number, now: number): void {
    this.bytes += bytes;
    if (this.#bytesPerMs < Infinity) this.#clearAt = Math.max(now, this.#clearAt) + bytes / this.#bytesPerMs;
  }

  #derive(): void {
    const effects = [...this.#effects.values()];
    const has = (kind: LinkEffect["kind"]) => effects.some((effect) => effect.kind === kind);
    this.plain = effects.length === 0;
    this.forgets = has("half-open");
    this.silent = has("cut") || this.forgets;
    this.resets = has("reset");
    this.#delayed = has("delay");
    const rates = effects.map((effect) => (effect.kind === "bandwidth" ? effect.bytesPerSecond : Infinity));
    this.#bytesPerMs = Math.min(Infinity, ...rates) / 1000;
    if (this.#bytesPerMs === Infinity) this.#clearAt = 0;
    const drips = effects.filter((effect) => effect.kind === "drip");
    this.#drip = drips.sort((a, b) => a.bytes / a.everyMs - b.bytes / b.everyMs)[0];
  }
}
