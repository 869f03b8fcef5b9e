import { open as openFile, readFile } from "node:fs/promises";
import { DrillError, messageOf } from "../model/errors.ts";
import type { Action, RegisterOperation, Value } from "../model/register.ts";

/** A history of registers that was not recorded by this tool. Times are numbers of lines. */
export interface PlainHistory {
  /** All but those that failed: they surely did not happen. */
  readonly operations: readonly RegisterOperation[];
  readonly counts: {
    readonly total: number;
    readonly ok: number;
    readonly fail: number;
    readonly info: number;
  };
}

/** An operation between its two lines. */
interface Begun {
  readonly line: number;
  readonly process: string;
  readonly key: string;
  readonly wish: Wish;
}

/** What an operation would do: a read of nothing yet. */
type Wish = Exclude<Action, { f: "cas-refused" }>;

/** Long enough for any first line that begins an operation. */
const LONGEST_FIRST_LINE = 64 * 1024;

/** Where a history has one register and does not name it. */
const ONLY_KEY = "register";

const TYPES = ["invoke", "ok", "fail", "info"] as const;
const FUNCTIONS = ["read", "write", "cas", "append"] as const;

/**
 * Is it a plain history, by its first line that is not empty? Otherwise it is one of this tool's own, or none at all: the reader of
 * those says which.
 *
 * @throws DrillError `BAD_RUN` if the file cannot be read
 */
export async function isPlainHistory(path: string): Promise<boolean> {
  const beginning = await reading(path, async () => {
    const file = await openFile(path);
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(LONGEST_FIRST_LINE));
      return buffer.toString("utf8", 0, bytesRead);
    } finally {
      await file.close();
    }
  });
  const first = beginning.split("\n").find((line) => line.trim() !== "");
  try {
    const json: unknown = JSON.parse(first ?? "");
    return isRecord(json) && "process" in json && json.type !== "header";
  } catch {
    return false;
  }
}

/**
 * Reads a plain history: one JSON object a line, the order of the lines is the order in time.
 *
 *     {"process": 1, "type": "invoke", "f": "cas", "key": "x", "value": [7, 9]}
 *     {"process": 1, "type": "ok", "f": "cas", "key": "x"}
 *
 * docs/guide.md describes it.
 *
 * @throws DrillError `BAD_RUN`, with `file:line`, if a line is malformed or says what cannot be
 */
export async function readPlainHistory(path: string): Promise<PlainHistory> {
  const text = await reading(path, () => readFile(path, "utf8"));
  const open = new Map<string, Begun>();
  const operations: RegisterOperation[] = [];
  const counts = { total: 0, ok: 0, fail: 0, info: 0 };
  const add = ({ line, process, key }: Begun, action: Action, returnedAt: number) =>
    operations.push({ id: line, process, key, action, invokedAt: line, returnedAt });

  for (const [index, content] of text.split("\n").entries()) {
    if (content.trim() === "") continue;
    const place = { path, line: index + 1 };
    const line = parseLine(content, place);
    const begun = open.get(line.process);
    if (line.type === "invoke") {
      if (begun)
        throw wrong(
          place,
          `${line.process} begins another operation; that of line ${begun.line} has not ended`,
        );
      const { process, key = ONLY_KEY } = line;
      open.set(process, { line: place.line, process, key, wish: wishOf(line, place) });
      counts.total += 1;
      continue;
    }
    if (!begun) throw wrong(place, `${line.process} has no operation that could end`);
    mustMatch(line, begun, place);
    open.delete(line.process);
    counts[line.type] += 1;
    if (line.type === "ok") add(begun, answered(begun.wish, line, place), place.line);
    if (line.type === "info") add(begun, begun.wish, Infinity);
  }
  for (const begun of open.values()) add(begun, begun.wish, Infinity);
  counts.info += open.size;
  operations.sort((a, b) => a.invokedAt - b.invokedAt);
  return { operations, counts };
}

/** A line as it stands in the file, for errors. */
interface Place {
  readonly path: string;
  readonly line: number;
}

interface Line {
  readonly process: string;
  readonly type: (typeof TYPES)[number];
  readonly f: (typeof FUNCTIONS)[number];
  /** `undefined`: it has none, or leaves it to the line that began the operation. */
  readonly key?: string;
  readonly value?: Value;
}

function parseLine(text: string, place: Place): Line {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new DrillError("BAD_RUN", `${place.path}:${place.line}: not a line of JSON: ${messageOf(cause)}`, {
      cause,
    });
  }
  if (!isRecord(json)) throw wrong(place, "expected an object");
  const { process, type, f, key, value } = json;
  if (!isName(process))
    throw wrong(place, `process must be a number or a text, got ${JSON.stringify(process)}`);
  if (!isOneOf(TYPES, type))
    throw wrong(place, `type must be one of ${TYPES.join(", ")}, got ${JSON.stringify(type)}`);
  if (!isOneOf(FUNCTIONS, f))
    throw wrong(place, `f must be one of ${FUNCTIONS.join(", ")}, got ${JSON.stringify(f)}`);
  if (!(key === undefined || key === null || isName(key)))
    throw wrong(place, `key must be a number or a text, got ${JSON.stringify(key)}`);
  return {
    process: `process ${process}`,
    type,
    f,
    key: key === undefined || key === null ? undefined : String(key),
    value: value as Value | undefined,
  };
}

function wishOf({ f, value }: Line, place: Place): Wish {
  if (f === "read") return { f, value: null };
  if (value === undefined) throw wrong(place, `${f} needs a value`);
  if (f !== "cas") return { f, value };
  if (!Array.isArray(value) || value.length !== 2)
    throw wrong(place, `the value of cas must be [expected, new], got ${JSON.stringify(value)}`);
  const [from, to] = value as [Value, Value];
  return { f, from, to };
}

/** What the answer makes of it: the value that was read; whether the compare-and-set found what it expected. */
function answered(wish: Wish, { value }: Line, place: Place): Action {
  if (wish.f === "read") {
    if (value === undefined)
      throw wrong(place, "a read that is ok needs the value that it read, null for none");
    return { f: "read", value };
  }
  if (wish.f !== "cas" || value === undefined || value === null || value === true) return wish;
  const { from, to } = wish;
  if (value === false) return { f: "cas-refused", from };
  if (Array.isArray(value) && JSON.stringify(value) === JSON.stringify([from, to])) return wish;
  if (isRecord(value) && "saw" in value) return { f: "cas-refused", from, saw: value.saw as Value };
  throw wrong(
    place,
    `the value of a cas that is ok must be true, false, {"saw": value}, or what it began with, got ${JSON.stringify(value)}`,
  );
}

function mustMatch({ f, key }: Line, begun: Begun, place: Place): void {
  const { wish, line } = begun;
  if (f !== wish.f) throw wrong(place, `ends a ${f}, but line ${line} began a ${wish.f}`);
  if (key !== undefined && key !== begun.key)
    throw wrong(place, `ends an operation on key ${key}, but line ${line} began one on key ${begun.key}`);
}

async function reading(path: string, read: () => Promise<string>): Promise<string> {
  try {
    return await read();
  } catch (cause) {
    throw new DrillError("BAD_RUN", `the history ${path} cannot be read: ${messageOf(cause)}`, { cause });
  }
}

function isRecord(json: unknown): json is Record<string, unknown> {
  return typeof json === "object" && json !== null && !Array.isArray(json);
}

function isName(value: unknown): value is string | number {
  return typeof value === "string" || typeof value === "number";
}

function isOneOf<Name extends string>(names: readonly Name[], value: unknown): value is Name {
  return names.includes(value as Name);
}

function wrong(place: Place, what: string): DrillError {
  return new DrillError("BAD_RUN", `${place.path}:${place.line}: ${what}`, {
    hint: "docs/guide.md describes the format of plain histories.",
  });
}
