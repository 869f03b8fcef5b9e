import { groupBy } from "../base/group-by.ts";
import type { Operation } from "../history/operations.ts";
import type { AllowedLosses } from "./allowed-losses.ts";
import type { Facts } from "./facts.ts";

/** A job that was added, or that somebody did. Times in ns on the run's clock. */
export interface Job {
  readonly name: string;
  /** How it was added; absent: nobody is known to have added it. */
  readonly added?: Operation;
  /** When it was done, by whom. */
  readonly runs: readonly { readonly worker: string; readonly at: number }[];
  /** Is it still there at the end? `undefined`: that could not be read. */
  readonly left: boolean | undefined;
}

/** One queue, and what became of its jobs. */
export interface JudgedQueue {
  /** The key of its list or stream. */
  readonly key: string;
  readonly kind: "list" | "stream";
  /** Workers take jobs by `BLPOP`: who takes one has it, and nobody else knows of it. */
  readonly pops: boolean;
  readonly jobs: readonly Job[];
  /** Acknowledged, and gone without having been done. */
  readonly gone: readonly Job[];
  /** Of those, how many may have been handed to a worker that never heard of it. */
  readonly mayBeHandedOut: number;
  /** Done more than once. */
  readonly twice: readonly Job[];
  /** Acknowledged, not done, and still there. */
  readonly waiting: readonly Job[];
  /** Of a stream: still there, though a later one was delivered, and no reading without an answer explains it. */
  readonly passedOver: readonly Job[];
}

/** The queues of the workload `queue`. */
export function queuesOf(facts: Facts): JudgedQueue[] {
  const own = facts.operations.filter(({ workload }) => workload === "queue");
  const runs = groupBy(facts.observations("job-run"), ({ queue }) => queue);
  const keys = new Set([...own.map(({ key }) => key), ...runs.keys()]);
  const byKey = groupBy(own, ({ key }) => key);
  return [...keys].map((key) => judgeQueue(facts, key, byKey.get(key) ?? [], runs.get(key) ?? []));
}

function judgeQueue(
  facts: Facts,
  key: string,
  operations: readonly Operation[],
  done: readonly { readonly job: string; readonly worker: string; readonly at: number }[],
): JudgedQueue {
  const added = new Map(operations.filter(isAdding).map((one) => [one.value ?? "", one]));
  const runs = groupBy(done, ({ job }) => job);
  const there = jobsLeft(facts, key);
  const jobs = [...new Set([...added.keys(), ...runs.keys()])].map((name): Job => {
    const left = there === undefined ? undefined : there.has(name);
    return { name, added: added.get(name), runs: runs.get(name) ?? [], left };
  });
  const undone = jobs.filter((job) => job.added?.outcome === "ok" && job.runs.length === 0);
  const gone = undone.filter(({ left }) => left === false);
  const waiting = undone.filter(({ left }) => left === true);
  const unanswered = (f: string) => operations.filter((one) => one.f === f && one.outcome === "info").length;
  const pops = operations.some(({ f }) => f === "blpop");
  return {
    key,
    kind: operations.some(({ f }) => f === "xadd" || f === "xreadgroup") ? "stream" : "list",
    pops,
    jobs,
    gone,
    mayBeHandedOut: pops ? Math.min(gone.length, unanswered("blpop")) : 0,
    twice: jobs.filter((job) => job.runs.length > 1),
    waiting,
    passedOver: passedOver(jobs, waiting, unanswered("xreadgroup")),
  };
}

/**
 * A group hands out entries in their order, each to one reader. So one that waits though a later one was handed out was
 * handed out as well: to a reading that was never answered, and it waits to be claimed. There are at most as many of
 * those.
 */
function passedOver(jobs: readonly Job[], waiting: readonly Job[], unanswered: number): readonly Job[] {
  const last = jobs
    .filter((job) => job.runs.length > 0)
    .map(({ added }) => idOf(added))
    .reduce((a, b) => (isAfter(b, a) ? b : a), NONE);
  const passed = waiting.filter(({ added }) => idOf(added) !== NONE && isAfter(last, idOf(added)));
  return passed.length > unanswered ? passed : [];
}

/** `1700000000000-0`, as the two numbers that it is. */
type EntryId = readonly [ms: number, n: number];
const NONE: EntryId = [0, 0];

function idOf(added: Operation | undefined): EntryId {
  const [, ms, n] = /^(\d+)-(\d+)$/.exec(added?.f === "xadd" ? (added.result ?? "") : "") ?? [];
  return ms === undefined || n === undefined ? NONE : [Number(ms), Number(n)];
}

function isAfter([ms, n]: EntryId, [otherMs, other]: EntryId): boolean {
  return ms === otherMs ? n > other : ms > otherMs;
}

/** Jobs that the servers hold at the end, in the queue or in somebody's hand; `undefined`: not all could be read. */
function jobsLeft(facts: Facts, key: string): ReadonlySet<string> | undefined {
  const tag = /^\{[^}]*\}/.exec(key)?.[0] ?? key;
  if (facts.unread.some((unread) => unread.startsWith(tag))) return undefined;
  const lists = [...facts.finalLists].filter(([list]) => list.startsWith(tag));
  if (lists.every(([list]) => list !== key)) return undefined;
  // an entry of a stream is `ID job NAME`
  return new Set(lists.flatMap(([, elements]) => elements.map((one) => one.split(" ").at(-1) as string)));
}

/** Was a job added by it? */
export function isAdding({ workload, f }: Operation): boolean {
  return workload === "queue" && (f === "rpush" || f === "xadd");
}

/** Of the jobs that are gone, those for which there is no excuse: no loss of a primary, and no hand that took them. */
export function inexcusable(
  { gone, mayBeHandedOut }: JudgedQueue,
  { mayBeLost }: AllowedLosses,
): readonly Job[] {
  const sure = gone.filter(({ added }) => added !== undefined && !mayBeLost(added));
  return sure.slice(mayBeHandedOut);
}
