/*
 *   npm run soak [-- --times N --seed N scenario…]
 *
 * The same drills again and again, each time with another seed: does the tool say the same every time? One line a run;
 * at the end how much the outage varied. Exit code 1 if any verdict was not `pass` or the drills left something open,
 * 130 if interrupted. Folders of runs that did not pass are kept, and named.
 */
import { randomInt } from "node:crypto";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { drawTable, median, seconds } from "../bench/table.ts";
import { interruptible } from "../src/cli/interrupt.ts";
import {
  DrillError,
  type DrillProgress,
  findServer,
  loadScenario,
  processDriver,
  type RunOptions,
  runScenario,
  type Scenario,
  type Verdict,
} from "../src/index.ts";

const DEFAULT_SCENARIOS = ["ha-failover", "cluster-failover"];
const DEFAULT_TIMES = 20;
const MOST_TIMES = 10_000;
/** All is closed by then, or never will be. */
const EXIT_MS = 5000;

/** What one run said; `broken`: it threw, so there is no verdict. */
interface Said {
  readonly verdict: Verdict | "broken";
  readonly writeMs: number | null;
}

const quiet: DrillProgress = { step: () => ({ update() {}, done() {}, fail() {} }) };

try {
  process.exitCode = await interruptible(main);
  setTimeout(tellWhatIsOpen, EXIT_MS).unref(); // fires only if something else keeps this process alive
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = error instanceof DrillError && error.code === "BAD_SCENARIO" ? 64 : 1;
}

/** A drill that leaves a connection or a timer behind would leak in whoever uses the library. */
function tellWhatIsOpen(): void {
  const open = process.getActiveResourcesInfo().join(", ");
  process.stderr.write(`the drills are over, but this process still holds: ${open}\n`);
  process.exit(1);
}

async function main(signal: AbortSignal): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { times: { type: "string" }, seed: { type: "string" } },
  });
  const times = Number(values.times ?? DEFAULT_TIMES);
  const firstSeed = Number(values.seed ?? randomInt(2 ** 31));
  if (!Number.isInteger(times) || times < 1 || times > MOST_TIMES || !Number.isInteger(firstSeed)) {
    process.stderr.write(`--times takes 1 to ${MOST_TIMES}, --seed a whole number\n`);
    return 64;
  }
  const refs = positionals.length > 0 ? positionals : DEFAULT_SCENARIOS;
  const scenarios = await Promise.all(refs.map((ref) => loadScenario(ref)));
  const server = await findServer({ signal });
  const outDir = await mkdtemp(join(tmpdir(), "valkey-drill-soak-"));
  process.stdout.write(`${server.flavour} ${server.version}, ${times} times, seeds from ${firstSeed}\n\n`);

  const all = new Map<string, Said[]>(refs.map((ref) => [ref, []]));
  for (let time = 0; time < times && !signal.aborted; time += 1) {
    for (const [index, ref] of refs.entries()) {
      if (signal.aborted) break;
      const seed = firstSeed + time;
      const said = await runOnce(`${String(time + 1).padStart(4)}  ${ref}`, scenarios[index] as Scenario, {
        driver: processDriver(server),
        valkey: server.version,
        seed,
        outDir,
        replay: `valkey-drill run ${ref} --valkey ${server.version} --seed ${seed}`,
        progress: quiet,
        signal,
      });
      if (said) all.get(ref)?.push(said);
    }
  }

  process.stdout.write(`\n${drawSummary(all)}\n`);
  const kept = await readdir(outDir);
  if (kept.length === 0) await rm(outDir, { recursive: true });
  else process.stdout.write(`Folders of ${kept.length} runs that did not pass: ${outDir}\n`);
  if (signal.aborted) return 130;
  return [...all.values()].flat().every(({ verdict }) => verdict === "pass") ? 0 : 1;
}

/** Runs a drill, prints its line, and removes its folder if it passed. `undefined`: it was interrupted. */
async function runOnce(label: string, scenario: Scenario, options: RunOptions): Promise<Said | undefined> {
  const print = (text: string) => process.stdout.write(`${label}  seed ${options.seed}  ${text}\n`);
  try {
    const { result, folder } = await runScenario(scenario, options);
    const { verdict, outage, writes, durationMs, checks } = result;
    const because = checks
      .filter((check) => check.verdict !== "pass")
      .map((check) => `\n      ${check.name}: ${check.summary}`);
    print(
      `${verdict.padEnd(7)}  outage ${outage.writeMs === null ? "–" : seconds(outage.writeMs)}  lost ${writes.lost}  in ${seconds(durationMs)}${because.join("")}`,
    );
    if (verdict === "pass") await rm(folder.dir, { recursive: true });
    return { verdict, writeMs: outage.writeMs };
  } catch (error) {
    if (options.signal.aborted) {
      print("interrupted");
      return undefined;
    }
    print(`broken   ${error instanceof Error ? error.message : String(error)}`);
    return { verdict: "broken", writeMs: null };
  }
}

function drawSummary(all: ReadonlyMap<string, readonly Said[]>): string {
  const rows = [...all].map(([ref, runs]) => {
    const outages = runs.flatMap(({ writeMs }) => (writeMs === null ? [] : [writeMs]));
    const spread = [Math.min(...outages), median(outages), Math.max(...outages)];
    const verdicts = [...new Set(runs.map(({ verdict }) => verdict))];
    const counts = verdicts.map(
      (verdict) => `${runs.filter((run) => run.verdict === verdict).length} ${verdict}`,
    );
    const same = verdicts.length === 1 ? "the same every time" : "NOT the same";
    return [
      ref,
      runs.length,
      ...spread.map((ms) => (Number.isFinite(ms) ? seconds(ms) : "–")),
      runs.length === 0 ? "none" : `${counts.join(", ")}: ${same}`,
    ];
  });
  const columns = ["drill", "runs", "min outage", "median", "max", "verdicts"];
  return drawTable({ title: "outage of writes", columns, rows });
}
