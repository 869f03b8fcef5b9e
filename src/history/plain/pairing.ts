import type { Action, RegisterOperation, Value } from "../../model/register.ts";
import type { PlainHistory } from "./history.ts";
import { isName, type Line, told, wrong } from "./line.ts";

/** An operation between its two lines. */
interface Begun {
  readonly at: number;
  readonly line: Line;
  readonly key: string;
  readonly wish: Wish;
}

/** What an operation would do: a read of nothing yet. */
type Wish = Exclude<Action, { f: "cas-refused" }>;

/** Where a history has one register and does not name it. */
const ONLY_KEY = "register";

/**
 * Makes operations of the lines that begin and end them. Times are numbers of lines; where several stand on one line,
 * of events.
 *
 * @throws DrillError `BAD_RUN` where the lines say what cannot be
 */
export function paired(found: readonly Line[]): PlainHistory {
  const open = new Map<string, Begun>();
  const operations: RegisterOperation[] = [];
  const counts = { total: 0, ok: 0, fail: 0, info: 0 };
  const apart = found.every(({ place }, index) => index === 0 || place.line > lineAt(found, index - 1));
  const timeOf = (line: Line, index: number) => (apart ? line.place.line : index + 1);
  const add = ({ at, line, key }: Begun, action: Action, returnedAt: number) => {
    operations.push({ id: at, process: line.process, key, action, invokedAt: at, returnedAt });
  };
  for (const [index, line] of withKeys(found).entries()) {
    const { process, key = ONLY_KEY, place, type } = line;
    const begun = open.get(process);
    if (type === "invoke") {
      if (begun) {
        const before = begun.line.place.line;
        throw wrong(place, `${process} begins another operation; that of line ${before} has not ended`);
      }
      open.set(process, { at: timeOf(line, index), line, key, wish: wishOf(line) });
      counts.total += 1;
      continue;
    }
    if (!begun) throw wrong(place, `${process} has no operation that could end`);
    mustMatch(line, begun);
    open.delete(process);
    counts[type] += 1;
    if (type === "ok") add(begun, answered(begun.wish, line), timeOf(line, index));
    if (type === "info") add(begun, begun.wish, Infinity);
  }
  for (const begun of open.values()) add(begun, begun.wish, Infinity);
  counts.info += open.size;
  operations.sort((a, b) => a.invokedAt - b.invokedAt);
  return { operations, counts, unit: apart ? "line" : "event" };
}

function lineAt(lines: readonly Line[], index: number): number {
  return (lines[index] as Line).place.line;
}

/**
 * Jepsen's `independent` keys stand in the value: `[key value]`. That a history is of this kind is seen from what its
 * operations begin with: all of them such pairs, also the reads, which otherwise begin with nothing.
 */
function withKeys(lines: readonly Line[]): readonly Line[] {
  const begun = lines.filter(({ type }) => type === "invoke");
  const isPaired = ({ f, value }: Line) =>
    isPair(value) && isName(value[0]) && (f !== "cas" || isPair(value[1]));
  const reads = begun.filter(({ f, value }) => f === "read" && value !== undefined && value !== null);
  if (lines.some(({ key }) => key !== undefined) || !begun.some(isPaired)) return lines;
  const other = begun.find((line) => !isPaired(line));
  if (other !== undefined && reads.some(isPaired))
    throw wrong(
      other.place,
      `${told(other.value)} is no [key value], but other operations of this history have one`,
    );
  if (other !== undefined || (reads.length === 0 && begun.every(({ f }) => f !== "cas"))) return lines;
  return lines.map((line) => {
    const { type, value, place } = line;
    if (isPair(value) && isName(value[0]))
      return { ...line, key: String(value[0]), value: value[1] as Value };
    if (type === "ok" && value !== undefined && value !== null)
      throw wrong(place, `expected [key value], as the operation began, got ${told(value)}`);
    return line;
  });
}

function isPair(value: Value | undefined): value is readonly [Value, Value] {
  return Array.isArray(value) && value.length === 2;
}

function wishOf({ f, value, place }: Line): Wish {
  if (f === "read") return { f, value: null };
  if (value === undefined) throw wrong(place, `${f} needs a value`);
  if (f !== "cas") return { f, value };
  if (!isPair(value)) throw wrong(place, `the value of cas must be [expected, new], got ${told(value)}`);
  return { f, from: value[0], to: value[1] };
}

/** What the answer makes of it: the value that was read; whether the compare-and-set found what it expected. */
function answered(wish: Wish, { value, place }: Line): Action {
  if (wish.f === "read") {
    if (value === undefined)
      throw wrong(place, "a read that is ok needs the value that it read, null for none");
    return { f: "read", value };
  }
  if (wish.f !== "cas" || value === undefined || value === null || value === true) return wish;
  const { from, to } = wish;
  if (value === false) return { f: "cas-refused", from };
  if (JSON.stringify(value) === JSON.stringify([from, to])) return wish;
  if (typeof value === "object" && "saw" in value) return { f: "cas-refused", from, saw: value.saw as Value };
  throw wrong(
    place,
    `the value of a cas that is ok must be true, false, {"saw": value}, or what it began with, got ${told(value)}`,
  );
}

function mustMatch({ f, key, place }: Line, begun: Begun): void {
  const { wish, line } = begun;
  const at = line.place.line;
  if (f !== wish.f) throw wrong(place, `ends a ${f}, but line ${at} began a ${wish.f}`);
  if (key !== undefined && key !== begun.key)
    throw wrong(place, `ends an operation on key ${key}, but line ${at} began one on key ${begun.key}`);
}
