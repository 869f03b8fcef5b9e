import { DrillError } from "../model/errors.ts";
import { type HeaderEvent, HISTORY_SCHEMA_VERSION, type HistoryEvent } from "../model/event.ts";

type Kind = "string" | "number" | "boolean" | "object" | "array";
type Fields = Readonly<Record<string, Kind>>;

const completion: Fields = { op: "number" };

/**
 * What every line must have for a checker to read it safely, by its type. Optional fields are left to the
 * types: a history is written by this program, and a line is read up to a million times.
 */
export const REQUIRED: Readonly<Record<HistoryEvent["type"], Fields>> = {
  header: {
    runId: "string",
    scenario: "string",
    seed: "number",
    startedAt: "string",
    topology: "object",
    client: "object",
    waitReplicas: "number",
    expect: "object",
    replay: "string",
  },
  invoke: { op: "number", client: "string", workload: "string", f: "string", key: "string" },
  ok: completion,
  fail: completion,
  info: completion,
  fault: { phase: "string", fault: "string", targets: "array", id: "number" },
  topology: { source: "string", event: "string" },
  replicated: { primary: "string", replicas: "array", ackedBy: "number", offset: "number" },
  step: { index: "number", name: "string", status: "string" },
  observation: { name: "string" },
  end: { reason: "string" },
};

const HEADER_TOPOLOGY: Fields = {
  kind: "string",
  driver: "string",
  valkey: "string",
  nodes: "array",
  shards: "array",
  settings: "object",
};

/** Where a line stands, for errors. */
export interface Place {
  readonly path: string;
  /** From 1. */
  readonly line: number;
}

/** As errors name it: `file:line`. */
export function named({ path, line }: Place): string {
  return `${path}:${line}`;
}

/**
 * Takes a parsed line as the event it is.
 *
 * @throws DrillError `BAD_RUN` if it is none.
 */
export function parseEvent(json: unknown, place: Place): HistoryEvent {
  if (!isRecord(json)) throw malformed(place, `expected an event, got ${kindOf(json)}`);
  const type = json.type;
  if (typeof type !== "string" || !Object.hasOwn(REQUIRED, type)) {
    throw malformed(place, `unknown type of event ${JSON.stringify(type)}`);
  }
  if (type === "header") throw malformed(place, "a second header: two runs were written into one file");
  requireTime(json, place);
  requireFields(json, REQUIRED[type as HistoryEvent["type"]], place, type);
  return json as unknown as HistoryEvent;
}

/**
 * Takes a parsed first line as the header.
 *
 * @throws DrillError `BAD_RUN` if it is none, or one of another schema version.
 */
export function parseHeader(json: unknown, place: Place): HeaderEvent {
  if (!isRecord(json) || json.type !== "header") {
    throw malformed(place, "the first line of a history must be its header");
  }
  if (json.schemaVersion !== HISTORY_SCHEMA_VERSION) {
    throw new DrillError(
      "BAD_RUN",
      `${named(place)}: schemaVersion ${JSON.stringify(json.schemaVersion)} is not supported; this version reads ${HISTORY_SCHEMA_VERSION}`,
      { hint: "Read the run with the version of valkey-drill that recorded it, or run the drill again." },
    );
  }
  requireTime(json, place);
  requireFields(json, REQUIRED.header, place, "header");
  requireFields(json.topology as Record<string, unknown>, HEADER_TOPOLOGY, place, "header.topology");
  return json as unknown as HeaderEvent;
}

function requireFields(record: Record<string, unknown>, fields: Fields, place: Place, of: string): void {
  for (const name in fields) {
    const wanted = fields[name];
    const got = kindOf(record[name]);
    if (got !== wanted) throw malformed(place, `${of}.${name} must be ${wanted}, got ${got}`);
  }
}

function requireTime({ at }: Record<string, unknown>, place: Place): void {
  if (typeof at === "number" && at >= 0) return;
  throw malformed(
    place,
    `"at" must be nanoseconds since the run began, got ${JSON.stringify(at) ?? "nothing"}`,
  );
}

function isRecord(json: unknown): json is Record<string, unknown> {
  return kindOf(json) === "object";
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (value === undefined) return "nothing";
  return Array.isArray(value) ? "array" : typeof value;
}

function malformed(place: Place, what: string): DrillError {
  return new DrillError("BAD_RUN", `${named(place)}: ${what}`, {
    hint: "The file was changed or damaged. Run the drill again.",
  });
}
