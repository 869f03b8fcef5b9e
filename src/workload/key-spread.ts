import { z } from "zod";
import type { Reply } from "../valkey/admin.ts";
import { parseClusterNodes } from "../valkey/replies.ts";
import { durableWrite } from "./durable-write.ts";
import type { Workload, WorkloadContext } from "./workload.ts";

const options = z.strictObject({
  keys: z.int().min(1).max(1_000_000).default(10_000),
  tagGroups: z.int().min(0).max(1000).default(20).describe("Groups of keys that share a hash tag."),
});

const DEADLINE_MS = 5000;
/** Operations sent at a time: enough to fill pipes, few enough to keep their latency honest. */
const BATCH = 200;
const KEYS_PER_GROUP = 5;

/**
 * Writes many keys through the client, then asks **every primary** which keys it holds (SCAN) and which slot each
 * belongs to by the server's own arithmetic (CLUSTER KEYSLOT). Keys with a hash tag must share a slot.
 */
export const keySpread: Workload<"key-spread", typeof options, "finite"> = {
  name: "key-spread",
  summary: "writes 10,000 keys and hash-tagged groups, and lists on the servers which shard holds which",
  kind: "finite",
  topologies: ["cluster"],
  options,
  async run(context, { keys, tagGroups }) {
    const prefix = `spread:${context.random.hex(6)}`; // keys of its own each time it is run
    const plain = Array.from({ length: keys }, (_, n) => `${prefix}:${n}`);
    const groups = Array.from({ length: tagGroups }, (_, group) =>
      Array.from({ length: KEYS_PER_GROUP }, (_, n) => `${prefix}:{group-${group}}:${n}`),
    );
    const all = [...plain, ...groups.flat()];
    const values = new Map(all.map((key) => [key, context.random.hex(8)]));
    for (let at = 0; at < all.length; at += BATCH) {
      await Promise.all(all.slice(at, at + BATCH).map((key) => write(context, key, values.get(key) ?? "")));
    }
    for (const group of groups) await readTogether(context, group, values);

    const nodes = await Promise.all(context.nodesOf("primary").map((node) => inspect(context, node, prefix)));
    context.log.observe("key-spread", { written: all.length, groups, nodes });
  },
};

async function write(context: WorkloadContext, key: string, value: string): Promise<void> {
  await context.log.operation(
    { client: "spread", workload: "key-spread", f: "write", key, value },
    async (answeredBy) => {
      await durableWrite(context, { key, value }, DEADLINE_MS, answeredBy);
      return undefined;
    },
  );
}

/** One MGET for the whole group: the server refuses it (CROSSSLOT) unless all keys are in one slot. */
async function readTogether(
  context: WorkloadContext,
  group: readonly string[],
  values: ReadonlyMap<string, string>,
): Promise<void> {
  const value = JSON.stringify(group.map((key) => values.get(key)));
  const start = { client: "spread", workload: "key-spread", f: "mget", key: group[0] ?? "", value };
  await context.log.operation(start, async (answeredBy) =>
    JSON.stringify(await context.client.call(["MGET", ...group], DEADLINE_MS, answeredBy)),
  );
}

/** What one primary holds: its slots, and each key with the slot that the server computes for it. */
async function inspect(context: WorkloadContext, node: string, prefix: string) {
  const admin = context.admins.of(node);
  const keys: string[] = [];
  let cursor = "0";
  do {
    const reply = (await admin.call(["SCAN", cursor, "MATCH", `${prefix}:*`, "COUNT", 1000])) as [
      string,
      string[],
    ];
    cursor = reply[0];
    keys.push(...reply[1]);
  } while (cursor !== "0");
  const unique = [...new Set(keys)]; // SCAN may name a key twice
  const slots = await admin.pipeline(
    unique.map((key) => ["CLUSTER", "KEYSLOT", key]),
    DEADLINE_MS,
  );
  const lines = parseClusterNodes((await admin.call(["CLUSTER", "NODES"])) as Reply);
  return {
    node,
    ranges: lines.find((line) => line.myself)?.slots ?? [],
    keys: unique.map((key, index) => [key, Number(slots[index])] as const),
  };
}
