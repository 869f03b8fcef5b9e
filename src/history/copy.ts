import { createReadStream, createWriteStream } from "node:fs";
import { truncate, writeFile } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { DrillError } from "../model/errors.ts";
import type { HeaderEvent } from "../model/event.ts";
import { bytesAt } from "./bytes-at.ts";

const NEWLINE = 10;
/** A header of a hundred nodes takes a small part of it. */
const MOST_HEADER_BYTES = 4 * 1024 * 1024;
const TAIL_BYTES = 64 * 1024;

/**
 * Copies the first `size` bytes of a history that may still be written to, up to its last whole line, under a header
 * that is changed in some fields.
 *
 * @throws DrillError `BAD_RUN` if it has no header
 */
export async function copyHistory(
  from: string,
  to: string,
  size: number,
  change: Partial<HeaderEvent>,
): Promise<void> {
  const head = await bytesAt(from, 0, Math.min(size, MOST_HEADER_BYTES));
  const end = head.indexOf(NEWLINE);
  if (end < 0) throw new DrillError("BAD_RUN", `${from} has no header`);
  const header = JSON.parse(head.toString("utf8", 0, end)) as HeaderEvent;
  const line = `${JSON.stringify({ ...header, ...change })}\n`;
  await writeFile(to, line);
  if (size <= end + 1) return;
  await pipeline(
    createReadStream(from, { start: end + 1, end: size - 1 }),
    createWriteStream(to, { flags: "a" }),
  );
  await cutTornLine(to, Buffer.byteLength(line) + size - end - 1);
}

/** Looks for the last line feed piece by piece from the end: a line is seldom longer than one. */
async function cutTornLine(path: string, size: number): Promise<void> {
  for (let end = size; end > 0; end -= TAIL_BYTES) {
    const from = Math.max(0, end - TAIL_BYTES);
    const newline = (await bytesAt(path, from, end - from)).lastIndexOf(NEWLINE);
    if (newline >= 0) return truncate(path, from + newline + 1);
  }
}
