import { stripVTControlCharacters } from "node:util";
import Table from "cli-table3";
import type { Paint } from "./colour.ts";

/** Columns that a report keeps free on its left. */
export const MARGIN = 2;

/** Widths that a report can be drawn at: narrower breaks every table, wider is hard to read. */
export const WIDTH = { min: 60, default: 100, max: 120 } as const;

/** A column: its heading, where its text stands, how it is painted. */
export interface Column {
  readonly title?: string;
  readonly align?: "left" | "right";
  readonly paint?: (text: string) => string;
}

/** Text of a cell, with a paint of its own where it differs from its column's. */
export type Cell = string | { readonly text: string; readonly paint: (text: string) => string };

const GAP = 3;
const COLUMN_MIN = 6;
/** No-break space: wrapping leaves it alone. */
const HARD_SPACE = "\u00a0";
const plain = (text: string) => text;

/** The lines of a table without rules, no wider than `width` if wrapping its cells can do that. */
export function tableLines(
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  options: { readonly width: number; readonly head?: (text: string) => string },
): string[] {
  const titled = columns.some((column) => column.title !== undefined);
  const head: Cell[] = columns.map(({ title }) => ({ text: title ?? "", paint: options.head ?? plain }));
  const all = titled ? [head, ...rows] : rows;
  if (all.length === 0) return [];
  const widths = shrink(
    columns.map((_, index) => Math.max(1, ...all.map((row) => cellWidth(row[index])))),
    options.width - GAP * (columns.length - 1),
  );
  const table = new Table({
    chars: BARE,
    colAligns: columns.map((column) => column.align ?? "left"),
    style: { head: [], border: [], compact: true, "padding-left": 0, "padding-right": 0 },
  });
  for (const row of all) {
    table.push(columns.map((column, index) => wrapCell(row[index], widths[index] ?? 1, column.paint)));
  }
  return table
    .toString()
    .split("\n")
    .map((line) => line.trimEnd());
}

/** How wide a table is whose cells are not wrapped. */
export function naturalWidth(columns: readonly Column[], rows: readonly (readonly Cell[])[]): number {
  return columns.reduce(
    (sum, { title = "" }, index) =>
      sum + GAP + Math.max(cellWidth(title), ...rows.map((row) => cellWidth(row[index]))),
    -GAP,
  );
}

/** `4 passed · 1 failed`; broken, if at all, between the parts ({@link spaced} must follow). */
export function joinParts(parts: readonly string[]): string {
  return parts.map(unbroken).join(" · ");
}

/** The text with its spaces held together until {@link spaced}. */
export function unbroken(text: string): string {
  return text.replaceAll(" ", HARD_SPACE);
}

/** Undoes {@link unbroken}, once all lines are broken. */
export function spaced(text: string): string {
  return text.replaceAll(HARD_SPACE, " ");
}

/** Breaks text into lines of at most `width`, at spaces where there are any. */
export function wrap(text: string, width: number): string[] {
  return text.split("\n").flatMap((paragraph) => wrapParagraph(paragraph, Math.max(1, width)));
}

/** Wraps `text` behind `label`; later lines stand under the first. */
export function hanging(label: string, text: string, width: number): string[] {
  const margin = widthOf(label);
  return wrap(text, width - margin).map((line, index) => (index === 0 ? label : " ".repeat(margin)) + line);
}

/** Columns that `text` takes, its escape codes aside. */
export function widthOf(text: string): number {
  return [...stripVTControlCharacters(text)].length;
}

export function indent(lines: readonly string[], by: number): string[] {
  return lines.map((line) => (line === "" ? line : " ".repeat(by) + line));
}

function wrapParagraph(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (let word of text.split(" ")) {
    if (line !== "" && widthOf(line) + 1 + widthOf(word) > width) {
      lines.push(line);
      line = "";
    }
    while (widthOf(word) > width) {
      const symbols = [...word];
      lines.push(symbols.slice(0, width).join(""));
      word = symbols.slice(width).join("");
    }
    line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

/** The title of a report, and what is to be known before its table. */
export function headLines(title: string, about: readonly string[], paint: Paint, width: number): string[] {
  const lines = about.flatMap((line) => hanging("", line, width)).map(paint.faint);
  return [paint.strong(title), ...indent(lines, MARGIN)];
}

/** Painted line by line, so that no colour runs on into the next column. */
function wrapCell(cell: Cell | undefined, width: number, columnPaint = plain): string {
  const paint = typeof cell === "object" ? cell.paint : columnPaint;
  return wrap(textOf(cell), width).map(paint).join("\n");
}

/** Takes from the widest column until all fit, or all are at their least. */
function shrink(natural: readonly number[], total: number): number[] {
  const widths = [...natural];
  const sum = () => widths.reduce((a, b) => a + b, 0);
  while (sum() > total) {
    const widest = Math.max(...widths);
    if (widest <= COLUMN_MIN) break;
    widths[widths.indexOf(widest)] = widest - 1;
  }
  return widths;
}

/** Columns that a cell takes: its widest line. */
function cellWidth(cell: Cell | undefined): number {
  return Math.max(...textOf(cell).split("\n").map(widthOf));
}

function textOf(cell: Cell | undefined): string {
  return typeof cell === "object" ? cell.text : (cell ?? "");
}

const BARE = {
  top: "",
  "top-mid": "",
  "top-left": "",
  "top-right": "",
  bottom: "",
  "bottom-mid": "",
  "bottom-left": "",
  "bottom-right": "",
  left: "",
  "left-mid": "",
  mid: "",
  "mid-mid": "",
  right: "",
  "right-mid": "",
  middle: " ".repeat(GAP),
};
