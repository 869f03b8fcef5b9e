/** What a benchmark found: columns and rows for a person, notes below. */
export interface BenchTable {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
  readonly notes?: readonly string[];
}

/** A table as text: the first column to the left, all others to the right. */
export function drawTable({ title, columns, rows, notes = [] }: BenchTable): string {
  const lines = [columns, ...rows.map((row) => row.map(String))];
  const widths = columns.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  const draw = (line: readonly string[]) =>
    line
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join("   ")
      .trimEnd();
  const body = lines.map((line) => `  ${draw(line)}`);
  const rule = `  ${widths.map((width) => "─".repeat(width)).join("   ")}`;
  return [title, "", body[0], rule, ...body.slice(1), ...notes.map((note) => `  ${note}`), ""].join("\n");
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
