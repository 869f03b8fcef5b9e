/*
 *   npm run explain-proof [-- name… --runs DIR --out DIR --file FILE --seed N]
 *
 * Gives the logs of drills, and nothing else, to `explain`, and holds what it tells against the drill's own result:
 * whole, with the clock of each node shifted by up to 30 s either way, and without the log of one node. Runs the
 * scenarios that are named; with --runs it takes the runs that are in that folder.
 *
 *   run folder ─┬─ result.json ─▶ what the drill saw ─────────────┐
 *               └─ nodes/*\/node.log ─▶ whole │ shifted │ one less ─▶ explain ─▶ compared ─▶ table
 */
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { readResult } from "../src/api/draw-run.ts";
import { seededRandom } from "../src/base/random.ts";
import { attempt } from "../src/campaign/attempt.ts";
import { factsOf } from "../src/check/facts.ts";
import { openCampaign } from "../src/cli/campaign.ts";
import { exitCodeOf, tellError } from "../src/cli/exit.ts";
import { interruptible } from "../src/cli/interrupt.ts";
import { readLogs } from "../src/explain/read/read-logs.ts";
import { explain } from "../src/explain/story/explain.ts";
import { readHistory } from "../src/history/reader.ts";
import { type RunFolder, runFolder } from "../src/history/run-store.ts";
import { loadScenario } from "../src/scenario/load.ts";
import { held, type Outcome, seenByDrill } from "./explain-proof/held.ts";
import { shiftedLog } from "./explain-proof/shift.ts";
import { type Row, tableOf } from "./explain-proof/table.ts";

const SHIFT_MS = 30_000;
const USAGE = "npm run explain-proof [-- name… --runs DIR --out DIR --file FILE --seed N]\n";

try {
  process.exitCode = await interruptible(main);
} catch (error) {
  tellError(error);
  process.exitCode = exitCodeOf(error);
}

async function main(signal: AbortSignal): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      runs: { type: "string" },
      out: { type: "string", default: "runs" },
      file: { type: "string", default: "runs/explain-proof.md" },
      seed: { type: "string", default: "1" },
      help: { type: "boolean" },
    },
  });
  const seed = Number(values.seed);
  if (values.help || !Number.isInteger(seed) || (positionals.length === 0 && values.runs === undefined)) {
    process.stderr.write(USAGE);
    return values.help ? 0 : 64;
  }
  const rows: Row[] = [];
  const add = async (run: RunFolder) => {
    rows.push(await proved(run, seed));
    await mkdir(dirname(values.file), { recursive: true });
    await writeFile(values.file, tableOf(rows));
  };
  if (positionals.length > 0) {
    const campaign = await openCampaign({ driver: "process", out: values.out }, signal);
    for (const name of positionals) {
      const { folder, why } = await attempt(await loadScenario(name), { ...campaign, seed, replay: name });
      if (folder) await add(folder);
      else process.stderr.write(`${name}: ${why.join("; ")}\n`);
    }
  }
  for (const run of values.runs === undefined ? [] : await runsIn(values.runs)) await add(run);
  process.stdout.write(`${tableOf(rows)}\n${values.file}\n`);
  return rows.every(({ whole }) => whole.promotions.missed.length === 0) ? 0 : 1;
}

async function runsIn(dir: string): Promise<RunFolder[]> {
  const names = (await readdir(dir)).sort();
  return names.map((name) => runFolder(join(dir, name))).filter(({ result }) => existsSync(result));
}

async function proved(run: RunFolder, seed: number): Promise<Row> {
  const result = await readResult(run);
  const drill = seenByDrill(result, factsOf(await readHistory(run.history)));
  const random = seededRandom(seed);
  const nodes = result.topology.nodes.map(({ name }) => name);
  const shifts = new Map(
    nodes.map((name) => [name, Math.round((random.next() * 2 - 1) * SHIFT_MS)] as const),
  );
  const missing = nodes[Math.floor(random.next() * nodes.length)] as string;
  const outcome = async (of: readonly string[], shift: (name: string) => number): Promise<Outcome> => {
    const dir = await mkdtemp(join(tmpdir(), "explain-proof-"));
    try {
      await copyLogs(run, dir, of, shift);
      const report = await readLogs([dir]);
      const reference = report.offsets.find(({ by }) => by === "reference")?.node;
      const file = report.nodes.find(({ id }) => id === reference)?.files[0] ?? "";
      const shiftMs = shift(nodes.find((name) => file.includes(`/${name}/`)) ?? "");
      return held(drill, explain(report).explanation, shiftMs);
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  };
  const others = nodes.filter((name) => name !== missing);
  return {
    scenario: result.scenario,
    valkey: result.topology.valkey,
    whole: await outcome(nodes, () => 0),
    shifted: await outcome(nodes, (name) => shifts.get(name) ?? 0),
    without: { node: missing, outcome: await outcome(others, () => 0) },
  };
}

async function copyLogs(
  { nodes }: RunFolder,
  dir: string,
  names: readonly string[],
  shift: (name: string) => number,
): Promise<void> {
  for (const name of names) {
    await mkdir(join(dir, name));
    const from = join(nodes, name);
    for (const file of ["node.log", "logfile.log"]) {
      if (!existsSync(join(from, file))) continue;
      await writeFile(
        join(dir, name, file),
        shiftedLog(await readFile(join(from, file), "utf8"), shift(name)),
      );
    }
  }
}
