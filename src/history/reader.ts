import { DrillError, messageOf } from "../model/errors.ts";
import type { EndEvent, HeaderEvent, HistoryEvent } from "../model/event.ts";
import { type Digests, RunningDigest } from "./digest.ts";
import { EventRules } from "./event-rules.ts";
import { type Integrity, integrityOf } from "./integrity.ts";
import { bytesOf, linesOf } from "./lines.ts";
import { named, type Place, parseEvent, parseHeader } from "./parse-line.ts";

/** A recorded run, as the checkers and reports read it. */
export interface History {
  readonly header: HeaderEvent;
  /** Everything after the header, in the order in which it was recorded. */
  readonly events: readonly HistoryEvent[];
  /** The run was recorded to its end: an `end` event with the reason `completed` was seen. */
  readonly complete: boolean;
  /** Whether it is what was recorded. */
  readonly integrity: Integrity;
}

/** A history that is read in batches of events, the header first. */
export interface HistoryStream extends AsyncIterable<readonly HistoryEvent[]> {
  /** Whether it is what was recorded. Known once all batches were read; until then it is unfinished. */
  readonly integrity: Integrity;
}

/**
 * Reads a whole `history.jsonl`. A last line that was cut off, as a crash leaves it, is left out.
 *
 * @throws DrillError `BAD_RUN` if there is no such file, it has no header that this version reads, or a
 * line is malformed or contradicts others (`file:line` in the message). Lines that are missing are told by `integrity`.
 */
export async function readHistory(path: string): Promise<History> {
  let header: HeaderEvent | undefined;
  let complete = false;
  const events: HistoryEvent[] = [];
  const stream = streamHistory(path);
  for await (const batch of stream) {
    for (const event of batch) {
      if (event.type === "header") header = event;
      else events.push(event);
      if (event.type === "end") complete = event.reason === "completed";
    }
  }
  if (header === undefined) throw withoutHeader(path);
  const { integrity } = stream;
  return { header, events, complete: complete && integrity.state !== "damaged", integrity };
}

/**
 * Reads a `history.jsonl` in batches of events and holds no more than one of them. Same tolerance and errors as
 * {@link readHistory}. To be read once.
 */
export function streamHistory(path: string): HistoryStream {
  return new HistoryReader(path);
}

/**
 * What the bytes of a history say of themselves; `undefined`: there is no such file. Nothing of it is parsed.
 *
 * @throws DrillError `BAD_RUN` if it cannot be read
 */
export async function digestsOf(path: string): Promise<Digests | undefined> {
  const digest = new RunningDigest();
  try {
    for await (const bytes of bytesOf(path)) digest.add(bytes);
  } catch (error) {
    const { cause } = error as Error;
    if ((cause as NodeJS.ErrnoException | undefined)?.code === "ENOENT") return undefined;
    throw error;
  }
  return digest.digests();
}

/** Of what stands in a damaged file, an error shows the beginning. */
const SHOWN_CHARS = 300;

class HistoryReader implements HistoryStream {
  readonly #path: string;
  readonly #digest = new RunningDigest();
  readonly #counts = new Map<string, number>();
  #header: HeaderEvent | undefined;
  #rules: EventRules | undefined;
  #end: EndEvent | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  get integrity(): Integrity {
    return integrityOf({
      schemaVersion: this.#header?.schemaVersion ?? 0,
      counts: this.#counts,
      end: this.#end,
      digests: this.#digest.digests(),
    });
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<HistoryEvent[], void, undefined> {
    const place = { path: this.#path, line: 0 };
    for await (const { lines, whole } of linesOf(this.#path, (bytes) => this.#digest.add(bytes))) {
      const events: HistoryEvent[] = [];
      for (const text of lines) {
        place.line += 1;
        const event = this.#take(text, whole, place);
        if (event !== undefined) events.push(event);
      }
      yield events;
    }
    if (place.line === 0) throw withoutHeader(this.#path);
  }

  /** `undefined`: the last line, cut off. */
  #take(text: string, whole: boolean, place: Place): HistoryEvent | undefined {
    let json: unknown;
    try {
      json = JSON.parse(text);
    } catch (cause) {
      if (!whole && place.line > 1) return undefined;
      throw new DrillError("BAD_RUN", `${named(place)}: not a line of JSON: ${messageOf(cause)}`, { cause });
    }
    if (this.#header === undefined || this.#rules === undefined) {
      this.#header = parseHeader(json, place);
      this.#rules = new EventRules(this.#header);
      this.#counts.set("header", 1);
      return this.#header;
    }
    const event = parseEvent(json, place);
    const broken = this.#behindEnd() ?? this.#rules.broken(event);
    if (broken !== undefined)
      throw new DrillError(
        "BAD_RUN",
        `${named(place)}: the history contradicts itself: ${broken.slice(0, SHOWN_CHARS)}`,
        {
          hint: "The file was changed or damaged. Run the drill again.",
        },
      );
    if (event.type === "end") this.#end = event;
    else this.#counts.set(event.type, (this.#counts.get(event.type) ?? 0) + 1);
    return event;
  }

  /** The recorder of schema 1 let a late answer follow. */
  #behindEnd(): string | undefined {
    if (this.#end === undefined || this.#header?.schemaVersion === 1) return undefined;
    return "a line stands behind its last one";
  }
}

function withoutHeader(path: string): DrillError {
  return new DrillError("BAD_RUN", `${path} is empty: the run ended before it recorded anything`, {
    hint: "Run the drill again.",
  });
}
