import type { Socket } from "node:net";
import type { LinkState } from "./link-state.ts";

/** How a stream ends: in order, or by a reset. */
export type Ending = "fin" | "reset";

interface Item {
  /** Bytes, or how the stream ended. */
  bytes: Buffer | Ending;
  dueAt: number;
}

/**
 * One way of one connection, over one link:
 *
 *     source ─▶ (nothing is done to the link) ─────────────────▶ sink
 *         └───▶ queue: due? allowed? not silent? ── portion ──▶──┘
 *
 * Bytes keep their order, and the end of the stream comes after them. What is held is bounded: beyond that the source
 * is not read, and its sender feels it. Nor is it read while the sink takes no more.
 */
export class Flow {
  readonly link: LinkState;
  readonly #source: Socket;
  #sink: Socket | undefined;
  #queue: Item[] = [];
  #held = 0;
  #choked = false;
  #paused = false;
  #dueAt = 0;
  #sentAt = 0;
  #timer: NodeJS.Timeout | undefined;
  /** How the source ended, whether or not the sink has been told. */
  ended: Ending | undefined;

  constructor(link: LinkState, source: Socket) {
    this.link = link;
    this.#source = source;
    source.on("data", (bytes: Buffer) => this.#take(bytes));
    source.on("end", () => this.#end("fin"));
  }

  /** From now on there is somebody to send to. */
  attach(sink: Socket): void {
    this.#sink = sink;
    sink.on("drain", () => {
      this.#choked = false;
      this.#pump();
    });
    this.review();
  }

  /** Nobody is there to send to any more. */
  detach(): void {
    this.#sink = undefined;
    this.#forget();
  }

  /** The source is gone without an orderly end. */
  breakOff(): void {
    this.#end("reset");
  }

  /** Looks again, after the link has changed. */
  review(): void {
    if (!this.link.delayed) {
      for (const item of this.#queue) item.dueAt = 0;
      this.#dueAt = 0;
    }
    this.#pump();
  }

  /** Nothing is sent or held any more. */
  close(): void {
    this.detach();
    this.#source.removeAllListeners("data");
  }

  #take(bytes: Buffer): void {
    if (this.link.plain && this.#queue.length === 0 && this.#sink) {
      this.link.bytes += bytes.length;
      this.#write(this.#sink, bytes);
      this.#govern();
      return;
    }
    this.#enqueue(bytes);
    this.#held += bytes.length;
    this.#pump();
  }

  #end(how: Ending): void {
    if (this.ended === "reset" || this.ended === how) return;
    this.ended = how;
    this.#enqueue(how);
    this.#pump();
  }

  #enqueue(bytes: Buffer | Ending): void {
    const delayMs = this.link.delayed ? this.link.delayMs() : 0;
    this.#dueAt = delayMs > 0 ? Math.max(this.#dueAt, performance.now() + delayMs) : this.#dueAt;
    this.#queue.push({ bytes, dueAt: this.#dueAt });
  }

  #pump(): void {
    clearTimeout(this.#timer);
    let waitMs = 0;
    while (this.#queue.length > 0 && this.#sink && !this.#choked && !this.link.silent) {
      waitMs = this.#sendNext(this.#sink);
      if (waitMs > 0) break;
    }
    if (waitMs > 0) this.#timer = setTimeout(() => this.#pump(), waitMs);
    this.#govern();
  }

  /** Sends the first of the queue, or a portion of it. @returns how long to wait before it may go; 0 if it went. */
  #sendNext(sink: Socket): number {
    const item = this.#queue[0] as Item;
    const now = performance.now();
    if (item.dueAt > now) return item.dueAt - now;
    if (typeof item.bytes === "string") {
      this.#queue.shift();
      if (item.bytes === "fin") sink.end();
      else sink.resetAndDestroy();
      return 0;
    }
    const { waitMs, bytes } = this.link.allowance(now, this.#sentAt);
    if (waitMs > 0) return waitMs;
    const portion = item.bytes.length <= bytes ? item.bytes : item.bytes.subarray(0, bytes);
    if (portion === item.bytes) this.#queue.shift();
    else item.bytes = item.bytes.subarray(bytes);
    this.#held -= portion.length;
    this.#sentAt = now;
    this.link.spend(portion.length, now);
    this.#write(sink, portion);
    return 0;
  }

  #write(sink: Socket, bytes: Buffer): void {
    if (sink.destroyed || sink.writableEnded) return;
    this.#choked = !sink.write(bytes);
  }

  /** The source is read as long as its bytes have somewhere to go. */
  #govern(): void {
    const full = this.#choked || this.#held >= this.link.holdBytes;
    if (full === this.#paused) return;
    this.#paused = full;
    if (full) this.#source.pause();
    else this.#source.resume();
  }

  #forget(): void {
    clearTimeout(this.#timer);
    this.#queue = [];
    this.#held = 0;
  }
}
