import { isOpen, type RegisterOperation, type UnexplainedSegment, type Value } from "../../model/register.ts";
import type { Budget } from "./budget.ts";
import { type Segment, smallestUnexplainedSegment } from "./unexplained-segment.ts";
import { actionText, foundBy, sameValue, setBy, shown } from "./words.ts";

type Unit = UnexplainedSegment["unit"];
type Told = Pick<UnexplainedSegment, "kind" | "text" | "against">;

/**
 * The smallest segment of a key's history that has no legal order, and why not, in words where there are simple ones.
 */
export function explain(
  key: string,
  operations: readonly RegisterOperation[],
  unit: Unit,
  budget: Budget,
): UnexplainedSegment {
  const segment = smallestUnexplainedSegment(operations, budget);
  const places = new Map(segment.order.map((id, index) => [id, index + 1]));
  return {
    key,
    ...told(segment, operations, unit),
    unit,
    operations: segment.operations.map((operation) => ({
      id: operation.id,
      process: operation.process,
      text: actionText(operation.action),
      invokedAt: operation.invokedAt,
      returnedAt: isOpen(operation) ? null : operation.returnedAt,
      ...(operation.node !== undefined && { node: operation.node }),
      place: places.get(operation.id) ?? null,
    })),
    stuck: segment.stuck,
  };
}

/** `12.1 ms`, `line 7`. */
export function timeText(time: number, unit: Unit): string {
  return unit === "ns" ? `${(time / 1e6).toFixed(1)} ms` : `${unit} ${time}`;
}

function told(segment: Segment, history: readonly RegisterOperation[], unit: Unit): Told {
  const stuck = segment.operations.find(({ id }) => id === segment.stuck) as RegisterOperation;
  const found = foundBy(stuck);
  const rules =
    found === undefined ? [] : [neverWritten, notYetWritten, overwritten, otherSeen, shorterList, doubleCas];
  for (const rule of rules) {
    const known = rule({
      stuck,
      found: found as Value,
      segment,
      history,
      at: (time) => timeText(time, unit),
    });
    if (known) return known;
  }
  const count = segment.operations.length;
  return {
    kind: "no-order",
    text:
      `no order of these ${count} operations explains all ` +
      `answers; ${stuck.process}'s ${actionText(stuck.action)} is left over`,
  };
}

interface Case {
  /** The operation that could not be placed. */
  readonly stuck: RegisterOperation;
  /** What it found. */
  readonly found: Value;
  readonly segment: Segment;
  readonly history: readonly RegisterOperation[];
  readonly at: (time: number) => string;
}

function neverWritten({ stuck, found, history, at }: Case): Told | undefined {
  if (found === null || history.some(({ action }) => action.f === "append")) return undefined;
  if (makersOf(found, history).length > 0) return undefined;
  return {
    kind: "value-never-written",
    text: `${finding(stuck, found)} at ${at(stuck.returnedAt)}, which nobody wrote`,
  };
}

function notYetWritten({ stuck, found, history, at }: Case): Told | undefined {
  const makers = makersOf(found, history);
  const [first] = [...makers].sort((a, b) => a.invokedAt - b.invokedAt);
  if (found === null || !first || first.invokedAt < stuck.returnedAt) return undefined;
  const text =
    `${finding(stuck, found)} at ${at(stuck.returnedAt)}, before ${first.process} began to ` +
    `write it at ${at(first.invokedAt)}`;
  return { kind: "value-not-yet-written", text };
}

/** Another value was set, and acknowledged, between the last that can have set this one and the finding. */
function overwritten({ stuck, found, segment, history, at }: Case): Told | undefined {
  const last = lastMade(found, history, stuck);
  const other = segment.operations.find((operation) => {
    const set = setBy(operation);
    if (set === undefined || sameValue(set, found)) return false;
    return operation.invokedAt > last && operation.returnedAt < stuck.invokedAt;
  });
  if (!other) return undefined;
  const text =
    `${finding(stuck, found)} at ${at(stuck.returnedAt)}, after ${other.process}'s ${actionText(other.action)} ` +
    `had been acknowledged at ${at(other.returnedAt)}`;
  return { kind: "stale-read", text, against: other.id };
}

/** Another value was seen between the last that can have set this one and the finding. */
function otherSeen({ stuck, found, segment, history, at }: Case): Told | undefined {
  const last = lastMade(found, history, stuck);
  const other = segment.operations.find((operation) => {
    const seen = foundBy(operation);
    if (seen === undefined || sameValue(seen, found)) return false;
    return operation.invokedAt > last && operation.returnedAt < stuck.invokedAt;
  });
  if (!other) return undefined;
  const text =
    `${finding(stuck, found)} at ${at(stuck.returnedAt)}, after ${finding(other, foundBy(other) as Value)} at ` +
    `${at(other.returnedAt)}`;
  return { kind: "stale-read", text, against: other.id };
}

/** What had been appended, or seen, is missing. */
function shorterList({ stuck, found, segment, history, at }: Case): Told | undefined {
  const grows = history.every(({ action }) => action.f === "append" || action.f === "read");
  if (!grows) return undefined;
  const known = Array.isArray(found) ? found : [];
  const other = segment.operations.find(({ action, returnedAt }) => {
    if (returnedAt >= stuck.invokedAt) return false;
    if (action.f === "append") return !known.some((element) => sameValue(element, action.value));
    return (
      Array.isArray(foundBy({ action })) && (foundBy({ action }) as readonly Value[]).length > known.length
    );
  });
  if (!other) return undefined;
  const before =
    other.action.f === "append"
      ? `${other.process}'s ${actionText(other.action)} had been acknowledged`
      : `${other.process} read ${shown(foundBy(other) as Value)}`;
  const text = `${finding(stuck, found)} at ${at(stuck.returnedAt)}, after ${before} at ${at(other.returnedAt)}`;
  return { kind: "stale-read", text, against: other.id };
}

function doubleCas({ stuck, found, segment, history, at }: Case): Told | undefined {
  const once = makersOf(found, history).length === (found === null ? 0 : 1);
  if (stuck.action.f !== "cas" || !once) return undefined;
  const other = segment.operations.find(
    ({ id, action }) => id !== stuck.id && action.f === "cas" && sameValue(action.from, found),
  );
  if (!other || isOpen(other)) return undefined;
  const text =
    `${other.process}'s ${actionText(other.action)} (acknowledged at ${at(other.returnedAt)}) and ${stuck.process}'s ` +
    `${actionText(stuck.action)} (at ${at(stuck.returnedAt)}) both found ${shown(found)}, which stood there once`;
  return { kind: "double-cas", text, against: other.id };
}

function makersOf(value: Value, history: readonly RegisterOperation[]): RegisterOperation[] {
  return history.filter((operation) => sameValue(setBy(operation), value));
}

/**
 * By when those that can have set the value before it was found had done so; `-Infinity`: it was so from the start. One
 * that alone can have set it had done so when somebody first found it.
 */
function lastMade(found: Value, history: readonly RegisterOperation[], by: RegisterOperation): number {
  const makers = makersOf(found, history).filter(
    ({ id, invokedAt }) => id !== by.id && invokedAt < by.returnedAt,
  );
  if (makers.length === 0) return found === null ? -Infinity : Infinity;
  const ended = makers.reduce((last, { returnedAt }) => Math.max(last, returnedAt), -Infinity);
  if (makers.length > 1 || found === null) return ended;
  const finders = history.filter((operation) => sameValue(foundBy(operation), found));
  return finders.reduce((first, { returnedAt }) => Math.min(first, returnedAt), ended);
}

/** `process 3 read 7`, `process 3's cas 7 → 9 found 7`, `process 3's cas from 8 found 7`. */
function finding({ process, action }: RegisterOperation, found: Value): string {
  if (action.f === "read") return `${process} read ${shown(found)}`;
  const did = action.f === "cas-refused" ? `cas from ${shown(action.from)}` : actionText(action);
  return `${process}'s ${did} found ${shown(found)}`;
}
