import type { CompletionEvent, HistoryEvent, InvokeEvent } from "../model/event.ts";
import { writeOperationLine } from "./operation-line.ts";

/** Size of a chunk of lines. */
const CHUNK_BYTES = 256 * 1024;
/** A character of JSON takes at most so many bytes of UTF-8. */
const MOST_BYTES_A_CHARACTER = 3;
/** An operation's line is seldom longer; where less is left, the chunk is taken as full. */
const ROOM_BYTES = 2048;
/** Chunks kept for use again once they were written. */
const MOST_SPARE = 2;

/** Operations that wait to become lines, at most. */
const AT_A_TIME = 512;

/** Gathers events as bytes of JSON Lines, ready to be written. */
export class LineChunks {
  readonly #full: Buffer[] = [];
  readonly #spare: Buffer[] = [];
  #waiting: (InvokeEvent | CompletionEvent | string)[] = [];
  #chunk: Buffer = Buffer.allocUnsafe(CHUNK_BYTES);
  #used = 0;

  /** A chunk is full: it should be written without waiting for more. */
  get hasFull(): boolean {
    return this.#full.length > 0;
  }

  /**
   * Lines of operations are made many at a time: between the system calls of a busy client, each would cost several times as
   * much. So such an event must not be changed later; any other may be.
   */
  add(event: HistoryEvent): void {
    this.#waiting.push(isOperation(event) ? event : lineOf(event));
    if (this.#waiting.length >= AT_A_TIME) this.#write();
  }

  /** Bytes to be written next, in the order of events; nothing if none are left. They are to be given back. */
  take(): Buffer | undefined {
    this.#write();
    if (this.#full.length === 0 && this.#used > 0) this.#turnOver();
    return this.#full.shift();
  }

  /** Bytes from {@link take} that nobody uses any more. */
  giveBack(bytes: Buffer): void {
    const reusable = bytes.buffer.byteLength === CHUNK_BYTES && this.#spare.length < MOST_SPARE;
    if (reusable) this.#spare.push(Buffer.from(bytes.buffer));
  }

  /** Forgets what was not taken. */
  clear(): void {
    this.#waiting.length = 0;
    this.#full.length = 0;
    this.#used = 0;
  }

  #write(): void {
    for (const event of this.#waiting) {
      if (this.#used > CHUNK_BYTES - ROOM_BYTES) this.#turnOver();
      const end = typeof event === "string" ? -1 : writeOperationLine(event, this.#chunk, this.#used);
      if (end >= 0) this.#used = end;
      else this.#addText(typeof event === "string" ? event : lineOf(event));
    }
    this.#waiting.length = 0;
  }

  #addText(text: string): void {
    const most = text.length * MOST_BYTES_A_CHARACTER;
    if (this.#used + most > CHUNK_BYTES) this.#turnOver();
    if (most > CHUNK_BYTES) this.#full.push(Buffer.from(text));
    else this.#used += this.#chunk.write(text, this.#used);
  }

  #turnOver(): void {
    if (this.#used === 0) return;
    this.#full.push(this.#chunk.subarray(0, this.#used));
    this.#chunk = this.#spare.pop() ?? Buffer.allocUnsafe(CHUNK_BYTES);
    this.#used = 0;
  }
}

function lineOf(event: HistoryEvent): string {
  return `${JSON.stringify(event)}\n`;
}

function isOperation(event: HistoryEvent): event is InvokeEvent | CompletionEvent {
  const { type } = event;
  return type === "invoke" || type === "ok" || type === "fail" || type === "info";
}
