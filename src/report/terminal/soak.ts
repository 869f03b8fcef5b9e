import type { AcceptedResult } from "../../model/result.ts";
import type { SoakSummary } from "../../model/soak.ts";
import { countedWords } from "../app-words.ts";
import { painter } from "./colour.ts";
import { formatCount, formatMs, formatNumber, printable } from "./format.ts";
import { type Cell, indent, MARGIN, spaced, tableLines } from "./layout.ts";
import { drawnWidth, type TerminalOptions } from "./result.ts";

/** One line for each drill: its outages, and whether its verdicts differed. Ends with a line feed. */
export function renderSoak(summaries: readonly SoakSummary[], options: TerminalOptions): string {
  const paint = painter(options.colour);
  const rows = printable(summaries).map(({ drill, runs }): Cell[] => {
    const outages = runs.flatMap(({ writeOutageMs }) => (writeOutageMs === null ? [] : [writeOutageMs]));
    const counts = new Map<string, number>();
    for (const { verdict } of runs) counts.set(verdict, (counts.get(verdict) ?? 0) + 1);
    const same = counts.size <= 1;
    const said = [...counts].map(([verdict, count]) => `${formatNumber(count)} ${verdict}`).join(", ");
    const lost = runs.reduce((most, run) => Math.max(most, run.lost), 0);
    return [
      drill,
      formatNumber(runs.length),
      ...spread(outages),
      formatNumber(lost),
      {
        text: runs.length === 0 ? "none" : `${said}${same ? "" : " – FLAKY"}`,
        paint: same ? paint.strong : paint.bad,
      },
    ];
  });
  const right = { align: "right" as const };
  const columns = [
    { title: "drill" },
    { title: "runs", ...right },
    { title: "least outage", ...right },
    { title: "median", ...right },
    { title: "worst", ...right },
    { title: "most lost", ...right },
    { title: "verdicts" },
  ];
  const table = tableLines(columns, rows, { width: drawnWidth(options.width) - MARGIN, head: paint.faint });
  const lines = [...indent(table, MARGIN), ...apps(summaries), ...accepted(summaries), ...reasons(summaries)];
  return `${spaced(lines.join("\n"))}\n`;
}

/** What became of the application, in how many runs, and the worst of its figures. */
function apps(summaries: readonly SoakSummary[]): string[] {
  return printable(summaries).flatMap(({ drill, runs }) => {
    const told = runs.flatMap(({ app }) => app ?? []);
    if (told.length === 0) return [];
    const outages = told.flatMap(({ outageMs }) => outageMs ?? []);
    const open = told.filter(({ out }) => out).length;
    const most = (of: "lost" | "duplicated") => {
      const counts = told.flatMap((app) => app[of] ?? []);
      return counts.length === 0 ? [] : [`at most ${formatNumber(Math.max(...counts))} ${of}`];
    };
    return [
      "",
      `  ${drill}, the application: ${countedWords(told)}`,
      ...(outages.length > 0 ? [`    outage least, median, worst: ${spread(outages).join(", ")}`] : []),
      ...(open > 0 ? [`    outage not over in ${formatCount(open, "run")}`] : []),
      ...[[...most("lost"), ...most("duplicated")].join(", ")].flatMap((text) =>
        text ? [`    ${text}`] : [],
      ),
    ];
  });
}

/** What runs that passed let go: of each kind in how many, and how much at most. */
function accepted(summaries: readonly SoakSummary[]): string[] {
  return printable(summaries).flatMap(({ drill, runs }) => {
    const kinds = new Map<string, { runs: number; most: AcceptedResult }>();
    for (const one of runs.flatMap((run) => run.accepted ?? [])) {
      const { runs: before, most } = kinds.get(one.what) ?? { runs: 0, most: one };
      kinds.set(one.what, { runs: before + 1, most: one.count > most.count ? one : most });
    }
    const lines = [...kinds.values()].map(
      (kind) => `    ${kind.most.text}, in ${formatCount(kind.runs, "run")}`,
    );
    return lines.length === 0 ? [] : ["", `  ${drill} passed with (at most, in a run):`, ...lines];
  });
}

/** Why runs did not pass, and how often. */
function reasons(summaries: readonly SoakSummary[]): string[] {
  return summaries.flatMap(({ drill, runs }) => {
    const counts = new Map<string, number>();
    for (const code of runs.flatMap(({ codes }) => codes)) counts.set(code, (counts.get(code) ?? 0) + 1);
    const lines = [...counts].map(([code, count]) => `    ${code} in ${formatCount(count, "run")}`);
    return lines.length === 0 ? [] : ["", `  ${drill} did not pass for:`, ...lines];
  });
}

function spread(values: readonly number[]): string[] {
  if (values.length === 0) return ["—", "—", "—"];
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const median = ((sorted[Math.ceil(middle) - 1] as number) + (sorted[Math.floor(middle)] as number)) / 2;
  return [sorted[0] as number, median, sorted.at(-1) as number].map(formatMs);
}
