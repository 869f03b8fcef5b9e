import { z } from "zod";
import type { CheckResult } from "../../model/result.ts";
import type { Paint } from "./colour.ts";
import { formatMs, formatRest } from "./format.ts";
import { hanging, unbroken } from "./layout.ts";

type Evidence = CheckResult["evidence"];

/** A table in a check's evidence. */
export interface EvidenceTable {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

const ITEMS_MAX = 10;
const FIELDS_MAX = 12;
const TEXT_MAX = 400;
const COLUMNS_MAX = 8;

const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const tablesShape = z.array(
  z.object({ title: z.string().default(""), columns: z.array(z.string()), rows: z.array(z.array(scalar)) }),
);
const notesShape = z.array(z.string());
const recordsShape = z.array(z.record(z.string(), scalar)).min(1);

/** The tables that a check gives along, whatever its verdict. What has not their shape is a field like any other. */
export function evidenceTables({ tables }: Evidence): EvidenceTable[] {
  const given = tablesShape.safeParse(tables).data ?? [];
  return given.map(({ title, columns, rows }) => ({
    title,
    columns,
    rows: rows.map((row) => row.map(cellText)),
  }));
}

/** The lines of advice that a check gives along. */
export function evidenceNotes({ notes }: Evidence): string[] {
  return notesShape.safeParse(notes).data ?? [];
}

/** The reason first, then the other fields, each cut to what a person reads. */
export function evidenceLines(evidence: Evidence, paint: Paint, width: number): string[] {
  const fields = plainFields(evidence).filter(([, value]) => recordTable("", value) === undefined);
  const shown = fields.slice(0, FIELDS_MAX).map(([name, value]) => namedText(name, value));
  if (typeof evidence.reason === "string") shown.unshift(["reason", evidence.reason]);
  const nameWidth = Math.min(24, Math.max(0, ...shown.map(([name]) => name.length)));
  const rest = formatRest(fields.length, FIELDS_MAX);
  return [
    ...shown.flatMap(([name, text]) => hanging(`${paint.faint(name.padEnd(nameWidth))}   `, text, width)),
    ...(rest === undefined ? [] : [paint.faint(`${rest}, in result.json`)]),
  ];
}

/** The fields that are lists of records alike: easier to read as tables. */
export function evidenceRecords(evidence: Evidence): EvidenceTable[] {
  return plainFields(evidence).flatMap(([name, value]) => recordTable(words(name), value) ?? []);
}

/** Without what a table tells already: `stretches` are there to be drawn. */
function plainFields({ reason, tables, notes, stretches: _, ...others }: Evidence): [string, unknown][] {
  const special = {
    ...(typeof reason !== "string" && { reason }),
    ...(!tablesShape.safeParse(tables).success && { tables }),
    ...(!notesShape.safeParse(notes).success && { notes }),
  };
  return Object.entries({ ...special, ...others }).filter(([, value]) => value !== undefined);
}

function recordTable(title: string, value: unknown): EvidenceTable | undefined {
  const records = recordsShape.safeParse(value).data;
  if (records === undefined) return undefined;
  const names = [...new Set(records.flatMap(Object.keys))];
  if (names.length === 0 || names.length > COLUMNS_MAX) return undefined;
  return {
    title,
    columns: names.map((name) => words(name).replace(/ ms$/, "")),
    rows: records.map((record) =>
      names.map((name) => (name in record ? namedText(name, record[name])[1] : "—")),
    ),
  };
}

/** `["last success", "12 ms"]` of `lastSuccessMs: 12.4`: the unit moves from the name to the number. */
function namedText(name: string, value: unknown): [name: string, text: string] {
  if (name.endsWith("Ms") && typeof value === "number") return [words(name.slice(0, -2)), formatMs(value)];
  return [words(name).replace(/ ms$/, ""), valueText(value)];
}

function valueText(value: unknown): string {
  if (Array.isArray(value)) return listText(value);
  if (typeof value === "object" && value !== null) {
    const parts = Object.entries(value).map(([name, inner]) => namedText(name, inner).join(" "));
    return parts.length === 0 ? "none" : cut(parts.join(", "));
  }
  return cellText(value);
}

function listText(items: readonly unknown[]): string {
  if (items.length === 0) return "none";
  const flat = items.every((item) => typeof item !== "object" || item === null);
  const shown = items.slice(0, ITEMS_MAX).map((item) => (flat ? cellText(item) : cut(JSON.stringify(item))));
  const rest = formatRest(items.length, ITEMS_MAX);
  return [...shown, ...(rest === undefined ? [] : [unbroken(rest)])].join(flat ? ", " : "\n");
}

/** Digits are not grouped: a number here may as well be a slot or a port. */
function cellText(value: unknown): string {
  if (value === null) return "—";
  if (typeof value === "number")
    return value.toLocaleString("en-US", { maximumFractionDigits: 3, useGrouping: false });
  return cut(String(value));
}

function cut(text: string): string {
  return text.length > TEXT_MAX ? `${text.slice(0, TEXT_MAX)}…` : text;
}

/** `lostReplicated` → `lost replicated`. What is no such name (`k:12`, `node-5`) stays as it is. */
function words(name: string): string {
  return name.replaceAll(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
