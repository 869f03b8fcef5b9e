/*
 *   npm run bench [-- name… --runs N --json]
 *
 * Tables of ratios, for people: two ways beside each other on the same machine at the same time. No verdict, no exit
 * code but for a failure: absolute times differ from machine to machine.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { interruptible } from "../src/cli/interrupt.ts";
import { processDriver } from "../src/driver/process/index.ts";
import { messageOf } from "../src/model/errors.ts";
import { findServer } from "../src/valkey/find.ts";
import type { Bench, BenchContext } from "./bench.ts";
import { fabricBench } from "./fabric.ts";
import { judgeBench } from "./judge.ts";
import { linearizabilityBench } from "./linearizability.ts";
import { liveBench } from "./live.ts";
import { recordBench } from "./record.ts";
import { startBench } from "./start.ts";
import { drawTable } from "./table.ts";

const BENCHES: readonly Bench[] = [
  startBench,
  recordBench,
  judgeBench,
  linearizabilityBench,
  fabricBench,
  liveBench,
];
const DEFAULT_RUNS = 5;
const MOST_RUNS = 100;

try {
  process.exitCode = await interruptible(main);
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = 1;
}

async function main(signal: AbortSignal): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { runs: { type: "string" }, json: { type: "boolean" }, help: { type: "boolean" } },
  });
  const runs = values.runs === undefined ? DEFAULT_RUNS : Number(values.runs);
  const unknown = positionals.filter((name) => !BENCHES.some((bench) => bench.name === name));
  const wrong = unknown.length > 0 || !Number.isInteger(runs) || runs < 1 || runs > MOST_RUNS;
  if (values.help || wrong) {
    process.stderr.write(usage());
    return wrong ? 64 : 0;
  }
  const chosen = BENCHES.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
  const tell = (text: string) => process.stderr.write(`  ${text}\n`);
  const server = await findServer({ signal, onProgress: tell });
  if (!values.json) {
    process.stdout.write(
      `${server.flavour} ${server.version}, Node ${process.versions.node}, ${cpus().length} cores (${cpus()[0]?.model.trim()})\n\n`,
    );
  }
  for (const bench of chosen) {
    const table = await inOwnFolder((dir) =>
      bench.run({ server, driver: processDriver(server), dir, runs, signal, tell } satisfies BenchContext),
    );
    process.stdout.write(
      `${values.json ? JSON.stringify({ bench: bench.name, ...table }) : drawTable(table)}\n`,
    );
  }
  return 0;
}

async function inOwnFolder<T>(use: (dir: string) => Promise<T>): Promise<T> {
  const dir = await mkdtemp(join(tmpdir(), "valkey-drill-bench-"));
  try {
    return await use(dir);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

function usage(): string {
  const names = BENCHES.map(({ name, summary }) => `  ${name.padEnd(15)} ${summary}`);
  return `npm run bench [-- name… --runs N --json]\n\n${names.join("\n")}\n`;
}
