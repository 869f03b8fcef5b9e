import { join } from "node:path";
import { seededRandom } from "../src/base/random.ts";
import { awaitReady } from "../src/driver/ready.ts";
import type { Plan } from "../src/model/plan.ts";
import { startEnvironment } from "../src/session/environment.ts";
import { endpointsNeeded, makePlan } from "../src/topology/registry.ts";
import {
  type ClusterSpec,
  clusterSpecSchema,
  haSpecSchema,
  type TopologySpec,
} from "../src/topology/spec.ts";
import { adminPool } from "../src/valkey/admin-pool.ts";
import { runProgram } from "../src/valkey/run-program.ts";
import type { ServerCommand } from "../src/valkey/server.ts";
import type { Bench, BenchContext } from "./bench.ts";
import { type BenchTable, median, ratio, seconds } from "./table.ts";

/** A cluster's primary refuses writes so long after its start: CLUSTER_WRITABLE_DELAY in Valkey's cluster_legacy.c. */
const WRITABLE_DELAY_MS = 2000;
const DEADLINE_MS = 120_000;
/** A large cluster takes seconds each time, and varies little. */
const MOST_LARGE_RUNS = 3;

/**
 * From the first process to ready, by the project's own word (`awaitReady`): a cluster formed by its files, beside
 * the same nodes started empty and joined by `valkey-cli --cluster create`.
 */
export const startBench: Bench = {
  name: "start",
  summary:
    "from the first process to ready: HA; Cluster by prepared files and by valkey-cli --cluster create",
  async run(context) {
    const rows: string[][] = [];
    const ha = await measure(context, context.runs, "HA, 6 nodes", (dir) =>
      prepared(context, haSpecSchema.parse({ kind: "ha" }), dir),
    );
    rows.push(["HA, 1 primary, 2 replicas, 3 Sentinels", "prepared files", ...inSeconds(ha), "", ""]);
    for (const shards of [3, 30]) {
      const spec = clusterSpecSchema.parse({ kind: "cluster", shards, replicas: 1 });
      const name = `Cluster, ${shards * 2} nodes`;
      const runs = shards > 3 ? Math.min(context.runs, MOST_LARGE_RUNS) : context.runs;
      const ours = await measure(context, runs, `${name}, prepared files`, (dir) =>
        prepared(context, spec, dir),
      );
      rows.push([name, "prepared files", ...inSeconds(ours), aboveFloor(ours), ratio(1)]);
      const { cli } = context.server;
      if (!cli) continue;
      const theirs = await measure(context, runs, `${name}, valkey-cli`, (dir) =>
        joined(context, cli, spec, dir),
      );
      const times = ratio(median(theirs) / median(ours));
      rows.push([name, "valkey-cli --cluster create", ...inSeconds(theirs), aboveFloor(theirs), times]);
    }
    return {
      title: "start: from the first process to ready",
      columns: ["topology", "formed by", "median", "worst", "above floor", "ratio"],
      rows,
      notes: [
        "",
        `Ready: all nodes agree, replicas are linked, and every shard has taken a write.`,
        `Floor: a primary of a cluster refuses writes for ${seconds(WRITABLE_DELAY_MS)} after its start, Valkey's ` +
          `own delay.`,
        ...(context.server.cli ? [] : ["No valkey-cli stands beside this server: nothing to compare with."]),
      ],
    } satisfies BenchTable;
  },
};

async function measure(
  { dir, tell, signal }: BenchContext,
  runs: number,
  what: string,
  once: (dir: string) => Promise<number>,
): Promise<number[]> {
  const times: number[] = [];
  for (let run = 1; run <= runs; run += 1) {
    signal.throwIfAborted();
    times.push(await once(join(dir, `${what.replaceAll(/\W+/g, "-")}-${run}`)));
    tell(`${what}, ${run} of ${runs}: ${seconds(times.at(-1) ?? 0)}`);
  }
  return times;
}

/** Our own way. */
async function prepared({ driver, signal }: BenchContext, spec: TopologySpec, dir: string): Promise<number> {
  const environment = await startEnvironment({
    spec,
    driver,
    random: seededRandom(1),
    dir,
    detached: false,
    signal,
  });
  await environment.close();
  return environment.readyMs;
}

/** The usual way: empty nodes, then `--cluster create`, which assigns the same slots and roles in the same order. */
async function joined(
  { driver, signal }: BenchContext,
  cli: ServerCommand,
  spec: ClusterSpec,
  dir: string,
): Promise<number> {
  const held = await driver.holdEndpoints(endpointsNeeded(spec));
  const plan = withoutNodesConf(makePlan(spec, held.endpoints, seededRandom(1)));
  const admins = adminPool(plan);
  const began = performance.now();
  const topology = await driver.start(plan, held, { dir, detached: false, signal });
  try {
    const addresses = plan.nodes.map(({ endpoint }) => `${endpoint.host}:${endpoint.port}`);
    const words = ["--cluster", "create", ...addresses, "--cluster-replicas", "1", "--cluster-yes"];
    const env = { ...process.env, ...cli.env };
    const done = await runProgram(cli.command, [...cli.args, ...words], {
      env,
      timeoutMs: DEADLINE_MS,
      signal,
    });
    if (done.code !== 0)
      throw new Error(`valkey-cli --cluster create: ${done.problem ?? done.stderr}${done.stdout}`);
    await awaitReady(plan, admins, { timeoutMs: DEADLINE_MS, signal });
    return performance.now() - began;
  } finally {
    admins.close();
    await topology.close();
  }
}

function withoutNodesConf(plan: Plan): Plan {
  const nodes = plan.nodes.map((node) => {
    const { "nodes.conf": _, ...files } = node.files;
    return { ...node, files };
  });
  return { ...plan, nodes };
}

function inSeconds(times: readonly number[]): string[] {
  return [seconds(median(times)), seconds(Math.max(...times))];
}

function aboveFloor(times: readonly number[]): string {
  return seconds(median(times) - WRITABLE_DELAY_MS);
}
