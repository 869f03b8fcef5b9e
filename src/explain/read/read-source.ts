import type { SkippedInput } from "../model.ts";
import { notText, type Source, unpacked } from "./inputs.ts";
import { LineFilter, type TakeLine } from "./lines-with-words.ts";
import { tell, WORDS } from "./phrases/tell.ts";
import type { Told } from "./phrases/told.ts";
import { sourceLine } from "./source-line.ts";
import type { Streams } from "./streams.ts";
import { wordTable } from "./word-search.ts";

/** What reading one source gave. */
export interface SourceRead {
  readonly bytes: number;
  readonly lines: number;
  /** Lines of a server or Sentinel, of those that were looked at. */
  readonly logLines: number;
  /** The beginning of a source without such a line: it may hold something else that helps. */
  readonly text?: string;
  readonly skipped?: SkippedInput;
  readonly warning?: string;
}

/**
 * Levels at which a server warns, names that `tail` and `head` write before files, and messages that journald writes
 * as bytes.
 */
const OTHER_WORDS = [" # ", "level=warning", "==> ", '"MESSAGE":[', '"MESSAGE" : ['];
const TABLE = wordTable([...WORDS, ...OTHER_WORDS]);
/** Looked at whatever they hold: they tell whether it is a log, and who wrote it. */
const FIRST_LINES = 200;
const MOST_TEXT = 1024 * 1024;
/** Texts whose meaning is remembered. */
const MOST_MEANINGS = 10_000;
/** Of lines that came before, so many are remembered at least. */
const MOST_SEEN = 50_000;
const NOT_ASCII = /[^ -~\t]/;
const HEADER = /^==> (.{1,300}) <==$/;

/** Reads one source, line by line, into the streams. */
export async function readSource(source: Source, streams: Streams, now: number): Promise<SourceRead> {
  const { name, root } = source;
  const seen = new Seen();
  let logLines = 0;
  let header = "";
  let text = "";
  let warning: string | undefined;
  const take: TakeLine = (bytes, from, to, lineNo) => {
    const raw = textOf(bytes, from, to);
    if (seen.before(raw)) return;
    if (raw.startsWith("==> ")) header = HEADER.exec(raw)?.[1] ?? header;
    const line = sourceLine(raw, source.writtenAt ?? now);
    if (line === undefined) return;
    logLines += 1;
    const told = meaning(line.text) ?? (line.level === "#" ? WARNING : undefined);
    // Without time, process and level of its own a line counts only if it says something that is known.
    if (line.role === "?" && told === undefined) return;
    streams.take(line, told, { file: name, root, header, lineNo });
  };
  const filter = new LineFilter(TABLE, take, FIRST_LINES);
  const broken = (why: string) => {
    warning = `${name}: ${why}`;
  };
  let isFirst = true;
  try {
    for await (const chunk of unpacked(source.bytes(), broken)) {
      const why = isFirst ? notText(Buffer.from(chunk)) : undefined;
      if (why !== undefined)
        return { bytes: chunk.length, lines: 0, logLines: 0, skipped: { file: name, why } };
      isFirst = false;
      filter.push(chunk);
      if (logLines === 0 && text.length < MOST_TEXT) text += Buffer.from(chunk).toString("utf8");
    }
  } catch (error) {
    broken(`it could not be read to its end (${(error as NodeJS.ErrnoException).code ?? "error"})`);
  }
  filter.end();
  return { ...filter.counted, logLines, warning, ...(logLines === 0 && { text: text.slice(0, MOST_TEXT) }) };
}

/** Lines that stand in a source already, with their time and process: whoever put logs together put some in twice. */
class Seen {
  #recent = new Set<string>();
  #older = new Set<string>();

  before(raw: string): boolean {
    if (this.#recent.has(raw)) return true;
    const was = this.#older.has(raw);
    this.#recent.add(raw);
    if (this.#recent.size >= MOST_SEEN) [this.#older, this.#recent] = [this.#recent, new Set()];
    return was;
  }
}

const WARNING: Told = { kind: "warning" };
const meanings = new Map<string, Told | undefined>();

/** Logs repeat themselves: most texts were read before. */
function meaning(text: string): Told | undefined {
  const known = meanings.get(text);
  if (known !== undefined || meanings.has(text)) return known;
  const told = tell(text);
  if (meanings.size >= MOST_MEANINGS) meanings.clear();
  if (text.length <= 500) meanings.set(text, told);
  return told;
}

function textOf(bytes: Buffer, from: number, to: number): string {
  const plain = bytes.toString("latin1", from, to);
  if (!NOT_ASCII.test(plain)) return plain;
  return bytes
    .toString("utf8", from, to)
    .replace(/^\ufeff|\0/g, "")
    .replace(/\r$/, "");
}
