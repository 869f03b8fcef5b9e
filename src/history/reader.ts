import { createReadStream } from "node:fs";
import { DrillError, messageOf } from "../model/errors.ts";
import type { HeaderEvent, HistoryEvent } from "../model/event.ts";
import { named, type Place, parseEvent, parseHeader } from "./parse-line.ts";

/** A recorded run, as the checkers and reports read it. */
export interface History {
  readonly header: HeaderEvent;
  /** Everything after the header, in the order in which it was recorded. */
  readonly events: readonly HistoryEvent[];
  /** The run was recorded to its end: an `end` event with the reason `completed` was seen. */
  readonly complete: boolean;
}

/**
 * Reads a whole `history.jsonl`. A last line that was cut off, as a crash leaves it, is left out.
 *
 * @throws DrillError `BAD_RUN` if there is no such file, it has no header that this version reads, or a
 * line is malformed (`file:line` in the message).
 */
export async function readHistory(path: string): Promise<History> {
  let header: HeaderEvent | undefined;
  let complete = false;
  const events: HistoryEvent[] = [];
  for await (const batch of streamHistory(path)) {
    for (const event of batch) {
      if (event.type === "header") header = event;
      else events.push(event);
      if (event.type === "end") complete = event.reason === "completed";
    }
  }
  if (header === undefined) throw withoutHeader(path);
  return { header, events, complete };
}

/**
 * Reads a `history.jsonl` in batches of events, the header first, and holds no more than one of them. Same tolerance and errors
 * as {@link readHistory}.
 */
export async function* streamHistory(path: string): AsyncGenerator<HistoryEvent[], void, undefined> {
  const place = { path, line: 0 };
  for await (const { lines, whole } of linesOf(path)) {
    const events: HistoryEvent[] = [];
    for (const text of lines) {
      place.line += 1;
      const event = eventOf(text, whole, place);
      if (event !== undefined) events.push(event);
    }
    yield events;
  }
  if (place.line === 0) throw withoutHeader(path);
}

/** `undefined`: the last line, cut off. */
function eventOf(text: string, whole: boolean, place: Place): HistoryEvent | undefined {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    if (!whole && place.line > 1) return undefined;
    throw new DrillError("BAD_RUN", `${named(place)}: not a line of JSON: ${messageOf(cause)}`, { cause });
  }
  return place.line === 1 ? parseHeader(json, place) : parseEvent(json, place);
}

interface Lines {
  readonly lines: readonly string[];
  /** Their line feeds were written too. Only the last line of a file can lack it. */
  readonly whole: boolean;
}

/** Splits at line feeds only: `node:readline` would also split at U+2028, which JSON leaves as it is. */
async function* linesOf(path: string): AsyncGenerator<Lines, void, undefined> {
  let rest = "";
  try {
    for await (const chunk of createReadStream(path, { encoding: "utf8", highWaterMark: 256 * 1024 })) {
      const lines = (rest + chunk).split("\n");
      rest = lines.pop() ?? "";
      yield { lines, whole: true };
    }
  } catch (cause) {
    throw unreadable(path, cause);
  }
  if (rest !== "") yield { lines: [rest], whole: false };
}

function unreadable(path: string, cause: unknown): DrillError {
  if (cause instanceof DrillError) return cause;
  return new DrillError("BAD_RUN", `the history ${path} cannot be read: ${messageOf(cause)}`, { cause });
}

function withoutHeader(path: string): DrillError {
  return new DrillError("BAD_RUN", `${path} is empty: the run ended before it recorded anything`, {
    hint: "Run the drill again.",
  });
}
