import { groupBy } from "../../base/group-by.ts";
import type { BakeoffCell, BakeoffDocument, Lasted } from "../../model/bakeoff.ts";
import type { Verdict } from "../../model/outcome.ts";
import { featureOutcome, lostByServers, mostOf, poolsOf } from "../bakeoff-cells.ts";
import { type Paint, painter } from "./colour.ts";
import { formatCount, formatNumber, printable, verdictLook } from "./format.ts";
import {
  type Cell,
  type Column,
  hanging,
  headLines,
  indent,
  MARGIN,
  naturalWidth,
  spaced,
  tableLines,
  unbroken,
} from "./layout.ts";
import { drawnWidth, type TerminalOptions } from "./result.ts";

/**
 * A table for each scenario, all libraries below each other; then why they did not pass, and where the evidence is.
 * Ends with a line feed.
 */
export function renderBakeoff(document: BakeoffDocument, options: TerminalOptions): string {
  const paint = painter(options.colour);
  const width = drawnWidth(options.width) - MARGIN;
  const shown = printable(document);
  const { valkey, driver, node, seed, runsPerCell, tookMs, cells } = shown;
  const about = [
    `Valkey ${valkey}, ${driver} driver, Node ${node}, seed ${seed}, ${formatCount(runsPerCell, "run")} each, ${(tookMs / 60_000).toFixed(1)} min`,
    "Seconds: median / worst of the runs; counts: of the worst run. Calls: the longest, rejected, never settled; " +
      "writes: acknowledged and lost by the client's doing (in brackets: gone with a primary before a replica had " +
      "them, which no client can help), there twice; conns: opened after the fault, most of them in 1 s; MB: more " +
      "memory than before; CPU: during the outage.",
  ];
  const lines = [
    ...headLines("bake-off", about, paint, width),
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
      text(mostOf(cell, ({ calls }) => Object.values(calls.rejected).reduce((a, b) => a + b, 0))),
  },
  {
    title: "unset-\ntled",
    cell: (cell, paint) =>
      bad(
        mostOf(cell, ({ calls }) => calls.unsettled),
        paint,
      ),
  },
  { title: "lost", cell: lostCell },
  {
    title: "twice",
    cell: (cell, paint) =>
      bad(
        mostOf(cell, ({ writes }) => writes.duplicated),
        paint,
      ),
  },
  {
    title: "stale",
    cell: (cell, paint) =>
      bad(
        mostOf(cell, ({ staleReads }) => staleReads),
        paint,
      ),
  },
  { title: "conns", cell: (cell) => text(mostOf(cell, ({ connections }) => connections.after)) },
  { title: "in 1 s", cell: (cell) => text(mostOf(cell, ({ connections }) => connections.peakPerSecond)) },
  {
    title: "MB",
    cell: (cell) => megabytes(mostOf(cell, ({ memory }) => memory && memory.worstBytes - memory.beforeBytes)),
  },
  { title: "CPU", cell: (cell) => percent(mostOf(cell, ({ cpu }) => cpu?.outagePercent ?? null)) },
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

function lostCell(cell: BakeoffCell, paint: Paint): Cell {
  const byClient = mostOf(cell, ({ writes }) => writes.lostByClient);
  const byServers = mostOf(cell, lostByServers);
  const told = byServers ? unbroken(`${text(byClient)} (${formatNumber(byServers)})`) : text(byClient);
  return byClient ? { text: told, paint: paint.bad } : told;
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

/**
 * Each feature: which clients it worked with at the end, and what their callers saw. Those of which the same is told
 * share a row.
 */
function featureLines(cells: readonly BakeoffCell[], paint: Paint, width: number): string[] {
  const features = [
    ...new Set(cells.flatMap(({ runs }) => runs[0]?.features.map(({ feature }) => feature) ?? [])),
  ];
  if (features.length === 0) return [];
  const rows = features.flatMap((feature) => featureRows(cells, feature, paint));
  const columns = ["feature", "client", "what callers saw"].map((title) => ({ title }));
  const pools = [...poolsOf(cells)].flatMap(([how, libraries]) =>
    hanging(paint.faint(`pool of ${libraries.join(", ")}: `), how, width),
  );
  return ["", ...tableLines(columns, rows, { width, head: paint.faint }), ...pools];
}

function featureRows(cells: readonly BakeoffCell[], feature: string, paint: Paint): Cell[][] {
  const told = cells.flatMap((cell) => {
    const outcome = featureOutcome(cell, feature);
    return outcome ? [{ client: `${cell.library} ${cell.profile}`, ...outcome }] : [];
  });
  const alike = groupBy(told, ({ works, told: saw }) => [works, ...saw].join("; "));
  return [...alike.values()].map((group, index) => {
    const [{ works, told: saw } = { works: "no" as const, told: [] }] = group;
    const look = { yes: paint.good, no: paint.bad, "not offered": paint.faint }[works];
    const mark = { yes: "✓", no: "✗", "not offered": "–" }[works];
    return [
      index === 0 ? feature : "",
      { text: `${mark} ${group.map(({ client }) => unbroken(client)).join(", ")}`, paint: look },
      works === "not offered" ? works : saw.join("; ") || "no error",
    ];
  });
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
