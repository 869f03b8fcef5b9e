import { z } from "zod";
import { pause } from "../base/wait.ts";
import { nodeOf } from "../driver/driver.ts";
import { nodeAt } from "../model/addresses.ts";
import { DrillError } from "../model/errors.ts";
import type { Address } from "../model/plan.ts";
import type { Fault, FaultContext } from "./fault.ts";
import { nodeActionOf } from "./node-action-of.ts";
import { onEach } from "./on-each.ts";
import { primariesMayLosePlace } from "./roles.ts";

const options = z.strictObject({
  downMs: z.int().min(0).max(600_000).default(0).describe("How long it is gone, ms."),
  graceful: z.boolean().default(false).describe("It is stopped in order, not killed."),
  asksSentinel: z
    .boolean()
    .default(true)
    .describe("HA: before a data node starts, it asks the Sentinels whom to follow, as start scripts do."),
  names: z
    .enum(["follow", "stale"])
    .default("follow")
    .describe("With hostnames: do the names lead to the new addresses, or still to the old ones (stale)?"),
});
type Options = z.infer<typeof options>;

const ASK_MS = 500;

/**
 * Nodes that come back elsewhere, as pods and virtual machines do when they are replaced: the same node, with its name,
 * its data and (in a cluster) its id, at another address. Calls to the address before are refused. Once more, and it is
 * back at the first. Nothing to heal.
 */
export const readdress: Fault<"readdress", typeof options> = {
  kind: "readdress",
  summary: "killed, and back at another address, as a pod that was replaced; nothing to heal",
  needs: ["own-addresses", "data-files"],
  options,
  lackingOf: ({ nodes }, given) =>
    (given as Options | undefined)?.names === "stale" &&
    nodes.every(({ endpoint }) => endpoint.hostname === undefined)
      ? "`topology.hostnames`, for names: stale"
      : undefined,
  selfHealing: () => true,
  means: primariesMayLosePlace,
  losesData: () => "at-once",
  label: (targets) =>
    `${targets.join(", ")} back at ${targets.length > 1 ? "other addresses" : "another address"}`,
  inject: async (context, targets, given) => {
    const { topology, signal } = context;
    const start = (target: string) => topology.start(target);
    await onEach(
      targets,
      (target) => (given.graceful ? topology.stop(target) : topology.kill(target)),
      start,
    );
    await moveAndStart(context, targets, given, () => pause(given.downMs, signal)).catch(
      async (error: unknown) => {
        await Promise.allSettled(targets.map(start)); // the first failure is the one to be told
        throw error;
      },
    );
  },
  // They run already, unless the fault was interrupted in the middle.
  heal: async ({ topology }, targets) => {
    await Promise.all(targets.map((target) => topology.start(target)));
  },
};

async function moveAndStart(
  context: FaultContext,
  targets: readonly string[],
  { asksSentinel, names }: Options,
  whileGone: () => Promise<void>,
): Promise<void> {
  const { topology } = context;
  if (!topology.changeAddress) throw new DrillError("LACKS_CAPABILITY", "addresses cannot be changed");
  for (const target of targets) await topology.changeAddress(target, names);
  await whileGone();
  if (topology.plan.kind === "ha" && asksSentinel)
    await Promise.all(targets.map((target) => followAsTold(context, target)));
  await Promise.all(targets.map((target) => topology.start(target)));
}

/** If the Sentinels name another primary than the node itself, it starts as that one's replica. */
async function followAsTold(context: FaultContext, target: string): Promise<void> {
  const { topology } = context;
  if (nodeOf(topology.plan, target).program !== "server") return;
  const primary = await primaryTold(context);
  if (!primary || nodeAt(topology.plan, primary.host, primary.port)?.name === target) return;
  const line = `replicaof ${primary.host} ${primary.port}`;
  const script = `sed -i '/^replicaof /d' node.conf && echo '${line}' >> node.conf`;
  await nodeActionOf(topology, "inDataFolder")(target, script);
}

/** The first answer of a Sentinel; undefined: none answers. */
async function primaryTold({ topology, admins }: FaultContext): Promise<Address | undefined> {
  const { nodes, sentinelGroup = "" } = topology.plan;
  for (const { name } of nodes.filter(({ role }) => role === "sentinel")) {
    const ask = admins.of(name).call(["SENTINEL", "GET-MASTER-ADDR-BY-NAME", sentinelGroup], ASK_MS);
    const [host, port] = ((await ask.catch(() => undefined)) ?? []) as string[]; // it is down: another is asked
    if (host !== undefined) return { host, port: Number(port) };
  }
  return undefined;
}
