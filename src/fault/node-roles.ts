import { type Look, waitFor } from "../base/wait.ts";
import { nodeOf } from "../driver/driver.ts";
import { parseReplication, type Replication } from "../valkey/replies.ts";
import type { FaultContext } from "./fault.ts";

type Asked = Pick<FaultContext, "topology" | "admins">;

/** How long a node may take to answer before it counts as one that does not. */
const ASK_MS = 500;

/** What a node says of itself now; `undefined`: it does not answer. */
export async function replicationOf({ admins }: Asked, node: string): Promise<Replication | undefined> {
  try {
    return parseReplication(await admins.of(node).call(["INFO", "replication"], ASK_MS));
  } catch {
    return undefined; // it is down, or a fault holds it: others are asked
  }
}

/** The data nodes that were planned into the same shard (HA: all of them), the node itself included. */
export function shardMates({ topology }: Asked, node: string): string[] {
  const { shard } = nodeOf(topology.plan, node);
  return topology.plan.nodes
    .filter(({ program, shard: other }) => program === "server" && other === shard)
    .map(({ name }) => name);
}

/** Names of those nodes that have that role now. */
export async function withRole(
  context: Asked,
  nodes: readonly string[],
  role: Replication["role"],
): Promise<string[]> {
  const said = await Promise.all(nodes.map((node) => replicationOf(context, node)));
  return nodes.filter((_, n) => said[n]?.role === role);
}

/** Waits until exactly one of the nodes, other than those excepted, is a primary; gives its name. */
export function untilPrimary(
  context: Asked & Pick<FaultContext, "signal">,
  nodes: readonly string[],
  timeoutMs: number,
  except: readonly string[] = [],
): Promise<string> {
  const look = async (): Promise<Look<string>> => {
    const primaries = (await withRole(context, nodes, "primary")).filter((name) => !except.includes(name));
    const [only] = primaries;
    return only !== undefined && primaries.length === 1
      ? { done: true, value: only }
      : { done: false, seen: `primaries: ${primaries.join(", ") || "none"}` };
  };
  const what = `one of ${nodes.filter((name) => !except.includes(name)).join(", ")} to be the primary`;
  return waitFor(look, { what, timeoutMs, signal: context.signal });
}

/** Waits until the node is a replica whose link is up and which has what its primary had. */
export async function untilCaughtUp(
  context: Asked & Pick<FaultContext, "signal">,
  node: string,
  timeoutMs: number,
): Promise<void> {
  const look = async (): Promise<Look<undefined>> => {
    const own = await replicationOf(context, node);
    if (!own) return { done: false, seen: "it does not answer" };
    if (own.role !== "replica" || !own.linkUp)
      return { done: false, seen: `${own.role}, link ${own.linkUp ? "up" : "down"}` };
    const mates = await Promise.all(shardMates(context, node).map((name) => replicationOf(context, name)));
    const primary = mates.find((mate) => mate?.role === "primary");
    if (!primary) return { done: false, seen: "it has no primary" };
    // The primary was asked later, and is written to all the time: a few answers' worth behind is caught up.
    return own.offset > 0 && primary.offset - own.offset < CAUGHT_UP_BYTES
      ? { done: true, value: undefined }
      : { done: false, seen: `at offset ${own.offset} of ${primary.offset}` };
  };
  await waitFor(look, { what: `${node} to catch up with its primary`, timeoutMs, signal: context.signal });
}

const CAUGHT_UP_BYTES = 256 * 1024;
