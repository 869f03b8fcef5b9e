import type { EndEvent, FaultEvent, HistoryEvent, StepEvent, TopologyEvent } from "../model/event.ts";

/** What a value of a line can be, by the words that an error uses. */
export const KINDS = {
  string: (value: unknown) => typeof value === "string",
  "a string or null": (value: unknown) => value === null || typeof value === "string",
  "a whole number from 0 on": isCount,
  "a whole number from 1 on": (value: unknown) => isCount(value) && value > 0,
  "a number from 0 on": (value: unknown) => typeof value === "number" && value >= 0,
  true: (value: unknown) => value === true,
  "a list of strings": (value: unknown) =>
    Array.isArray(value) && value.every((one) => typeof one === "string"),
  "a list of whole numbers": (value: unknown) => Array.isArray(value) && value.every(isCount),
  "a list of changes of roles": (value: unknown) =>
    Array.isArray(value) && value.every((one) => isRecord(one) && Object.values(one).every(isText)),
  "an error with class and message": (value: unknown) =>
    isRecord(value) && typeof value.class === "string" && typeof value.message === "string",
  "numbers by type of event": (value: unknown) => isRecord(value) && Object.values(value).every(isCount),
} as const;

export type Kind = keyof typeof KINDS;
/** By the name of a field: its kind, or the words that it can be. */
export type Fields = Readonly<Record<string, Kind | readonly string[]>>;

const PHASES = words<FaultEvent["phase"]>({ inject: 1, injected: 1, heal: 1, healed: 1 });
const STATUSES = words<StepEvent["status"]>({ begin: 1, done: 1, timeout: 1, error: 1 });
const REASONS = words<EndEvent["reason"]>({ completed: 1, interrupted: 1, error: 1 });
const LOSSES = words<NonNullable<FaultEvent["losesData"]>>({ "at-once": 1, "in-force": 1 });
const EVENTS = words<TopologyEvent["event"]>({
  sentinel: 1,
  role: 1,
  follows: 1,
  link: 1,
  reachable: 1,
  flag: 1,
  state: 1,
  slots: 1,
});

const completion: Fields = { op: "a whole number from 0 on" };
const completionMore: Fields = {
  value: "a string or null",
  error: "an error with class and message",
  node: "string",
  attempts: "a whole number from 1 on",
};

/** Types of event that stand behind the header. */
export type LineType = Exclude<HistoryEvent["type"], "header">;

/** What every line has beside its time, by its type. Of the fields of `end` schema 1 has the first only. */
export const REQUIRED: Readonly<Record<LineType, Fields>> = {
  invoke: {
    op: "a whole number from 0 on",
    client: "string",
    workload: "string",
    f: "string",
    key: "string",
  },
  ok: completion,
  fail: completion,
  info: completion,
  fault: { phase: PHASES, fault: "string", targets: "a list of strings", id: "a whole number from 1 on" },
  topology: { source: "string", event: EVENTS },
  replicated: {
    primary: "string",
    replicas: "a list of strings",
    ackedBy: "a whole number from 0 on",
    offset: "a whole number from 0 on",
  },
  step: { index: "a whole number from 0 on", name: "string", status: STATUSES },
  observation: { name: "string" },
  end: {
    reason: REASONS,
    events: "a whole number from 0 on",
    counts: "numbers by type of event",
    digest: "string",
  },
};

/** What a line can have besides. What stands in neither table is of a newer version, and left alone. */
export const OPTIONAL: Readonly<Record<LineType, Fields>> = {
  invoke: { value: "string", shared: "true", due: "a whole number from 0 on" },
  ok: completionMore,
  fail: completionMore,
  info: completionMore,
  fault: {
    shards: "a list of whole numbers",
    primaries: "a list of strings",
    label: "string",
    roles: "a list of changes of roles",
    losesData: LOSSES,
  },
  topology: {
    subject: "string",
    to: "string",
    detail: "string",
    ownSlots: "a whole number from 0 on",
    after: "a whole number from 0 on",
    errorMs: "a number from 0 on",
  },
  replicated: {},
  step: { detail: "string", stoodStillMs: "a number from 0 on" },
  observation: {},
  end: { detail: "string" },
};

function isText(value: unknown): value is string {
  return typeof value === "string";
}

export function isRecord(json: unknown): json is Record<string, unknown> {
  return typeof json === "object" && json !== null && !Array.isArray(json);
}

export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** All words of a type: one that is added to it and not here does not compile. */
function words<Word extends string>(all: Readonly<Record<Word, 1>>): readonly string[] {
  return Object.keys(all);
}
