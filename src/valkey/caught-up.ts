import { waitFor } from "../base/wait.ts";
import { announcedOf, calledOf } from "../model/addresses.ts";
import type { Address } from "../model/plan.ts";
import type { AdminPool } from "./admin-pool.ts";
import { parseReplication } from "./replies.ts";

/**
 * Waits until each of the replicas has applied what its primary had written when this was called, by the
 * nodes' own replication offsets.
 *
 * @throws DrillError `DEADLINE` naming a replica that is behind
 */
export async function awaitCaughtUp(
  nodes: { primaries: readonly string[]; replicas: readonly string[] },
  admins: AdminPool,
  timeoutMs: number,
): Promise<void> {
  const replication = async (node: string) =>
    parseReplication(await admins.of(node).call(["INFO", "replication"]));
  const written = await Promise.all(
    nodes.primaries.map(
      async (node) => [admins.of(node).endpoint, (await replication(node)).offset] as const,
    ),
  );
  const writtenAt = ({ host, port }: Address) =>
    written.find(([endpoint]) =>
      [announcedOf(endpoint), calledOf(endpoint)].some((at) => at.host === host && at.port === port),
    )?.[1];
  await Promise.all(
    nodes.replicas.map((node) =>
      waitFor(
        async () => {
          const { role, linkUp, offset, primaryAt } = await replication(node);
          if (role !== "replica" || !linkUp)
            return { done: false, seen: `${role}, link ${linkUp ? "up" : "down"}` };
          const target = primaryAt && writtenAt(primaryAt);
          if (target === undefined)
            return { done: false, seen: `it follows ${primaryAt && keyOf(primaryAt)}, no primary` };
          return offset >= target
            ? { done: true, value: undefined }
            : { done: false, seen: `at offset ${offset} of ${target}` };
        },
        { what: `${node} to catch up with its primary`, timeoutMs, intervalMs: 5 },
      ),
    ),
  );
}

const keyOf = ({ host, port }: Address) => `${host}:${port}`;
