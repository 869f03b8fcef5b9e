import type { CompletionEvent, EndEvent, HistoryEvent, InvokeEvent } from "../model/event.ts";
import type { Ledger } from "./ledger.ts";
import { MOST_LINE_CHARS } from "./limits.ts";
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
  readonly #ledger: Ledger;
  #ended = false;

  /** @param ledger the books of what the file holds already */
  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  /** A chunk is full: it should be written without waiting for more. */
  get hasFull(): boolean {
    return this.#full.length > 0;
  }

  /**
   * Lines of operations are made many at a time: between the system calls of a busy client, each would cost several
   * times as much. So such an event must not be changed later; any other may be. Nothing follows the event that ends
   * the history.
   *
   * @throws Error if it cannot be a line
   */
  add(event: HistoryEvent): void {
    if (this.#ended) return;
    if (event.type === "end") {
      this.#end(event);
      return;
    }
    this.#waiting.push(isOperation(event) ? event : lineOf(event));
    this.#ledger.count(event.type);
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

  #end(event: EndEvent): void {
    this.#write();
    this.#turnOver();
    this.#ended = true;
    this.#addText(this.#ledger.lastLine(event));
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
    if (text.length > MOST_LINE_CHARS)
      throw new Error(`a line of ${text.length} characters; at most ${MOST_LINE_CHARS} can be read again`);
    const most = text.length * MOST_BYTES_A_CHARACTER;
    if (this.#used + most > CHUNK_BYTES) this.#turnOver();
    if (most > CHUNK_BYTES) this.#fill(Buffer.from(text));
    else this.#used += this.#chunk.write(text, this.#used);
  }

  #turnOver(): void {
    if (this.#used === 0) return;
    this.#fill(this.#chunk.subarray(0, this.#used));
    this.#chunk = this.#spare.pop() ?? Buffer.allocUnsafe(CHUNK_BYTES);
    this.#used = 0;
  }

  #fill(bytes: Buffer): void {
    this.#ledger.add(bytes);
    this.#full.push(bytes);
  }
}

function lineOf(event: HistoryEvent): string {
  return `${JSON.stringify(event)}\n`;
}

function isOperation(event: HistoryEvent): event is InvokeEvent | CompletionEvent {
  const { type } = event;
  return type === "invoke" || type === "ok" || type === "fail" || type === "info";
}
