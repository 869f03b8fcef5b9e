import { readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { APP_WORDS, type AppWord } from "../model/app-result.ts";
import type { Verdict } from "../model/outcome.ts";
import { isBakeoffRun } from "./run-kind.ts";
import { listRuns, type RunFolder } from "./run-store.ts";

/** A run's folder, as a list shows it. */
export interface SavedRunEntry {
  readonly id: string;
  readonly dir: string;
  /** `bakeoff`: one run of a bake-off, which is judged as a whole. */
  readonly kind: "drill" | "bakeoff";
  /** Absent: it has no result. It is running, was interrupted before it was judged, or is a run of a bake-off. */
  readonly verdict?: Verdict;
  /** What became of the application under the drill, the worst first; absent: there was none, or nobody knows. */
  readonly words?: readonly AppWord[];
  /** All its files. */
  readonly bytes: number;
  /** When it was started, by its id. */
  readonly startedAt: string;
}

/** Which runs a pruning leaves. One of the two is given. */
export interface PruneRule {
  /** That many, the newest. */
  readonly keep?: number;
  /** Those that were started since. */
  readonly startedSince?: Date;
}

const saidSchema = z.looseObject({
  verdict: z.enum(["pass", "fail", "unknown"]),
  app: z.looseObject({ words: z.array(z.enum(APP_WORDS)) }).optional(),
});

/** All runs under `outDir`, the newest first. @throws DrillError `BAD_RUN` if the folder cannot be listed */
export async function savedRuns(outDir: string): Promise<SavedRunEntry[]> {
  return Promise.all((await listRuns(outDir)).map(entryOf));
}

/**
 * Removes runs, the oldest first to go. Nothing else in the folder is touched.
 *
 * @param inUse folders in which nodes are running: those of a drill that goes on
 * @returns what was removed
 */
export async function pruneRuns(
  outDir: string,
  rule: PruneRule,
  inUse: readonly string[] = [],
): Promise<SavedRunEntry[]> {
  const old = (await listRuns(outDir)).filter(({ id }, index) =>
    rule.startedSince
      ? Date.parse(startedAt(id)) < rule.startedSince.getTime()
      : index >= (rule.keep ?? Infinity),
  );
  const unused = old.filter(({ dir }) => !inUse.some((used) => used === dir || used.startsWith(`${dir}/`)));
  const removed = await Promise.all(unused.map(entryOf));
  for (const { dir } of removed) await rm(dir, { recursive: true, force: true });
  return removed;
}

async function entryOf(run: RunFolder): Promise<SavedRunEntry> {
  const [bakeoff, said, bytes] = await Promise.all([isBakeoffRun(run), saidOf(run), bytesIn(run.dir)]);
  return {
    id: run.id,
    dir: run.dir,
    kind: bakeoff ? "bakeoff" : "drill",
    ...said,
    bytes,
    startedAt: startedAt(run.id),
  };
}

async function saidOf(run: RunFolder): Promise<Pick<SavedRunEntry, "verdict" | "words">> {
  const text = await readFile(run.result, "utf8").catch(() => undefined);
  if (text === undefined) return {};
  try {
    const { verdict, app } = saidSchema.parse(JSON.parse(text));
    return { verdict, ...(app !== undefined && app.words.length > 0 && { words: app.words }) };
  } catch {
    return {}; // a result that cannot be read is none; `report` says what is wrong with it
  }
}

/** Of a folder that is being removed meanwhile: what is left. Links are not followed. */
async function bytesIn(dir: string): Promise<number> {
  const entries = await readdir(dir, { withFileTypes: true }).catch(() => []);
  const sizes = entries.map(async (entry) => {
    if (entry.isDirectory()) return bytesIn(join(dir, entry.name));
    if (!entry.isFile()) return 0;
    return stat(join(dir, entry.name)).then(
      ({ size }) => size,
      () => 0,
    );
  });
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

/** `20250102-030405-…` is UTC. */
function startedAt(id: string): string {
  const [, ...parts] = /^(\d{4})(\d\d)(\d\d)-(\d\d)(\d\d)(\d\d)/.exec(id) ?? [];
  const [year, month, day, hour, minute, second] = parts;
  return `${year}-${month}-${day}T${hour}:${minute}:${second}Z`;
}
