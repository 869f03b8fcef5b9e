import { createReadStream } from "node:fs";
import { readdir, realpath, stat } from "node:fs/promises";
import { join } from "node:path";
import { pipeline, Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { messageOf } from "../../model/errors.ts";
import type { LogInput, SkippedInput } from "../model.ts";
import { clean } from "./clean.ts";

/** Something to read, with the name that it is shown by. */
export interface Source {
  readonly name: string;
  /** The same for all parts of a rotated log. */
  readonly root: string;
  /** When it was written last, ms since 1970; absent: not known. */
  readonly writtenAt?: number;
  bytes(): AsyncIterable<Uint8Array>;
}

/** Files that are no text, by their first bytes. */
const BINARY: readonly (readonly [string, string])[] = [
  ["REDIS0", "it is an RDB file"],
  ["VALKEY0", "it is an RDB file"],
  ["*", "it is an append-only file"],
  ["BZh", "it is compressed with bzip2: decompress it first"],
  ["\u00fd7zXZ", "it is compressed with xz: decompress it first"],
  ["(\u00b5/\u00fd", "it is compressed with zstd: decompress it first"],
  ["PK\u0003\u0004", "it is a ZIP archive: unpack it first"],
];
/** Of a folder, so deep and so many. */
const MOST_FILES = 10_000;
const DEEPEST = 12;

/**
 * Every file that the inputs name: files, folders and all below them, streams. What cannot be read is named in
 * `skipped`.
 */
export async function sourcesOf(inputs: readonly LogInput[], skipped: SkippedInput[]): Promise<Source[]> {
  const sources: Source[] = [];
  const seen = new Set<string>();
  for (const input of inputs) {
    if (typeof input === "string") await add(input, 0);
    else sources.push({ name: clean(input.name, 200), root: rootOf(input.name), bytes: () => input.stream });
  }
  return sources;

  async function add(path: string, depth: number): Promise<void> {
    const name = clean(path, 500);
    try {
      const found = await stat(path);
      // A pipe, as a shell's <(…) is, has no other name.
      const real = found.isFIFO() ? path : await realpath(path);
      if (seen.has(real)) return;
      seen.add(real);
      if (found.isDirectory()) await addFolder(path, depth);
      else if (!found.isFile() && !found.isFIFO()) skipped.push({ file: name, why: "it is no file" });
      else if (sources.length >= MOST_FILES)
        skipped.push({ file: name, why: `there are more than ${MOST_FILES} files` });
      else
        sources.push({
          name,
          root: rootOf(path),
          writtenAt: found.mtimeMs,
          bytes: () => createReadStream(real, CHUNKS),
        });
    } catch (error) {
      skipped.push({ file: name, why: `it cannot be read: ${clean(messageOf(error))}` });
    }
  }

  async function addFolder(path: string, depth: number): Promise<void> {
    if (depth > DEEPEST) {
      skipped.push({ file: clean(path, 500), why: "its folders lie too deep" });
      return;
    }
    for (const entry of (await readdir(path)).toSorted()) await add(join(path, entry), depth + 1);
  }
}

const CHUNKS = { highWaterMark: 1024 * 1024 };

/** `/var/log/redis.log` of `/var/log/redis.log.2.gz`, `redis.log-20261129`, `redis.1.log`. */
export function rootOf(path: string): string {
  return path
    .replace(/\.gz$/i, "")
    .replace(/[.-]\d{4}-?\d\d-?\d\d(?:[T_-]?\d{2,6})?$/, "")
    .replace(/(?<=[a-z])\.\d{1,3}$/i, "") // not of `10.0.0.1`
    .replace(/(?:(?<=[a-z])\.\d{1,2}|[.-]\d{4}-?\d\d-?\d\d)(\.log)$/i, "$1"); // not of `valkey-1.log`
}

/**
 * Why these first bytes are of no log; `undefined`: they may be of one. (Zeros tell nothing: truncating a log that is
 * written leaves some.)
 */
export function notText(head: Buffer): string | undefined {
  const text = head.toString("latin1", 0, 512);
  if (text.startsWith("*") && !/^\*\d+\r\n\$/.test(text)) return undefined;
  const known = BINARY.find(([magic]) => text.startsWith(magic));
  if (known) return known[1];
  return text.slice(257, 262) === "ustar" ? "it is a tar archive: unpack it first" : undefined;
}

/**
 * The bytes, unpacked if they are gzipped, whatever the name says. `onBroken` is told of an archive that ends too
 * early.
 */
export async function* unpacked(
  bytes: AsyncIterable<Uint8Array>,
  onBroken: (why: string) => void,
): AsyncGenerator<Uint8Array> {
  const iterator = bytes[Symbol.asyncIterator]();
  const first = await firstOf(iterator);
  if (first[0] !== 0x1f || first[1] !== 0x8b) {
    const all = joined(first, iterator);
    yield* first[0] === 0xff && first[1] === 0xfe ? fromUtf16(all) : all;
    return;
  }
  const gunzip = createGunzip({ chunkSize: 256 * 1024 });
  // What goes wrong ends the loop below as well.
  pipeline(Readable.from(joined(first, iterator)), gunzip, () => {});
  try {
    yield* gunzip as AsyncIterable<Uint8Array>;
  } catch (error) {
    onBroken(`it is a broken archive, read as far as it goes: ${clean(messageOf(error))}`);
  }
}

/** At least two bytes, unless there are fewer. */
async function firstOf(iterator: AsyncIterator<Uint8Array>): Promise<Uint8Array> {
  let first: Uint8Array = Buffer.alloc(0);
  while (first.length < 2) {
    const { done, value } = await iterator.next();
    if (done === true) break;
    first = first.length === 0 ? value : Buffer.concat([first, value]);
  }
  return first;
}

async function* joined(first: Uint8Array, more: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  if (first.length > 0) yield first;
  for (;;) {
    const { done, value } = await more.next();
    if (done === true) return;
    yield value;
  }
}

/** What Windows' shells write when they redirect, as UTF-8. */
async function* fromUtf16(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const decoder = new TextDecoder("utf-16le");
  for await (const chunk of bytes) yield Buffer.from(decoder.decode(chunk, { stream: true }));
}
