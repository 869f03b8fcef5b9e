/** What a benchmark found: columns and rows for a person, notes below. */
export interface BenchTable {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
  readonly notes?: readonly string[];
}

/** `2.08 s`, `280,631/s`, `20`, or nothing. */
const FIGURE = /^(–|[\d.,]+( ?\S{1,3})?)?$/;

/** A table as text: columns of figures to the right, all others to the left. */
export function drawTable({ title, columns, rows, notes = [] }: BenchTable): string {
  const body = rows.map((row) => row.map(String));
  const layout = columns.map((name, index) => ({
    width: Math.max(name.length, ...body.map((row) => row[index]?.length ?? 0)),
    figures: body.every((row) => FIGURE.test(row[index] ?? "")),
  }));
  const draw = (row: readonly string[]) =>
    layout
      .map(({ width, figures }, index) =>
        figures ? (row[index] ?? "").padStart(width) : (row[index] ?? "").padEnd(width),
      )
      .join("   ");
  const rule = layout.map(({ width }) => "─".repeat(width)).join("   ");
  const lines = [draw(columns), rule, ...body.map(draw), ...notes];
  return [title, "", ...lines.map((line) => `  ${line}`.trimEnd()), ""].join("\n");
}

/** The middle value (the lower of two middle ones). */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN;
}

export const seconds = (ms: number) => `${(ms / 1000).toFixed(2)} s`;

export const ratio = (value: number) => `${value.toFixed(2)} x`;

export const perSecond = (count: number, ms: number) =>
  `${Math.round((count / ms) * 1000).toLocaleString("en-US")}/s`;
