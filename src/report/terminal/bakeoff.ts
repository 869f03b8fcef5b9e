import { groupBy } from "../../base/group-by.ts";
import type {
  BakeoffCell,
  BakeoffDocument,
  BakeoffFeature,
  BakeoffRun,
  Lasted,
} from "../../model/bakeoff.ts";
import type { Verdict } from "../../model/outcome.ts";
import { type Paint, painter } from "./colour.ts";
import { formatCount, formatNumber, printable, verdictLook } from "./format.ts";
import {
  type Cell,
  type Column,
  hanging,
  indent,
  naturalWidth,
  spaced,
  tableLines,
  unbroken,
} from "./layout.ts";
import { drawnWidth, type TerminalOptions } from "./result.ts";

const MARGIN = 2;

/** A table for each scenario, all libraries below each other; then why they did not pass, and where the evidence is. Ends with a line feed. */
export function renderBakeoff(document: BakeoffDocument, options: TerminalOptions): string {
  const paint = painter(options.colour);
  const width = drawnWidth(options.width) - MARGIN;
  const shown = printable(document);
  const { valkey, driver, node, seed, runsPerCell, tookMs, cells } = shown;
  const about = [
    `Valkey ${valkey}, ${driver} driver, Node ${node}, seed ${seed}, ${formatCount(runsPerCell, "run")} each, ${(tookMs / 60_000).toFixed(1)} min`,
    "Seconds: median / worst of the runs; counts: of the worst run. Calls: the longest, rejected, never settled; writes: acknowledged and lost, there twice; conns: opened after the fault, most of them in 1 s; MB: more memory than before; CPU: during the outage.",
  ];
  const lines = [
    paint.strong("bake-off"),
    ...indent(about.flatMap((line) => hanging("", line, width)).map(paint.faint), MARGIN),
    ...groupsOf(cells).flatMap((group) => ["", ...groupLines(group, paint, width)]),
    "",
    `  ${summary(cells, paint)}`,
  ];
  return `${spaced(lines.join("\n"))}\n`;
}

function groupsOf(cells: readonly BakeoffCell[]): BakeoffCell[][] {
  return [...groupBy(cells, ({ kind, scenario }) => `${kind} ${scenario}`).values()];
}

function groupLines(cells: readonly BakeoffCell[], paint: Paint, width: number): string[] {
  const [{ kind, scenario } = { kind: "", scenario: "" }] = cells;
  const { columns, rows } = fitting(cells, paint, width);
  return [
    paint.accent(`${kind === "ha" ? "HA" : "Cluster"}: ${scenario}`),
    ...indent(tableLines(columns, rows, { width, head: paint.faint }), MARGIN),
    ...[...new Set(cells.flatMap((cell) => indent(whyLines(cell, paint, width), MARGIN)))],
    ...indent(featureLines(cells, paint, width), MARGIN),
  ];
}

interface Measure {
  readonly title: string;
  readonly cell: (cell: BakeoffCell, paint: Paint) => Cell;
}

const MEASURES: readonly Measure[] = [
  { title: "outage", cell: ({ writeOutageMs }) => both(writeOutageMs) },
  { title: "to new\nprimary", cell: ({ toNewPrimaryMs }) => both(toNewPrimaryMs) },
  { title: "longest\ncall", cell: ({ longestMs }) => both(longestMs) },
  {
    title: "rejec-\nted",
    cell: (cell) =>
      text(worst(cell, ({ calls }) => Object.values(calls.rejected).reduce((a, b) => a + b, 0))),
  },
  {
    title: "unset-\ntled",
    cell: (cell, paint) =>
      bad(
        worst(cell, ({ calls }) => calls.unsettled),
        paint,
      ),
  },
  {
    title: "lost",
    cell: (cell, paint) =>
      bad(
        worst(cell, ({ writes }) => writes.lost),
        paint,
      ),
  },
  {
    title: "twice",
    cell: (cell, paint) =>
      bad(
        worst(cell, ({ writes }) => writes.duplicated),
        paint,
      ),
  },
  {
    title: "stale",
    cell: (cell, paint) =>
      bad(
        worst(cell, ({ staleReads }) => staleReads),
        paint,
      ),
  },
  { title: "conns", cell: (cell) => text(worst(cell, ({ connections }) => connections.after)) },
  { title: "in 1 s", cell: (cell) => text(worst(cell, ({ connections }) => connections.peakPerSecond)) },
  {
    title: "MB",
    cell: (cell) => megabytes(worst(cell, ({ memory }) => memory && memory.worstBytes - memory.beforeBytes)),
  },
  { title: "CPU", cell: (cell) => percent(worst(cell, ({ cpu }) => cpu?.outagePercent ?? null)) },
];

/** As many measures as there is room for: the first ones matter most. */
function fitting(cells: readonly BakeoffCell[], paint: Paint, width: number) {
  for (let kept = MEASURES.length; ; kept -= 1) {
    const measures = MEASURES.slice(0, kept);
    const columns: Column[] = [
      { title: "client" },
      ...measures.map(({ title }) => ({ title, align: "right" as const })),
    ];
    const rows = cells.map((cell) => rowOf(cell, measures, paint));
    if (kept === 1 || naturalWidth(columns, rows) <= width) return { columns, rows };
  }
}

function rowOf(cell: BakeoffCell, measures: readonly Measure[], paint: Paint): Cell[] {
  const name = unbroken(`${markOf(cell.verdict)} ${cell.library} ${cell.profile}`);
  if (cell.verdict === "not-supported")
    return [{ text: name, paint: paint.faint }, ...measures.map(() => "·")];
  return [
    { text: name, paint: verdictLook(cell.verdict, paint).paint },
    ...measures.map((measure) => measure.cell(cell, paint)),
  ];
}

function worst({ runs }: BakeoffCell, of: (run: BakeoffRun) => number | null): number | null {
  const known = runs.map(of).filter((value) => value !== null);
  return known.length === 0 ? null : Math.max(...known);
}

function text(value: number | null): string {
  return value === null ? "—" : formatNumber(value);
}

function bad(value: number | null, paint: Paint): Cell {
  return value ? { text: text(value), paint: paint.bad } : text(value);
}

/** Why it did not pass: reasons, a sentence of the first run that shows it, and where that is. */
function whyLines(cell: BakeoffCell, paint: Paint, width: number): string[] {
  const { verdict, runs, reasons, sometimes } = cell;
  const name = `${markOf(verdict)} ${cell.library} ${cell.profile}: `;
  if (verdict === "not-supported")
    return hanging(paint.faint(`– ${cell.library}: `), `not supported: ${cell.why} (${cell.issue})`, width);
  const run = runs.find((one) => one.verdict !== "pass");
  if (!run) return [];
  const some = sometimes.length > 0 ? [`in some runs: ${sometimes.join(", ")}`] : [];
  const told = [...(reasons.length > 0 ? [reasons.join(", ")] : []), ...some];
  const rejected = Object.entries(run.calls.rejected).map(([error, times]) => `${error} ×${times}`);
  return [
    ...hanging(
      verdictLook(verdict, paint).paint(name),
      `${told.join("; ")} — ${run.notes.join("; ")}`,
      width,
    ),
    ...(rejected.length > 0
      ? indent(hanging(paint.faint("rejected: "), rejected.join(", "), width - 4), 4)
      : []),
    ...(run.folder ? [paint.faint(`    ${run.folder}`)] : []),
    paint.faint(`    ${run.replay}`),
  ];
}

/** A row for each library, a column for each feature; below it what callers were told. */
function featureLines(cells: readonly BakeoffCell[], paint: Paint, width: number): string[] {
  const names = cells.flatMap(({ runs }) => runs[0]?.features.map(({ feature }) => feature) ?? []);
  if (names.length === 0) return [];
  const features = [...new Set(names)];
  const rows = cells
    .filter(({ runs }) => runs.length > 0)
    .map((cell): Cell[] => [
      `${cell.library} ${cell.profile}`,
      ...features.map((name) => featureCell(cell.runs, name, paint)),
    ]);
  const columns = ["", ...features].map((title) => ({ title }));
  return ["", ...tableLines(columns, rows, { width, head: paint.faint })];
}

/** Whether it worked at the end of each run; beside it what failed and what was never heard of, in the worst run. */
function featureCell(runs: readonly BakeoffRun[], name: string, paint: Paint): Cell {
  const found = runs.flatMap(({ features }) => features.filter(({ feature }) => feature === name));
  if (found.every(({ works }) => works === "not offered")) return { text: "not offered", paint: paint.faint };
  const most = (of: (one: BakeoffFeature) => number) => Math.max(...found.map(of));
  const errors = [...new Set(found.flatMap((one) => Object.keys(one.errors)))];
  const told = [
    ...(most(({ failed }) => failed) > 0
      ? [`${most(({ failed }) => failed)} failed: ${errors.join(", ")}`]
      : []),
    ...(most(({ unsettled }) => unsettled) > 0
      ? [`${most(({ unsettled }) => unsettled)} never settled`]
      : []),
    ...(most(({ missed }) => missed ?? 0) > 0
      ? [`${most(({ missed }) => missed ?? 0)} messages missed`]
      : []),
  ];
  const works = found.every((one) => one.works !== "no");
  return {
    text: [works ? "✓" : "✗", told.join("; ")].join(" ").trim(),
    paint: works ? paint.good : paint.bad,
  };
}

function markOf(verdict: BakeoffCell["verdict"]): string {
  return { pass: "✓", fail: "✗", unknown: "?", "not-supported": "–" }[verdict];
}

function both({ median, worst: most }: { median: Lasted; worst: Lasted }): string {
  const told = (ms: Lasted) => (ms === null ? "—" : ms === "endless" ? "no end" : (ms / 1000).toFixed(1));
  return unbroken(told(median) === told(most) ? told(most) : `${told(median)} / ${told(most)}`);
}

function megabytes(bytes: number | null): string {
  return bytes === null ? "—" : `+${Math.round(bytes / 1e6)}`;
}

function percent(share: number | null): string {
  return share === null ? "—" : `${Math.round(share)}%`;
}

function summary(cells: readonly BakeoffCell[], paint: Paint): string {
  const count = (wanted: Verdict) => cells.filter(({ verdict }) => verdict === wanted).length;
  const parts = (["pass", "fail", "unknown"] as const)
    .filter((verdict) => count(verdict) > 0)
    .map((verdict) => verdictLook(verdict, paint).paint(`${count(verdict)} ${verdict}`));
  const lacking = cells.filter(({ verdict }) => verdict === "not-supported").length;
  if (lacking > 0) parts.push(`${lacking} not supported`);
  return `${formatCount(cells.length, "cell")}: ${parts.join(", ")}`;
}
