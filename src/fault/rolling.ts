import { pause } from "../base/wait.ts";
import type { RoleChange } from "../model/event.ts";
import type { FaultContext } from "./fault.ts";
import { failOver } from "./hand-over.ts";
import { replicationOf, shardMates, untilCaughtUp, withRole } from "./node-roles.ts";

/** How long a restarted node may take to have its data again. */
const REJOIN_MS = 60_000;

export interface RollingOptions {
  /** A primary hands over to a replica before it is stopped; otherwise it is just stopped. */
  readonly handOver: boolean;
  /** Time between two nodes, ms. */
  readonly betweenMs: number;
}

/**
 * Stops and starts the nodes one after the other, as an operator does it: replicas first, each back and caught up before
 * the next; a primary last, after it has handed over.
 *
 * @param change what is done to a node while it is down
 * @returns who took over from whom
 */
export async function roll(
  context: FaultContext,
  targets: readonly string[],
  { handOver, betweenMs }: RollingOptions,
  change: (node: string) => Promise<void> = async () => {},
): Promise<RoleChange[]> {
  const changes: RoleChange[] = [];
  const primaries = await withRole(context, targets, "primary");
  const order = [...targets.filter((name) => !primaries.includes(name)), ...primaries];
  for (const [index, node] of order.entries()) {
    context.signal.throwIfAborted();
    if (index > 0) await pause(betweenMs, context.signal);
    const isData = context.topology.plan.nodes.some(
      ({ name, program }) => name === node && program === "server",
    );
    const isPrimary = isData && (await replicationOf(context, node))?.role === "primary";
    const hasReplica =
      isPrimary && (await withRole(context, shardMates(context, node), "replica")).length > 0;
    if (handOver && hasReplica) {
      changes.push(await failOver(context, node));
      await untilCaughtUp(context, node, REJOIN_MS);
    }
    await context.topology.stop(node);
    await change(node);
    await context.topology.start(node);
    if (isData && (handOver ? hasReplica || !isPrimary : !isPrimary))
      await untilCaughtUp(context, node, REJOIN_MS);
  }
  return changes;
}
