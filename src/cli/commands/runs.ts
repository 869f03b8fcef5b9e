import { Command, InvalidArgumentError, Option } from "commander";
import { listEnvironments } from "../../api/environments.ts";
import { pruneRuns, type SavedRunEntry, savedRuns } from "../../history/saved-runs.ts";
import { DrillError } from "../../model/errors.ts";
import { appWords } from "../../report/app-words.ts";
import { painter } from "../../report/terminal/colour.ts";
import { verdictLook } from "../../report/terminal/format.ts";
import { type Cell, indent, tableLines } from "../../report/terminal/layout.ts";
import { drawnWidth, type TerminalOptions } from "../../report/terminal/result.ts";
import { printDocument } from "../document.ts";
import { jsonOption, outOption, wholeNumber } from "../options.ts";
import { UNITS_MS } from "../since.ts";

interface RunsFlags {
  readonly out: string;
  readonly json?: boolean;
}

interface PruneFlags extends RunsFlags {
  readonly keep?: number;
  readonly olderThan?: number;
}

const MARGIN = 2;
const MOST_RUNS = 1_000_000;

export function runsCommand(): Command {
  return new Command("runs")
    .description("the saved runs: list them, or remove old ones")
    .addCommand(ls())
    .addCommand(prune());
}

function ls(): Command {
  return new Command("ls")
    .description("saved runs, the newest first: verdict, size on disk, and when they were started")
    .addOption(outOption())
    .addOption(jsonOption())
    .action(async ({ out, json }: RunsFlags) => {
      const runs = await savedRuns(out);
      printDocument(runs, json, (options) =>
        runs.length === 0 ? `No runs in ${out}. \`valkey-drill run\` makes one.\n` : drawn(runs, options),
      );
    });
}

function prune(): Command {
  return new Command("prune")
    .description("remove saved runs with all their files; those of a drill that is running stay")
    .addOption(
      new Option("--keep <n>", "keep the newest n runs, and remove the others").argParser(
        wholeNumber(0, MOST_RUNS),
      ),
    )
    .addOption(
      new Option("--older-than <age>", "remove runs started longer ago than that: 12h, 7d, 4w")
        .argParser(ageMs)
        .conflicts("keep"),
    )
    .addOption(outOption())
    .addOption(jsonOption())
    .action(async ({ out, json, keep, olderThan }: PruneFlags) => {
      if (keep === undefined && olderThan === undefined) {
        throw new DrillError("BAD_USAGE", "which runs are to be removed?", {
          hint: "Give --keep N, or --older-than AGE (12h, 7d, 4w).",
        });
      }
      const { environments } = await listEnvironments();
      const inUse = environments.map(({ dir }) => dir);
      const startedSince = olderThan === undefined ? undefined : new Date(Date.now() - olderThan);
      const removed = await pruneRuns(out, { keep, startedSince }, inUse);
      printDocument(removed, json, () =>
        removed.length === 0 ? "No run was removed.\n" : `removed  ${totalWords(removed)}\n`,
      );
    });
}

function ageMs(text: string): number {
  const [, count, unit = ""] = /^(\d{1,6})([hdw])$/.exec(text) ?? [];
  if (count === undefined) throw new InvalidArgumentError("It must be an age such as 12h, 7d or 4w.");
  return Number(count) * (UNITS_MS[unit] as number);
}

function drawn(runs: readonly SavedRunEntry[], options: TerminalOptions): string {
  const paint = painter(options.colour);
  const hasApp = runs.some(({ words }) => words !== undefined);
  const rows = runs.map(({ id, kind, verdict, words = [], bytes, startedAt }): Cell[] => {
    const look = verdict && verdictLook(verdict, paint);
    return [
      look
        ? { text: `${look.mark} ${look.word}`, paint: look.paint }
        : kind === "bakeoff"
          ? "bake-off"
          : "no result",
      ...(hasApp
        ? [{ text: appWords({ app: { words: [...words] } }), paint: look?.paint ?? paint.faint }]
        : []),
      id,
      sizeWords(bytes),
      startedAt.replace("T", " ").replace("Z", " UTC"),
    ];
  });
  const columns = [
    { title: "verdict" },
    ...(hasApp ? [{ title: "application" }] : []),
    { title: "run" },
    { title: "size", align: "right" as const },
    { title: "started" },
  ];
  const lines = tableLines(columns, rows, { width: drawnWidth(options.width) - MARGIN, head: paint.faint });
  return `${indent([...lines, "", totalWords(runs)], MARGIN).join("\n")}\n`;
}

/** `3 runs, 1.2 MB`. */
function totalWords(runs: readonly SavedRunEntry[]): string {
  const bytes = runs.reduce((sum, run) => sum + run.bytes, 0);
  return `${runs.length} ${runs.length === 1 ? "run" : "runs"}, ${sizeWords(bytes)}`;
}

function sizeWords(bytes: number): string {
  const mb = bytes / 1e6;
  return mb < 0.1 ? `${Math.ceil(bytes / 1000)} kB` : `${mb.toFixed(1)} MB`;
}
