import type { MatrixCell, MatrixDocument, Spread } from "../../model/matrix.ts";
import { behindVerdict } from "../accepted-words.ts";
import { countedWords } from "../app-words.ts";
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
 * One table: a line for each combination of settings, of every number the median and the worst. Ends with a line feed.
 */
export function renderMatrix(document: MatrixDocument, options: TerminalOptions): string {
  const paint = painter(options.colour);
  const width = drawnWidth(options.width) - MARGIN;
  const shown = printable(document);
  const { name, scenario, valkey, driver, seed, runsPerCell, cells } = shown;
  const about = [
    `${scenario}, Valkey ${valkey}, ${driver} driver, seed ${seed}; of ${formatCount(runsPerCell, "run")} each: ` +
      `median / worst`,
    "p99: of the probe's writes before the fault; writes/s: as many as went through before it",
  ];
  const wide = tableOf(shown, false, paint);
  const table = naturalWidth(wide.columns, wide.rows) <= width ? wide : tableOf(shown, true, paint);
  const lines = [
    ...headLines(name, about, paint, width),
    "",
    ...indent(tableLines(table.columns, table.rows, { width, head: paint.faint }), MARGIN),
    ...accepted(cells, paint, width),
    ...reasons(cells, paint, width),
  ];
  return `${spaced(lines.join("\n"))}\n`;
}

/** A column, and what it shows of a cell; one of whose spread no run measured anything is left out. */
interface Shown {
  readonly column: Column;
  readonly cell: (cell: MatrixCell) => Cell;
  readonly spread?: keyof MatrixCell;
}

interface Drawn {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Cell[])[];
}

/** @param narrow the settings of a cell below each other in one column, and the worst below the median */
function tableOf({ cells, runsPerCell }: MatrixDocument, narrow: boolean, paint: Paint): Drawn {
  const names = Object.keys(cells[0]?.settings ?? {});
  const right = { align: "right" as const };
  const gap = narrow ? "\n" : " ";
  const hasApp = cells.some(({ app }) => app !== undefined);
  const all: Shown[] = [
    ...(narrow
      ? [
          {
            column: { title: "settings", paint: paint.strong },
            cell: (one: MatrixCell) => settingsText(one, "\n"),
          },
        ]
      : names.map((title) => ({
          column: { title, paint: paint.strong },
          cell: (one: MatrixCell) => String(one.settings[title]),
        }))),
    ...(hasApp ? appColumns(cells, narrow, paint) : []),
    {
      column: { title: "outage", ...right },
      cell: (one) => both(one.writeOutageMs, inSeconds, gap),
      ...(hasApp && { spread: "writeOutageMs" }),
    },
    {
      column: { title: "lost", ...right },
      cell: (one) => alarmed(one.lost, gap, paint.bad),
      ...(hasApp && { spread: "lost" }),
    },
    {
      column: { title: narrow ? "false\nfailovers" : "false failovers", ...right },
      cell: (one) => alarmed(one.falseFailovers, gap, paint.bad),
    },
    { column: { title: "p99", ...right }, cell: (one) => both(one.p99Ms, inMs, gap), spread: "p99Ms" },
    {
      column: { title: "writes/s", ...right },
      cell: (one) => both(one.perSecond, inThousands, gap),
      spread: "perSecond",
    },
    { column: { title: "runs" }, cell: (one) => runsCell(one, runsPerCell, paint) },
  ];
  // What no run measured has no column.
  const kept = all.filter(
    ({ spread }) => !spread || cells.some((one) => (one[spread] as Spread).worst !== null),
  );
  return {
    columns: kept.map(({ column }) => column),
    rows: cells.map((one) => kept.map(({ cell }) => cell(one))),
  };
}

/** What became of the application, in how many runs; its longest outage; what it lost, or did more than once. */
function appColumns(cells: readonly MatrixCell[], narrow: boolean, paint: Paint): Shown[] {
  const [gap, right] = [narrow ? "\n" : " ", { align: "right" as const }];
  const title = (text: string) => ({ title: `app${narrow ? "\n" : " "}${text}`, ...right });
  const none: Spread = { median: null, worst: null };
  const counted = (of: "lost" | "duplicated"): Shown[] =>
    cells.every(({ app }) => (app?.[of] ?? none).worst === null)
      ? []
      : [{ column: title(of), cell: ({ app }) => alarmed(app?.[of] ?? none, gap, paint.bad) }];
  return [
    {
      column: { title: "application" },
      cell: ({ runs }) => {
        const told = runs.flatMap(({ app }) => app ?? []);
        const text = countedWords(told).replaceAll(", ", narrow ? "\n" : ", ");
        const isGood = told.every(({ words }) => words.every((word) => word === "RECOVERED"));
        return text === "" ? "—" : { text, paint: isGood ? paint.good : paint.bad };
      },
    },
    { column: title("outage"), cell: ({ app }) => both(app?.outageMs ?? none, inSeconds, gap) },
    ...counted("lost"),
    ...counted("duplicated"),
  ];
}

type Format = readonly [format: (value: number) => string, unit: string];

const whole: Format = [formatNumber, ""];
const inSeconds: Format = [(ms) => (ms / 1000).toFixed(2), " s"];
const inMs: Format = [(ms) => ms.toLocaleString("en-US", { maximumFractionDigits: ms < 10 ? 1 : 0 }), " ms"];
const inThousands: Format = [
  (value) => (value < 1000 ? formatNumber(value) : `${(value / 1000).toFixed(1)}k`),
  "",
];

/** `3.30 / 3.41 s`, median and worst; one number where they are the same. */
function both({ median, worst }: Spread, [format, unit]: Format, gap: string): string {
  const told = (value: Spread["median"]) =>
    value === null ? "—" : value === "endless" ? "no end" : format(value);
  const last = typeof worst === "number" ? unit : "";
  if (told(median) === told(worst)) return unbroken(`${told(worst)}${last}`);
  const first = typeof median === "number" && typeof worst !== "number" ? unit : "";
  return `${unbroken(`${told(median)}${first} /`)}${gap}${unbroken(`${told(worst)}${last}`)}`;
}

function alarmed(spread: Spread, gap: string, alarm: Paint["bad"]): Cell {
  const text = both(spread, whole, gap);
  return spread.worst === 0 || spread.worst === null ? text : { text, paint: alarm };
}

/** A mark for each run. */
function runsCell({ runs }: MatrixCell, wanted: number, paint: Paint): Cell {
  const marks = runs.map(({ verdict }) => (verdict === "broken" ? "!" : verdictLook(verdict, paint).mark));
  const text = marks.join("") + "·".repeat(Math.max(0, wanted - runs.length));
  if (/[✗!]/.test(text)) return { text, paint: paint.bad };
  return { text, paint: /^✓+$/.test(text) ? paint.good : paint.doubt };
}

/** What runs that passed let go, cell by cell. */
function accepted(cells: readonly MatrixCell[], paint: Paint, width: number): string[] {
  const lines = cells.flatMap((cell) => {
    const passed = cell.runs.filter((run) => run.accepted !== undefined);
    if (passed.length === 0) return [];
    const worst = passed.reduce((a, b) => ((b.lost ?? 0) > (a.lost ?? 0) ? b : a));
    const told = `${formatCount(passed.length, "run")} passed${behindVerdict(worst.accepted ?? [])}`;
    return indent(hanging(paint.faint(`${settingsText(cell, ", ")}: `), told, width), MARGIN);
  });
  return lines.length === 0 ? [] : ["", ...lines];
}

/** Why runs did not pass, cell by cell. */
function reasons(cells: readonly MatrixCell[], paint: Paint, width: number): string[] {
  const lines = cells.flatMap((cell) => {
    const codes = [...new Set(cell.runs.flatMap((run) => run.codes))];
    if (codes.length === 0) return [];
    return indent(hanging(paint.faint(`${settingsText(cell, ", ")}: `), codes.join(", "), width), MARGIN);
  });
  return lines.length === 0 ? [] : ["", ...lines];
}

function settingsText({ settings }: MatrixCell, gap: string): string {
  return Object.entries(settings)
    .map((pair) => pair.join(" "))
    .join(gap);
}
