import { z } from "zod";
import { pause } from "../base/wait.ts";
import { awaitCaughtUp } from "../valkey/caught-up.ts";
import { parseCounters } from "../valkey/replies.ts";
import { durableWrite } from "./durable-write.ts";
import { patientCall, patiently } from "./patient-call.ts";
import type { Workload, WorkloadContext } from "./workload.ts";

const options = z.strictObject({ keys: z.int().min(1).max(100_000).default(100) });

const DEADLINE_MS = 2000;
/** Longest that a replica on the same machine may lag behind. */
const CATCH_UP_MS = 5000;
/** Longest that a client may take to send its reads to the replicas that there are. */
const ROUTE_MS = 5000;
/** Rounds in a row without a pause would be a load of their own, and delay the probe beside them. */
const BETWEEN_ROUNDS_MS = 50;

/**
 * Writes through the primary, reads through the replicas, and asks the servers who really answered: each
 * node's own count of GET calls, before and after.
 */
export const replicaReads: Workload<"replica-reads", typeof options, "finite"> = {
  name: "replica-reads",
  summary: "writes at the primary, reads from replicas, and counts on the servers who answered",
  kind: "finite",
  topologies: ["ha", "cluster"],
  options,
  async run(context, { keys }) {
    const tag = context.random.hex(6);
    const entries = Array.from({ length: keys }, (_, n) => ({
      key: `replica-read:${tag}:${n}`,
      value: `${n}`,
    }));
    const base = { client: "replica-reads", workload: "replica-reads" };
    await Promise.all(
      entries.map(({ key, value }) =>
        context.log.operation({ ...base, f: "write", key, value }, async (answeredBy) => {
          const write = () => durableWrite(context, { key, value }, DEADLINE_MS, answeredBy);
          const { attempts } = await patiently(context.random, write);
          return { value: null, attempts };
        }),
      ),
    );
    const nodes = { primaries: context.nodesOf("primary"), replicas: context.nodesOf("replica") };
    await awaitCaughtUp(nodes, context.admins, CATCH_UP_MS);

    const began = performance.now();
    let round = await readRound(context, entries);
    // A client learns of replicas from its servers, in its own time: how long that takes is a finding, not an error.
    while (
      servedByReplicas(round) < keys &&
      performance.now() - began < ROUTE_MS &&
      !context.signal.aborted
    ) {
      await pause(BETWEEN_ROUNDS_MS, context.signal).catch(() => {}); // aborted: the loop's own condition ends it
      round = await readRound(context, entries);
    }
    context.log.observe("replica-reads", {
      ...round,
      usedReplicasAfterMs: Math.round(performance.now() - began),
    });
  },
};

interface Round {
  readonly reads: number;
  readonly answered: number;
  readonly matched: number;
  readonly servedBy: Readonly<Record<string, { readonly role: string; readonly gets: number }>>;
}

/** Reads every key once through replicas; `servedBy` is what each server's own count of GET grew by meanwhile. */
async function readRound(
  context: WorkloadContext,
  entries: readonly { key: string; value: string }[],
): Promise<Round> {
  const before = await getCalls(context);
  const ends = await Promise.all(
    entries.map(({ key, value }) =>
      context.log.operation(
        { client: "replica-reads", workload: "replica-reads", f: "read-replica", key, value },
        (answeredBy) =>
          patientCall(context, ["GET", key], DEADLINE_MS, "replica", answeredBy) as Promise<{
            value: string;
            attempts: number;
          }>,
      ),
    ),
  );
  const after = await getCalls(context);
  return {
    reads: entries.length,
    answered: ends.filter((end) => end.outcome === "ok").length,
    matched: ends.filter((end, n) => end.outcome === "ok" && end.value === entries[n]?.value).length,
    servedBy: Object.fromEntries(
      [...after].map(([node, { role, calls }]) => [
        node,
        { role, gets: calls - (before.get(node)?.calls ?? 0) },
      ]),
    ),
  };
}

function servedByReplicas({ servedBy }: Round): number {
  return Object.values(servedBy).reduce((sum, { role, gets }) => (role === "replica" ? sum + gets : sum), 0);
}

async function getCalls(context: WorkloadContext): Promise<Map<string, { role: string; calls: number }>> {
  const nodes = (["primary", "replica"] as const).flatMap((role) =>
    context.nodesOf(role).map((name) => ({ role, name })),
  );
  const counts = await Promise.all(
    nodes.map(async ({ role, name }) => {
      const stats = parseCounters(await context.admins.of(name).call(["INFO", "commandstats"]));
      return [name, { role, calls: stats.cmdstat_get ?? 0 }] as const;
    }),
  );
  return new Map(counts);
}
