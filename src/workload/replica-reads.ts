import { z } from "zod";
import { awaitCaughtUp } from "../valkey/caught-up.ts";
import { parseCounters } from "../valkey/replies.ts";
import type { Workload, WorkloadContext } from "./workload.ts";

const options = z.strictObject({ keys: z.int().min(1).max(100_000).default(100) });

type Options = z.infer<typeof options>;

const DEADLINE_MS = 2000;
/** Longest that a replica on the same machine may lag behind. */
const CATCH_UP_MS = 5000;

/**
 * Writes through the primary, reads through the replicas, and asks the servers who really answered: each
 * node's own count of GET calls, before and after.
 */
export const replicaReads: Workload<Options> = {
  name: "replica-reads",
  summary: "writes at the primary, reads from replicas, and counts on the servers who answered",
  kind: "finite",
  on: ["ha", "cluster"],
  options,
  async run(context, { keys }) {
    const round = context.random.hex(6);
    const entries = Array.from({ length: keys }, (_, n) => ({
      key: `replica-read:${round}:${n}`,
      value: `${n}`,
    }));
    const base = { client: "replica-reads", workload: "replica-reads" };
    await Promise.all(
      entries.map(({ key, value }) =>
        context.log.operation({ ...base, f: "write", key, value }, async () => {
          await context.client.call(["SET", key, value], DEADLINE_MS);
          return undefined;
        }),
      ),
    );
    const nodes = { primaries: context.nodesOf("primary"), replicas: context.nodesOf("replica") };
    await awaitCaughtUp(nodes, context.admins, CATCH_UP_MS);

    const before = await getCalls(context);
    const ends = await Promise.all(
      entries.map(({ key, value }) =>
        context.log.operation(
          { ...base, f: "read-replica", key, value },
          async () => (await context.client.callReplica(["GET", key], DEADLINE_MS)) as string | null,
        ),
      ),
    );
    const after = await getCalls(context);
    context.log.observe("replica-reads", {
      reads: keys,
      answered: ends.filter((end) => end.outcome === "ok").length,
      matched: ends.filter((end, n) => end.outcome === "ok" && end.value === entries[n]?.value).length,
      servedBy: Object.fromEntries(
        [...after].map(([node, { role, calls }]) => [
          node,
          { role, gets: calls - (before.get(node)?.calls ?? 0) },
        ]),
      ),
    });
  },
};

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
