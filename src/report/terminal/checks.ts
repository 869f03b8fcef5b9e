import type { CheckResult } from "../../model/result.ts";
import type { Paint } from "./colour.ts";
import {
  type EvidenceTable,
  evidenceLines,
  evidenceNotes,
  evidenceRecords,
  evidenceTables,
} from "./evidence.ts";
import { formatRest, verdictLook } from "./format.ts";
import { hanging, indent, tableLines, widthOf } from "./layout.ts";

const MARGIN = 2;
const TABLE_ROWS_MAX = 20;
const RECORDS_MAX = 10;
const NUMERIC = /^([+-]?[\d,.]+( m?s| min \d+ s)?|—)$/;

/** Every check with its word; under those that did not pass, what that rests on. */
export function checkLines(checks: readonly CheckResult[], paint: Paint, width: number): string[] {
  if (checks.length === 0) return [`${paint.strong("Checks")}       ${paint.doubt("none ran")}`];
  const nameWidth = Math.max(...checks.map(({ name }) => widthOf(name)));
  return [
    paint.strong("Checks"),
    ...checks.flatMap((check) => indent(oneCheck(check, nameWidth, paint, width - MARGIN), MARGIN)),
  ];
}

function oneCheck(check: CheckResult, nameWidth: number, paint: Paint, width: number): string[] {
  const { name, verdict, summary, evidence } = check;
  const look = verdictLook(verdict, paint);
  const label = `${look.paint(look.mark)} ${verdict === "pass" ? name : look.paint(name)}`;
  const below = width - MARGIN;
  const draw = (rowsMax: number) => (table: EvidenceTable) => tableUnder(table, rowsMax, paint, below);
  const details = [
    ...(verdict === "pass" ? [] : evidenceLines(evidence, paint, below)),
    ...(verdict === "pass" ? [] : evidenceRecords(evidence).flatMap(draw(RECORDS_MAX))),
    ...evidenceTables(evidence).flatMap(draw(TABLE_ROWS_MAX)),
    ...evidenceNotes(evidence).flatMap((note) => hanging(`${paint.accent("→")} `, note, below)),
  ];
  return [
    ...hanging(label + " ".repeat(nameWidth - widthOf(name) + 3), summary, width),
    ...indent(details, MARGIN),
  ];
}

function tableUnder(table: EvidenceTable, rowsMax: number, paint: Paint, width: number): string[] {
  const { title, columns, rows } = table;
  const aligned = columns.map((column, index) => {
    const numeric = rows.every((row) => NUMERIC.test(row[index] ?? "—"));
    return { title: column, align: numeric ? ("right" as const) : ("left" as const) };
  });
  const lines = tableLines(aligned, rows.slice(0, rowsMax), { width: width - MARGIN, head: paint.faint });
  const rest = formatRest(rows.length, rowsMax);
  return [
    ...(title === "" ? [] : [title]),
    ...indent(lines, MARGIN),
    ...(rest === undefined ? [] : indent([paint.faint(`${rest}, in result.json`)], MARGIN)),
  ];
}
