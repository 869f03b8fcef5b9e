import { randomBytes } from "node:crypto";
import { mkdir, readdir, stat } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { DrillError, messageOf } from "../model/errors.ts";
import { isBakeoffRun } from "./run-kind.ts";

/** The folder of one run, with the paths of what it holds. A path being here does not mean that the file is. */
export interface RunFolder {
  /** `<yyyymmdd-hhmmss>-<scenario>-<4 hex>`, the time in UTC. */
  readonly id: string;
  readonly dir: string;
  readonly scenario: string;
  readonly history: string;
  readonly result: string;
  readonly report: string;
  /** Each node's configuration and log, in a folder of its name. */
  readonly nodes: string;
}

const RUN_ID = /^\d{8}-\d{6}-.+-[0-9a-f]{4}$/;
const LISTED_MAX = 5;
const CREATE_TRIES_MAX = 100;

/**
 * Makes the folder of a new run under `outDir`, which is made as well if need be.
 *
 * @throws DrillError `BAD_USAGE` if that cannot be done: call it before anything is started.
 */
export async function createRun(outDir: string, scenarioName: string): Promise<RunFolder> {
  const root = resolve(outDir);
  try {
    await mkdir(root, { recursive: true });
    for (let attempt = 0; attempt < CREATE_TRIES_MAX; attempt += 1) {
      const run = runFolder(join(root, newRunId(scenarioName)));
      // Without `recursive`, so that of two runs that chose the same name one fails and chooses again.
      if (!(await madeExclusively(run.dir))) continue;
      await mkdir(run.nodes);
      return run;
    }
  } catch (cause) {
    throw new DrillError("BAD_USAGE", `cannot write runs into ${root}: ${messageOf(cause)}`, {
      hint: "Choose a folder that you may write to with --out.",
      cause,
    });
  }
  throw new DrillError("BAD_USAGE", `cannot write runs into ${root}: ${CREATE_TRIES_MAX} names were taken`);
}

/**
 * Finds a drill's run by a run id, the unique beginning of one, `latest` (the latest drill), or the path of a run's folder.
 *
 * @throws DrillError `BAD_RUN` if there is none, or more than one (lists the newest few), or if it is a run of a bake-off
 */
export async function findRun(outDir: string, ref: string): Promise<RunFolder> {
  const runs = await listRuns(outDir);
  if (ref === "latest") {
    for (const run of runs) if (!(await isBakeoffRun(run))) return run;
  }
  const exact = runs.find((run) => run.id === ref);
  if (exact !== undefined) return ofDrill(exact);
  if (ref !== "" && (await holdsHistory(ref))) return ofDrill(runFolder(resolve(ref)));
  const matches = ref === "" ? [] : runs.filter((run) => run.id.startsWith(ref));
  const [only] = matches;
  if (only !== undefined && matches.length === 1) return ofDrill(only);
  throw matches.length > 1 ? ambiguous(ref, matches) : notFound(outDir, ref, runs);
}

/** A bake-off is judged as a whole: as a drill, one run of it would pass for having expected nothing. */
async function ofDrill(run: RunFolder): Promise<RunFolder> {
  if (!(await isBakeoffRun(run))) return run;
  throw new DrillError("BAD_RUN", `${run.dir} is a run of a bake-off, not a drill`, {
    hint: "The page of the bake-off shows it. `latest` means the latest drill.",
  });
}

/** All runs under `outDir`, the newest first. None if there is no such folder. */
export async function listRuns(outDir: string): Promise<RunFolder[]> {
  const root = resolve(outDir);
  const entries = await readdir(root, { withFileTypes: true }).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === "ENOENT") return [];
    throw new DrillError("BAD_RUN", `cannot list the runs in ${root}: ${messageOf(cause)}`, { cause });
  });
  const runs = entries.filter((entry) => entry.isDirectory() && RUN_ID.test(entry.name));
  const dated = await Promise.all(
    runs.map(async ({ name }) => ({
      name,
      second: name.slice(0, 15),
      bornMs: await bornMs(join(root, name)),
    })),
  );
  // The id first: it survives a copy. The file system's word only parts runs of the same second.
  dated.sort((a, b) => order(b.second, a.second) || b.bornMs - a.bornMs || order(b.name, a.name));
  return dated.map(({ name }) => runFolder(join(root, name)));
}

/** The paths inside a run's folder. Touches nothing. */
export function runFolder(dir: string): RunFolder {
  return {
    id: basename(dir),
    dir,
    scenario: join(dir, "scenario.yaml"),
    history: join(dir, "history.jsonl"),
    result: join(dir, "result.json"),
    report: join(dir, "report.html"),
    nodes: join(dir, "nodes"),
  };
}

/** Random, not seeded: two runs with the same seed must still get two folders. */
function newRunId(scenarioName: string): string {
  const [date, time] = new Date().toISOString().replaceAll(/[-:]/g, "").split(/[T.]/);
  const scenario = scenarioName
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-|-$/g, "");
  return `${date}-${time}-${scenario.slice(0, 48) || "drill"}-${randomBytes(2).toString("hex")}`;
}

async function madeExclusively(dir: string): Promise<boolean> {
  try {
    await mkdir(dir, { mode: 0o700 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

async function holdsHistory(dir: string): Promise<boolean> {
  const found = await stat(runFolder(resolve(dir)).history).catch(() => undefined);
  return found?.isFile() ?? false;
}

/** A run removed while we look counts as the oldest. */
async function bornMs(dir: string): Promise<number> {
  return stat(dir).then(
    (stats) => stats.birthtimeMs,
    () => 0,
  );
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function ambiguous(ref: string, matches: readonly RunFolder[]): DrillError {
  return new DrillError("BAD_RUN", `"${ref}" begins the names of ${matches.length} runs`, {
    hint: `Give more of the name:\n${listing(matches)}`,
  });
}

function notFound(outDir: string, ref: string, runs: readonly RunFolder[]): DrillError {
  const what =
    ref === "latest"
      ? `there is no run of a drill in ${resolve(outDir)}`
      : `no run "${ref}" in ${resolve(outDir)}`;
  const hint =
    runs.length === 0
      ? "Make one with `valkey-drill run`, or name another folder with --out."
      : `The newest runs there:\n${listing(runs)}`;
  return new DrillError("BAD_RUN", what, { hint });
}

function listing(runs: readonly RunFolder[]): string {
  const lines = runs.slice(0, LISTED_MAX).map((run) => `  ${run.id}`);
  if (runs.length > LISTED_MAX) lines.push(`  … and ${runs.length - LISTED_MAX} more`);
  return lines.join("\n");
}
