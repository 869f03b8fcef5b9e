import { drawTable, median, seconds } from "../bench/table.ts";
import type { Attempt } from "../src/campaign/attempt.ts";

/** A scenario and what its passes said. */
export interface Ran {
  readonly name: string;
  /** It must fail, for its own reason. */
  readonly control: boolean;
  readonly passes: { readonly held: boolean; readonly said: Attempt }[];
  /** Why it cannot be run on this machine. */
  notHere?: string;
}

const COLUMNS = ["scenario", "passes", "outage", "lost", "duration"];

/** The table for a terminal, and below it why what did not hold did not. */
export function terminalOf(title: string, all: readonly Ran[]): string {
  const notes = notHeld(all).flatMap(({ name, why }) => ["", name, ...why.map((line) => `  ${line}`)]);
  return drawTable({ title: `${title}: ${summaryOf(all)}`, columns: COLUMNS, rows: all.map(rowOf), notes });
}

/** The same as Markdown. */
export function markdownOf(title: string, all: readonly Ran[]): string {
  const row = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  const lines = [
    "# Scenarios",
    "",
    `${title}: ${summaryOf(all)}.`,
    "",
    "A drill holds if it passes, a control if it fails for the reason that it must fail for. Outage of writes: " +
      "median and worst; –: it did not end, or was not measured. Lost: the most",
    "acknowledged writes of a pass, which the scenario may allow. Duration: median.",
    "",
    row(COLUMNS),
    row(COLUMNS.map(() => "---")),
    ...all.map((ran) => row(rowOf(ran))),
  ];
  const notes = notHeld(all).flatMap(({ name, why }) => [
    "",
    `\`${name}\``,
    "",
    ...why.map((line) => `- ${line}`),
  ]);
  return `${[...lines, ...notes].join("\n")}\n`;
}

function summaryOf(all: readonly Ran[]): string {
  const done = all.filter(({ passes }) => passes.length > 0);
  const held = done.filter(({ passes }) => passes.every((pass) => pass.held));
  const notHere = all.filter((ran) => ran.notHere !== undefined).length;
  return `${held.length} of ${done.length} held${notHere > 0 ? `, ${notHere} cannot be run here` : ""}`;
}

function rowOf({ name, control, passes, notHere }: Ran): string[] {
  if (notHere !== undefined) return [name, "not here", "", "", ""];
  const results = passes.flatMap(({ said }) => said.result ?? []);
  const marks = passes.map(
    ({ held, said }) => `${held ? "✓" : "✗"} ${control || !held ? said.verdict : "pass"}`,
  );
  return [
    name,
    marks.join(", "),
    outageOf(results.map(({ outage }) => outage.writeMs)),
    results.length === 0 ? "" : String(Math.max(...results.map(({ writes }) => writes.lost))),
    results.length === 0 ? "" : seconds(median(results.map(({ durationMs }) => durationMs))),
  ];
}

/** Median and worst, and a dash for each pass in which it did not end, or was not measured. */
function outageOf(outages: readonly (number | null)[]): string {
  const ended = outages.filter((ms) => ms !== null);
  const open = outages.length - ended.length;
  const words = [
    ...(ended.length > 0 ? [`${seconds(median(ended))} (${seconds(Math.max(...ended))})`] : []),
    ...(open > 0 ? [ended.length > 0 ? `${open} × –` : "–"] : []),
  ];
  return words.join(", ");
}

function notHeld(all: readonly Ran[]): { name: string; why: string[] }[] {
  return all.flatMap(({ name, passes, notHere }) => {
    if (notHere !== undefined) return [{ name, why: [notHere] }];
    const why = passes.flatMap(({ held, said }) =>
      held
        ? []
        : [`seed ${said.seed}: ${said.verdict}; ${said.why.join("; ") || "it passed, and must fail"}`],
    );
    return why.length > 0 ? [{ name, why }] : [];
  });
}
