/*
 *   recorded   w . . w . . w X . . X . w        filled   w w w w w w w X X X X . w
 */
import { groupBy } from "../../base/group-by.ts";
import { shardOfKey } from "../../base/slots.ts";
import { type Operation, operationsOf } from "../../history/operations.ts";
import type { History } from "../../history/reader.ts";
import type { CompletionEvent, HistoryEvent, InvokeEvent, ObservationEvent } from "../../model/event.ts";
import { dueAt, isBad } from "../../service/operation.ts";

/**
 * A thinned history with its probe whole again.
 *
 * A probe that sends nothing for longer than its rate allows was stopped: nobody knows how the service did meanwhile.
 * The gaps of a thinned history say no such thing. The probe did send, and what it saw was left out of the file. So an
 * operation stands in for each that is missing between two (in a cluster: of one shard) that ended alike. Between two
 * that did not, nobody can tell which side it was on: there it stays missing.
 *
 * @throws RangeError if more are missing than the file lacks numbers of operations: then the probe was stopped
 */
export function filled(history: History): History {
  const operations = operationsOf(history);
  const probe = operations.filter(({ client }) => client === "probe");
  const numbers = missingNumbers(operations);
  const added = ["write", "read"].flatMap((f) =>
    missingOf(
      history,
      probe.filter((operation) => operation.f === f),
    ).map((gap) => standIn(gap, numbers)),
  );
  const finals = withFinals(history.events, added);
  const events = [...finals, ...added.flatMap(eventsOf)].sort((a, b) => a.at - b.at);
  return { ...history, events };
}

/** Of one operation that is missing: when it was due, and those of its shard around it. */
interface Missing {
  readonly due: number;
  readonly before: Operation;
  readonly after: Operation;
}

/** An operation in place of one that is missing, and the one that it was made after. */
interface StandIn {
  readonly operation: Operation;
  readonly before: Operation;
}

/** What is missing of all writes or all reads: one for each time at which one was due and none is there. */
function missingOf({ header }: History, unordered: readonly Operation[]): Missing[] {
  const operations = unordered.toSorted((a, b) => dueAt(a) - dueAt(b));
  const dues = operations.map(dueAt);
  const steps = dues.slice(1).map((due, n) => due - (dues[n] as number));
  const step = Math.min(...steps.filter((length) => length > 0)); // where nothing was left out
  const byShard = groupBy(operations, ({ key }) => shardOfKey(key, header.topology.shards));
  const streams = [...byShard.values()];
  const missing: Missing[] = [];
  let turn = 0;
  for (const [n, length] of steps.entries()) {
    const count = Math.round(length / step);
    for (let nth = 1; nth < count; nth += 1) {
      const due = Math.round((dues[n] as number) + (length * nth) / count);
      // Keys fall on all shards: each takes its turn, or leaves it to the next where nobody can tell how it did.
      const turns = streams.map((_, at) => streams[(turn + at) % streams.length] as Operation[]);
      const found = turns.map((stream) => around(stream, due)).find((pair) => pair !== undefined);
      turn += 1;
      if (found) missing.push({ due, ...found });
    }
  }
  return missing;
}

/** The last of a shard before that time and the first after it, if they ended alike. */
function around(stream: readonly Operation[], due: number): Pick<Missing, "before" | "after"> | undefined {
  const at = stream.findIndex((operation) => dueAt(operation) > due);
  const [before, after] = [stream[at - 1], stream[at]];
  if (before === undefined || after === undefined || isBad(before) !== isBad(after)) return undefined;
  return { before, after };
}

/** It ended as the one before, and took as long as lies between its neighbours. */
function standIn({ due, before, after }: Missing, numbers: number[]): StandIn {
  const op = numbers.shift();
  if (op === undefined) throw new RangeError("more operations are missing than were left out");
  const completedAt = completionOf(due, before, after);
  const operation = {
    ...before,
    op,
    due,
    // What was due while the sender was held up was sent when it was free again.
    invokedAt: Math.min(Math.max(due, before.invokedAt), completedAt ?? Infinity),
    completedAt,
    // A write is to a key of its own with the same slot; what was read may be read again.
    ...(before.f === "write" && { key: keyBeside(before.key, op) }),
  };
  return { operation, before };
}

/** Late answers often come all at once: it came between theirs. `undefined`: there was none. */
function completionOf(due: number, before: Operation, after: Operation): number | undefined {
  if (before.completedAt === undefined) return undefined;
  const passed = due - dueAt(before);
  if (after.completedAt === undefined) return before.completedAt + passed;
  const share = passed / (dueAt(after) - dueAt(before));
  return Math.round(before.completedAt + (after.completedAt - before.completedAt) * share);
}

function keyBeside(key: string, op: number): string {
  return key.includes("{") ? `${key}:${op}` : `{${key}}:${op}`;
}

/** The numbers of the operations that were left out. */
function missingNumbers(operations: readonly Operation[]): number[] {
  const known = new Set(operations.map(({ op }) => op));
  const last = Math.max(...known);
  return Array.from({ length: last }, (_, n) => n + 1).filter((op) => !known.has(op));
}

/** What stands at the end under a key that was written stands under those made after it, each with its own value. */
function withFinals(events: readonly HistoryEvent[], added: readonly StandIn[]): HistoryEvent[] {
  const writes = added.filter(({ operation }) => operation.f === "write");
  const byKey = groupBy(writes, ({ before }) => before.key);
  const madeAfter = (key: string) => (byKey.get(key) ?? []).map(({ operation }) => operation);
  return events.map((event) => {
    if (event.type !== "observation" || event.name !== "final-values") return event;
    const { values = [], unread = [], ...data } = (event as ObservationEvent).data as FinalValues;
    const found = values.flatMap(([key, value]): [string, unknown][] => [
      [key, value],
      ...madeAfter(key).map((one): [string, unknown] => [one.key, value === null ? null : one.value]),
    ]);
    const unknown = unread.flatMap((key) => [key, ...madeAfter(key).map((one) => one.key)]);
    return {
      ...event,
      data: {
        ...data,
        ...(found.length > 0 && { values: found }),
        ...(unknown.length > 0 && { unread: unknown }),
      },
    };
  });
}

interface FinalValues {
  readonly values?: readonly (readonly [string, unknown])[];
  readonly unread?: readonly string[];
}

function eventsOf({ operation }: StandIn): HistoryEvent[] {
  const { op, client, workload, f, key, value, due, invokedAt, completedAt } = operation;
  const { outcome, result, error, node, attempts } = operation;
  const invoke: InvokeEvent = { type: "invoke", at: invokedAt, op, client, workload, f, key, value, due };
  if (completedAt === undefined) return [invoke];
  const end: CompletionEvent = { type: outcome, at: completedAt, op, value: result, error, node, attempts };
  return [invoke, end];
}
