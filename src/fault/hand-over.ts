import { type Look, waitFor } from "../base/wait.ts";
import { nodeAt } from "../model/addresses.ts";
import { DrillError, messageOf } from "../model/errors.ts";
import type { RoleChange } from "../model/event.ts";
import type { Address } from "../model/plan.ts";
import type { FaultContext } from "./fault.ts";
import { replicationOf, shardMates, untilPrimary, withRole } from "./node-roles.ts";

export type FailoverMode = "default" | "force" | "takeover";

/** How long a failover that was asked for may take. */
const TAKES_MS = 30_000;
/** A failover before it may have to end first: so long it is waited for. Then the server's own answer is what there is. */
const SETTLED_MS = 10_000;
/** A manual failover of a cluster is given up by the replica after 5 s (CLUSTER_MF_TIMEOUT), and nobody is told. */
const GIVEN_UP_MS = 6000;
const ASK_MS = 500;

/** Replaces the primary of the target's shard, in a cluster by the target itself if it is a replica. Tells who took over. */
export async function failOver(
  context: FaultContext,
  target: string,
  mode: FailoverMode = "default",
): Promise<RoleChange> {
  if (context.topology.plan.kind === "ha") {
    const [change] = await failOverHa(context, [target]);
    return change ?? {};
  }
  const mates = shardMates(context, target);
  const replicas = await withRole(context, mates, "replica");
  const asked = replicas.includes(target) ? target : replicas[0];
  if (asked === undefined) throw new DrillError("NOT_READY", `${target} has no replica that could take over`);
  if (mode !== "takeover") await untilSettled(context, asked, mates, mode);
  const old = await withRole(context, mates, "primary");
  const followed = await followedBy(context, asked);
  const from = old.find((name) => name === followed) ?? old[0];
  const how = mode === "default" ? [] : [mode.toUpperCase()];
  await context.admins.of(asked).call(["CLUSTER", "FAILOVER", ...how]);
  const named = asked === target;
  const by = named
    ? await whoTookOver(context, asked, mates, old)
    : await untilPrimary(context, mates, TAKES_MS, old);
  return {
    ...(from !== undefined && { from }),
    ...(named && { to: target }),
    ...(by !== undefined && { by }),
  };
}

/** One failover by a Sentinel, which chooses the replica. Gives one change for each target. */
export async function failOverHa(context: FaultContext, targets: readonly string[]): Promise<RoleChange[]> {
  const mates = context.topology.plan.nodes
    .filter(({ program }) => program === "server")
    .map(({ name }) => name);
  await untilSentinelsAgree(context);
  const { from, old, replicas } = await askSentinel(context, mates);
  const by = await untilPrimary(context, mates, TAKES_MS, old);
  return targets.map((target) => ({
    ...(from !== undefined && { from }),
    ...(replicas.includes(target) && { to: target }),
    by,
  }));
}

/** The replica that was asked, or once it has surely given up another that took over meanwhile; `undefined`: nobody did. */
function whoTookOver(
  context: FaultContext,
  asked: string,
  mates: readonly string[],
  old: readonly string[],
): Promise<string | undefined> {
  const begun = performance.now();
  const look = async (): Promise<Look<string | undefined>> => {
    const primaries = await withRole(context, mates, "primary");
    if (primaries.includes(asked)) return { done: true, value: asked };
    return performance.now() - begun > GIVEN_UP_MS
      ? { done: true, value: primaries.find((name) => !old.includes(name)) }
      : { done: false, seen: `primaries: ${primaries.join(", ") || "none"}` };
  };
  return waitFor(look, { what: `${asked} to take over`, timeoutMs: TAKES_MS, signal: context.signal });
}

/** After another failover of its shard: until one node is the primary, and the replica has heard of it and follows it. */
async function untilSettled(
  context: FaultContext,
  replica: string,
  mates: readonly string[],
  mode: FailoverMode,
): Promise<void> {
  const look = async (): Promise<Look<undefined>> => {
    const primaries = await withRole(context, mates, "primary");
    const own = await replicationOf(context, replica);
    const followed = own?.primaryAt && nodeOn(context, own.primaryAt);
    if (primaries.length > 1) return { done: false, seen: `primaries: ${primaries.join(", ")}` };
    if (primaries.length === 0) return { done: true, value: undefined }; // it is gone: that may be why this is asked for
    if (followed !== primaries[0])
      return { done: false, seen: `it follows ${followed}, not ${primaries[0]}` };
    return mode === "default" && !own?.linkUp
      ? { done: false, seen: `its link to ${followed} is down` }
      : { done: true, value: undefined };
  };
  await within(context, look, `${replica} to follow the only primary`);
}

/** Until no failover is under way: all Sentinels that answer name the same node, which does not call itself a replica. */
async function untilSentinelsAgree(context: FaultContext): Promise<void> {
  const look = async (): Promise<Look<undefined>> => {
    const [named, ...more] = await namedBySentinels(context);
    if (more.length > 0) return { done: false, seen: `they name ${[named, ...more].join(" and ")}` };
    const role = named === undefined ? undefined : (await replicationOf(context, named))?.role;
    return role === "replica"
      ? { done: false, seen: `they name ${named}, a replica` }
      : { done: true, value: undefined };
  };
  await within(context, look, "the Sentinels to name one primary");
}

/** The nodes that the Sentinels which answer send clients to: one, unless they do not agree. */
export async function namedBySentinels(context: FaultContext): Promise<string[]> {
  const sentinels = context.topology.plan.nodes.filter(({ role }) => role === "sentinel");
  const said = await Promise.all(sentinels.map(({ name }) => namedBy(context, name)));
  return [...new Set(said.filter((name) => name !== undefined))];
}

async function namedBy({ topology, admins }: FaultContext, sentinel: string): Promise<string | undefined> {
  const { sentinelGroup = "" } = topology.plan;
  try {
    const reply = await admins
      .of(sentinel)
      .call(["SENTINEL", "GET-MASTER-ADDR-BY-NAME", sentinelGroup], ASK_MS);
    const [host = "", port = ""] = Array.isArray(reply) ? reply.map(String) : [];
    return nodeAt(topology.plan, host, Number(port))?.name;
  } catch {
    return undefined; // it is down, or a fault holds it: others are asked
  }
}

async function followedBy(context: FaultContext, replica: string): Promise<string | undefined> {
  const at = (await replicationOf(context, replica))?.primaryAt;
  return at && nodeOn(context, at);
}

function nodeOn({ topology }: FaultContext, { host, port }: Address): string | undefined {
  return nodeAt(topology.plan, host, port)?.name;
}

/** Waits for a while. Where it does not come about the failover is asked for all the same: the servers' answer says why not. */
async function within(
  { signal }: FaultContext,
  look: () => Promise<Look<undefined>>,
  what: string,
): Promise<void> {
  try {
    await waitFor(look, { what, timeoutMs: SETTLED_MS, signal });
  } catch (error) {
    if (!(error instanceof DrillError && error.code === "DEADLINE")) throw error;
  }
}

/** Whose place a Sentinel gives away, and who called themselves what before it began. */
interface Begun {
  readonly from?: string;
  readonly old: readonly string[];
  readonly replicas: readonly string[];
}

/** Any Sentinel will do. While one says that a failover is under way (INPROG) nobody else is asked: it would begin another. */
async function askSentinel(context: FaultContext, mates: readonly string[]): Promise<Begun> {
  const { topology, admins, signal } = context;
  const { nodes, sentinelGroup = "" } = topology.plan;
  const look = async (): Promise<Look<Begun | readonly string[]>> => {
    const refusals: string[] = [];
    for (const { name } of nodes.filter(({ role }) => role === "sentinel")) {
      const old = await withRole(context, mates, "primary");
      const replicas = await withRole(context, mates, "replica");
      const named = await namedBy(context, name);
      const from = named !== undefined && old.includes(named) ? { from: named } : {};
      try {
        await admins.of(name).call(["SENTINEL", "FAILOVER", sentinelGroup]);
        return { done: true, value: { ...from, old, replicas } };
      } catch (error) {
        const message = messageOf(error);
        if (message.includes("INPROG")) return { done: false, seen: `${name}: ${message}` };
        refusals.push(message);
      }
    }
    return { done: true, value: refusals };
  };
  const what = "a Sentinel to begin a failover";
  const begun = await waitFor(look, { what, timeoutMs: TAKES_MS, signal });
  if ("old" in begun) return begun;
  throw new DrillError("COMMAND_FAILED", `no Sentinel began a failover: ${begun.join("; ")}`);
}
