import { z } from "zod";
import { inRanges, keySlot } from "../base/slots.ts";
import { waitFor } from "../base/wait.ts";
import { parseClusterNodes, parseCounters } from "../valkey/replies.ts";
import type { Workload, WorkloadContext } from "./workload.ts";

const options = z.strictObject({ writes: z.int().min(1).max(1000).default(20) });

const DEADLINE_MS = 5000;
const AGREE_MS = 10_000;

/**
 * A client with a stale slot map, for real: it learns the map, then an empty slot is moved to another primary behind
 * its back, then it writes to that slot.
 *
 *     client ──SET──▶ old owner ──MOVED──▶ client ──SET──▶ new owner
 *
 * Redirects are counted on both sides: by the client, and by the servers (`errorstat_MOVED`). The values are read
 * at the new owner itself. Then the slot goes back.
 */
export const staleRoute: Workload<"stale-route", typeof options, "finite"> = {
  name: "stale-route",
  summary: "a client whose slot map is stale on purpose: MOVED counted at the client and on the servers",
  kind: "finite",
  topologies: ["cluster"],
  options,
  async run(context, { writes }) {
    const [from, to] = context.nodesOf("primary");
    if (from === undefined || to === undefined) throw new Error("a stale route needs two primaries");
    const client = await context.connect({ refreshSlots: false });
    try {
      const tag = await emptySlotTag(context, from);
      const slot = keySlot(`{${tag}}`);
      await moveSlot(context, slot, from, to);
      const moved = await countMoved(context);
      const before = client.redirects();
      const keys = Array.from({ length: writes }, (_, n) => `stale:{${tag}}:${n}`);
      await Promise.all(
        keys.map((key, n) =>
          context.log.operation(
            { client: "stale", workload: "stale-route", f: "set", key, value: JSON.stringify("OK") },
            async (answeredBy) =>
              JSON.stringify(await client.call(["SET", key, `${n}`], DEADLINE_MS, answeredBy)),
          ),
        ),
      );
      const after = client.redirects();
      const atNewOwner = await context.admins.of(to).pipeline(keys.map((key) => ["GET", key]));
      context.log.observe("stale-route", {
        slot,
        from,
        to,
        writes,
        arrived: atNewOwner.filter((value, n) => value === `${n}`).length,
        clientMoved: grown(before.moved, after.moved),
        clientAsk: grown(before.ask, after.ask),
        serverMoved: difference(await countMoved(context), moved),
      });
      await context.admins.of(to).call(["DEL", ...keys]);
      await moveSlot(context, slot, to, from);
    } finally {
      await client.close();
    }
  },
};

/** A hash tag whose slot is the node's own and holds no key: such a slot moves without moving data. */
async function emptySlotTag(context: WorkloadContext, node: string): Promise<string> {
  const admin = context.admins.of(node);
  const ranges =
    parseClusterNodes(await admin.call(["CLUSTER", "NODES"])).find((line) => line.myself)?.slots ?? [];
  for (let n = 0; n < 100_000; n += 1) {
    const tag = `route-${n}`;
    const slot = keySlot(`{${tag}}`);
    if (!inRanges(slot, ranges)) continue;
    if ((await admin.call(["CLUSTER", "COUNTKEYSINSLOT", slot])) === 0) return tag;
  }
  throw new Error(`${node} has no empty slot`);
}

/** Gives an empty slot to another primary, and waits until every node says so. */
async function moveSlot(context: WorkloadContext, slot: number, from: string, to: string): Promise<void> {
  const idOf = (name: string) => context.plan.nodes.find((node) => node.name === name)?.id as string;
  const setSlot = (node: string, ...args: string[]) =>
    context.admins.of(node).call(["CLUSTER", "SETSLOT", slot, ...args]);
  await setSlot(to, "IMPORTING", idOf(from));
  await setSlot(from, "MIGRATING", idOf(to));
  await setSlot(to, "NODE", idOf(to)); // the new owner first: it takes a new epoch, which wins everywhere
  await setSlot(from, "NODE", idOf(to));
  await waitFor(
    async () => {
      const owners = await Promise.all(
        context.plan.nodes.map((node) => ownerSeenBy(context, node.name, slot)),
      );
      const wrong = owners.findIndex((owner) => owner !== idOf(to));
      if (wrong < 0) return { done: true, value: undefined };
      return {
        done: false,
        seen: `${context.plan.nodes[wrong]?.name} names ${owners[wrong] ?? "nobody"} as its owner`,
      };
    },
    { what: `all nodes to see slot ${slot} at ${to}`, timeoutMs: AGREE_MS },
  );
}

async function ownerSeenBy(
  context: WorkloadContext,
  node: string,
  slot: number,
): Promise<string | undefined> {
  const lines = parseClusterNodes(await context.admins.of(node).call(["CLUSTER", "NODES"]));
  return lines.find((line) => inRanges(slot, line.slots))?.id;
}

/** `MOVED` answers that each reachable node has given so far. */
async function countMoved(context: WorkloadContext): Promise<Map<string, number>> {
  const names = [...context.nodesOf("primary"), ...context.nodesOf("replica")];
  const counts = names.map(async (name) => {
    const stats = parseCounters(await context.admins.of(name).call(["INFO", "errorstats"]));
    return [name, stats.errorstat_MOVED ?? 0] as const;
  });
  return new Map(await Promise.all(counts));
}

/** `null` where the library does not tell. */
const grown = (before: number | null, after: number | null) =>
  before === null || after === null ? null : after - before;

function difference(
  after: ReadonlyMap<string, number>,
  before: ReadonlyMap<string, number>,
): Record<string, number> {
  return Object.fromEntries([...after].map(([name, count]) => [name, count - (before.get(name) ?? 0)]));
}
