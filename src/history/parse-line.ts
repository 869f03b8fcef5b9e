import type { z } from "zod";
import { DrillError } from "../model/errors.ts";
import {
  type CompletionEvent,
  type HeaderEvent,
  type HistoryEvent,
  type InvokeEvent,
  READ_SCHEMA_VERSIONS,
} from "../model/event.ts";
import { type Fields, isCount, isRecord, KINDS, type LineType, OPTIONAL, REQUIRED } from "./fields.ts";
import { headerSchema } from "./header-schema.ts";
import { misshapen } from "./observation-shapes.ts";

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
 * Takes a parsed line as the event it is. What the event does not have by this version is left alone.
 *
 * @throws DrillError `BAD_RUN` if it is none.
 */
export function parseEvent(json: unknown, place: Place): HistoryEvent {
  if (isOperation(json)) return json; // nearly all of them, and they are millions
  if (!isRecord(json)) throw malformed(place, `expected an event, got ${kindOf(json)}`);
  const { type } = json;
  if (type === "header") throw malformed(place, "a second header: two runs were written into one file");
  if (typeof type !== "string" || !Object.hasOwn(REQUIRED, type))
    throw malformed(place, `unknown type of event ${shown(type)}`);
  if (!isCount(json.at))
    throw malformed(place, `"at" must be nanoseconds since the run began, got ${shown(json.at)}`);
  // Without its counts and digest a last line is one of schema 1, or damage that is told once all was read.
  requireFields(json, REQUIRED[type as LineType], place, type, type === "end" ? LATER : []);
  const more = OPTIONAL[type as LineType];
  requireFields(json, more, place, type, Object.keys(more));
  const wrong = type === "observation" ? misshapen(json.name as string, json.data) : undefined;
  if (wrong !== undefined) throw malformed(place, `${type} ${json.name}: ${wrong}`);
  return json as unknown as HistoryEvent;
}

/** What schema 2 added to the last line. */
const LATER = ["events", "counts", "digest"];

/** The same as the tables say, in one look. */
function isOperation(json: unknown): json is InvokeEvent | CompletionEvent {
  if (typeof json !== "object" || json === null) return false;
  const { type, at, op, value } = json as Partial<InvokeEvent & CompletionEvent>;
  if (!isCount(at) || !isCount(op)) return false;
  if ((type as string) === "invoke") {
    const { client, workload, f, key, shared, due } = json as Partial<InvokeEvent>;
    return (
      typeof client === "string" &&
      typeof workload === "string" &&
      typeof f === "string" &&
      typeof key === "string" &&
      (value === undefined || typeof value === "string") &&
      (shared === undefined || shared === true) &&
      (due === undefined || isCount(due))
    );
  }
  if (type !== "ok" && type !== "fail" && type !== "info") return false;
  const { error, node, attempts } = json as Partial<CompletionEvent>;
  return (
    (value === undefined || value === null || typeof value === "string") &&
    (error === undefined || KINDS["an error with class and message"](error)) &&
    (node === undefined || typeof node === "string") &&
    (attempts === undefined || (isCount(attempts) && attempts > 0))
  );
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
  if (!READ_SCHEMA_VERSIONS.includes(json.schemaVersion as number)) {
    throw new DrillError(
      "BAD_RUN",
      `${named(place)}: schemaVersion ${shown(json.schemaVersion)} is not supported; this ` +
        `version reads ${READ_SCHEMA_VERSIONS.join(" and ")}`,
      { hint: "Read the run with the version of valkey-drill that recorded it, or run the drill again." },
    );
  }
  const { error } = headerSchema.safeParse(json);
  if (error) throw malformed(place, error.issues.slice(0, SHOWN_ISSUES).map(issueText).join("; "));
  return json as unknown as HeaderEvent;
}

const SHOWN_ISSUES = 3;

function issueText({ path, message }: z.core.$ZodIssue): string {
  const field = ["header", ...path].map((part, n) =>
    typeof part === "number" ? `[${part}]` : `${n ? "." : ""}${String(part)}`,
  );
  return `${field.join("").slice(0, SHOWN_CHARS)}: ${message.slice(0, SHOWN_CHARS)}`;
}

function requireFields(
  record: Record<string, unknown>,
  fields: Fields,
  place: Place,
  of: string,
  optional: readonly string[] = [],
): void {
  for (const name in fields) {
    const value = record[name];
    if (value === undefined && optional.includes(name)) continue;
    const wanted = fields[name];
    if (wanted === undefined) continue;
    const good = typeof wanted === "string" ? KINDS[wanted](value) : wanted.includes(value as string);
    if (good) continue;
    const words = typeof wanted === "string" ? wanted : `one of ${wanted.join(", ")}`;
    throw malformed(place, `${of}.${name} must be ${words}, got ${shown(value)}`);
  }
}

const SHOWN_CHARS = 200;

function shown(value: unknown): string {
  if (value === undefined) return "nothing";
  if (typeof value === "object" && value !== null) return kindOf(value);
  return JSON.stringify(value).slice(0, SHOWN_CHARS);
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "a list" : typeof value === "object" ? "an object" : `a ${typeof value}`;
}

function malformed(place: Place, what: string): DrillError {
  return new DrillError("BAD_RUN", `${named(place)}: ${what}`, {
    hint: "The file was changed or damaged. Run the drill again.",
  });
}
