import type { CheckResult } from "../../../../model/result.ts";
import { formatMs } from "../../../numbers.ts";

type Evidence = CheckResult["evidence"];

export interface Table {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Rows in all, if not all of them are here. */
  readonly of?: number;
}

/** A check's evidence, sorted into what is shown in which way. */
export interface ShownEvidence {
  readonly reason?: string;
  readonly fields: readonly (readonly [name: string, text: string])[];
  readonly tables: readonly Table[];
  readonly notes: readonly string[];
}

const ITEMS_MAX = 12;
const COLUMNS_MAX = 8;
/** Drawn by panels of their own, or told elsewhere. */
const ELSEWHERE = ["reason", "tables", "notes", "cut", "stretches"];

export function shownEvidence(evidence: Evidence): ShownEvidence {
  const cut = isRecord(evidence.cut) ? evidence.cut : {};
  const others = Object.entries(evidence).filter(
    ([name, value]) => !ELSEWHERE.includes(name) && value !== undefined,
  );
  const records = others.flatMap(([name, value]) => {
    const total = cut[name];
    return recordsTable(name, value, typeof total === "number" ? total : undefined) ?? [];
  });
  return {
    ...(typeof evidence.reason === "string" && { reason: evidence.reason }),
    fields: others.filter(([, value]) => !isRecords(value)).map(([name, value]) => named(name, value)),
    tables: [...tablesOf(evidence), ...records],
    notes: notesOf(evidence),
  };
}

/** The lines of advice that a check gives along. */
export function notesOf({ notes }: Evidence): string[] {
  return Array.isArray(notes) ? notes.filter((note) => typeof note === "string") : [];
}

function tablesOf({ tables }: Evidence): Table[] {
  if (!Array.isArray(tables)) return [];
  return tables.filter(isTable).map(({ title, columns, rows }) => ({
    title: String(title ?? ""),
    columns: columns.map(String),
    rows: rows.map((row) => row.map((cell) => valueText(cell))),
  }));
}

function isTable(value: unknown): value is { title?: unknown; columns: unknown[]; rows: unknown[][] } {
  return (
    isRecord(value) &&
    Array.isArray(value.columns) &&
    Array.isArray(value.rows) &&
    value.rows.every(Array.isArray)
  );
}

function recordsTable(title: string, value: unknown, of: number | undefined): Table | undefined {
  if (!isRecords(value)) return undefined;
  const names = [...new Set(value.flatMap(Object.keys))];
  return {
    title: words(title),
    columns: names.map((name) => words(name).replace(/ ms$/, "")),
    rows: value.map((record) => names.map((name) => (name in record ? named(name, record[name])[1] : "—"))),
    ...(of !== undefined && { of }),
  };
}

function isRecords(value: unknown): value is Record<string, unknown>[] {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((item) => isRecord(item) && !Object.values(item).some(isRecord)) &&
    new Set(value.flatMap(Object.keys)).size <= COLUMNS_MAX
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** `["last success", "12 ms"]` of `lastSuccessMs: 12.4`. */
function named(name: string, value: unknown): [string, string] {
  if (name.endsWith("Ms") && typeof value === "number") return [words(name.slice(0, -2)), formatMs(value)];
  return [words(name).replace(/ ms$/, ""), valueText(value)];
}

function valueText(value: unknown): string {
  if (value === null || value === undefined) return "—";
  if (Array.isArray(value)) {
    const rest = value.length > ITEMS_MAX ? `, … and ${value.length - ITEMS_MAX} more` : "";
    return value.length === 0 ? "none" : value.slice(0, ITEMS_MAX).map(valueText).join(", ") + rest;
  }
  if (isRecord(value)) {
    return Object.entries(value)
      .map(([name, inner]) => named(name, inner).join(" "))
      .join(", ");
  }
  return typeof value === "number" ? String(Math.round(value * 1000) / 1000) : String(value);
}

/** `lostReplicated` → `lost replicated`. What is no such name stays as it is. */
function words(name: string): string {
  return name.replaceAll(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
