import { createReadStream } from "node:fs";
import { StringDecoder } from "node:string_decoder";
import { DrillError, messageOf } from "../model/errors.ts";
import { MOST_LINE_CHARS } from "./limits.ts";

const CHUNK_BYTES = 256 * 1024;

export interface Lines {
  readonly lines: readonly string[];
  /** Their line feeds were written too. Only the last line of a file can lack it. */
  readonly whole: boolean;
}

/**
 * The lines of a file, many at a time. Splits at line feeds only: `node:readline` would also split at U+2028, which
 * JSON leaves as it is.
 *
 * @param onBytes sees all bytes, in order; they may be used again once it returns
 * @throws DrillError `BAD_RUN` if the file cannot be read, or a line is longer than any that is written
 */
export async function* linesOf(
  path: string,
  onBytes: (bytes: Buffer) => void,
): AsyncGenerator<Lines, void, undefined> {
  const decoder = new StringDecoder("utf8");
  let parts: string[] = [];
  let length = 0;
  let count = 0;
  const hold = (part: string) => {
    parts.push(part);
    length += part.length;
    if (length > MOST_LINE_CHARS) throw tooLong(path, count + 1);
  };
  for await (const bytes of bytesOf(path)) {
    onBytes(bytes);
    const lines = decoder.write(bytes).split("\n");
    const rest = lines.pop() ?? "";
    if (lines.length > 0) {
      hold(lines[0] ?? "");
      lines[0] = parts.join("");
      parts = [];
      length = 0;
      count += lines.length;
      yield { lines, whole: true };
    }
    hold(rest);
  }
  const last = parts.join("") + decoder.end();
  if (last !== "") yield { lines: [last], whole: false };
}

/** @throws DrillError `BAD_RUN` if the file cannot be read */
export async function* bytesOf(path: string): AsyncGenerator<Buffer, void, undefined> {
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: CHUNK_BYTES })) yield chunk as Buffer;
  } catch (cause) {
    throw new DrillError("BAD_RUN", `the history ${path} cannot be read: ${messageOf(cause)}`, { cause });
  }
}

function tooLong(path: string, line: number): DrillError {
  return new DrillError("BAD_RUN", `${path}:${line}: longer than ${MOST_LINE_CHARS} characters`, {
    hint: "No history has such a line: the file was changed or damaged, or is none.",
  });
}
