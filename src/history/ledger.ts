import { fstatSync, readSync } from "node:fs";
import type { EndEvent, HistoryEvent } from "../model/event.ts";
import { RunningDigest } from "./digest.ts";

/**
 * Keeps the books of a history that is being written, for its last line: how many lines of each type, and a digest of
 * all bytes.
 */
export class Ledger {
  readonly #digest = new RunningDigest();
  readonly #counts = new Map<string, number>();

  /** A line of that type will be among the bytes. */
  count(type: HistoryEvent["type"]): void {
    this.#counts.set(type, (this.#counts.get(type) ?? 0) + 1);
  }

  /** Bytes as they are written, in order. */
  add(bytes: Buffer): void {
    this.#digest.add(bytes);
  }

  /** The line of the event that ends the history, once all before it was added. */
  lastLine(end: EndEvent): string {
    const counts = Object.fromEntries(this.#counts);
    const events = [...this.#counts.values()].reduce((sum, count) => sum + count, 0);
    return this.#digest.lastLine(JSON.stringify({ ...end, events, counts, digest: undefined }));
  }
}

/** A line's type, as the recorder writes it. */
const TYPE = /^{"type":"([a-z]+)"/;
/** The type stands within them. */
const MOST_TYPE_CHARS = 64;
const PIECE_BYTES = 1024 * 1024;

/** The books of what an open file holds: whole lines as a recorder wrote them, or nothing. */
export function ledgerOf(fd: number): Ledger {
  const ledger = new Ledger();
  const { size } = fstatSync(fd);
  const piece = Buffer.alloc(Math.min(size, PIECE_BYTES));
  let begun = "";
  for (let at = 0; at < size; ) {
    const bytes = piece.subarray(0, readSync(fd, piece, 0, piece.length, at));
    if (bytes.length === 0) break; // it was cut meanwhile
    at += bytes.length;
    ledger.add(bytes);
    const lines = (begun + bytes.toString("latin1")).split("\n");
    begun = (lines.pop() ?? "").slice(0, MOST_TYPE_CHARS);
    for (const line of lines) {
      const type = TYPE.exec(line)?.[1];
      if (type !== undefined) ledger.count(type as HistoryEvent["type"]);
    }
  }
  return ledger;
}
