import type { WordTable } from "./word-search.ts";

/** A line in bytes: `bytes` from `from` to before `to`. The bytes are used again after the call. */
export type TakeLine = (bytes: Buffer, from: number, to: number, lineNo: number) => void;

const LINE_BREAK = 10;
/** A line of a server has at most 1024 characters; what stands around it is short. What is longer is cut here. */
const LONGEST = 64 * 1024;

/** What was counted of a stream. */
export interface Counted {
  bytes: number;
  lines: number;
}

/**
 * Hands on the lines of a stream in which one of the words stands, its first lines and its last one whatever they
 * hold. Bounded memory.
 */
export class LineFilter {
  readonly counted: Counted = { bytes: 0, lines: 0 };
  readonly #table: WordTable;
  readonly #take: TakeLine;
  /** As many lines from the start are handed on without a word in them. */
  readonly #firstLines: number;
  /** The line that the last chunk broke off in. */
  #rest = Buffer.alloc(0);
  /** The last line that came to its end. */
  #last = Buffer.alloc(0);
  /** It goes on for longer than any line may. */
  #skipping = false;

  constructor(table: WordTable, take: TakeLine, firstLines: number) {
    this.#table = table;
    this.#take = take;
    this.#firstLines = firstLines;
  }

  push(chunk: Uint8Array): void {
    this.counted.bytes += chunk.length;
    let bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
    if (this.#skipping) {
      const end = bytes.indexOf(LINE_BREAK);
      if (end < 0) return;
      this.counted.lines += 1;
      this.#skipping = false;
      bytes = bytes.subarray(end + 1);
    }
    if (this.#rest.length > 0) {
      // Only the broken line is put together: the chunk itself is not copied.
      const end = bytes.indexOf(LINE_BREAK);
      const head = end < 0 ? bytes : bytes.subarray(0, end + 1);
      const joined = Buffer.concat([this.#rest, head]);
      this.#rest = Buffer.alloc(0);
      if (end < 0) {
        this.#keep(joined);
        return;
      }
      this.#search(joined);
      bytes = bytes.subarray(end + 1);
    }
    const last = bytes.lastIndexOf(LINE_BREAK);
    if (last >= 0) this.#search(bytes.subarray(0, last + 1));
    this.#keep(bytes.subarray(last + 1));
  }

  /** The stream is over: its last line may have no end. It is handed on in any case, perhaps for the second time. */
  end(): void {
    const { length } = this.#rest;
    if (length > 0) this.#search(Buffer.concat([this.#rest, Buffer.from("\n")]));
    const last = length > 0 ? this.#rest : this.#last;
    // It tells how far a log goes. Where it holds a word as well, it comes twice.
    if (this.counted.lines > this.#firstLines) this.#take(last, 0, last.length, this.counted.lines);
    this.#rest = Buffer.alloc(0);
  }

  #keep(rest: Buffer): void {
    if (rest.length <= LONGEST) {
      this.#rest = Buffer.from(rest);
      return;
    }
    this.#search(Buffer.concat([rest.subarray(0, LONGEST), Buffer.from("\n")]));
    this.counted.lines -= 1; // it is counted when its end comes
    this.#skipping = true;
  }

  /** Whole lines. */
  #search(bytes: Buffer): void {
    const { next, columnOf, found, lineBreak } = this.#table;
    const { length } = bytes;
    let { lines } = this.counted;
    let begin = 0;
    let state = lineBreak;
    for (let at = 0; at < length; at += 1) {
      state = next[state + (columnOf[bytes[at] as number] as number)] as number;
      if (state < found) continue;
      if (state === lineBreak) {
        lines += 1;
        if (lines <= this.#firstLines) this.#take(bytes, begin, at, lines);
        begin = at + 1;
        continue;
      }
      const end = bytes.indexOf(LINE_BREAK, at);
      lines += 1;
      this.#take(bytes, begin, end, lines);
      begin = end + 1;
      at = end;
      state = lineBreak;
    }
    this.counted.lines = lines;
    const last = length < 2 ? 0 : bytes.lastIndexOf(LINE_BREAK, length - 2) + 1;
    this.#last = Buffer.from(bytes.subarray(last, Math.min(length - 1, last + LONGEST)));
  }
}
