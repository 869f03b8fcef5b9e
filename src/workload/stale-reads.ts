import { z } from "zod";
import { durableWrite } from "./durable-write.ts";
import { alike, runSessions, type Session, type SessionPlan } from "./sessions.ts";
import type { Workload, WorkloadContext } from "./workload.ts";

const options = z.strictObject({
  keys: z.int().min(1).max(1000).default(10).describe("Keys of the writer, which all readers read."),
  writesPerSecond: z.int().min(1).max(1000).default(100).describe("Of the writer, over all its keys."),
  readers: z.int().min(1).max(100).default(4),
  readsPerSecond: z.int().min(1).max(1000).default(50).describe("Turns of each reader."),
  deadlineMs: z
    .int()
    .min(10)
    .max(60_000)
    .default(500)
    .describe("Past it an operation's end is unknown (info)."),
});

type Options = z.infer<typeof options>;

/** Every so many turns a reader writes its own key, and reads that one next. */
const OWN_EVERY = 5;

/**
 * Writes through the primary, reads through replicas at the same time:
 *
 *     writer    ── v1, v2, v3, … of K keys ──▶ primary ── replication ──▶ replicas
 *     reader 1  ── every fifth turn: own key ─▶ primary                    │
 *               ◀───────── any key, and its own after writing it ──────────┘
 *
 * Each key is written by one session only, one version after the other, so its versions have an order.
 */
export const staleReads: Workload<"stale-reads", typeof options, "steady"> = {
  name: "stale-reads",
  summary: "a writer at the primary, readers at the replicas: how stale are they, and do sessions go back",
  kind: "steady",
  topologies: ["ha", "cluster"],
  options,
  measures: ({ readers, readsPerSecond }) => ({ replicaReadsPerSecond: readers * readsPerSecond }),
  async run(context, given) {
    const tag = context.random.hex(6); // keys of its own each time it is started in a run
    const keys = Array.from({ length: given.keys }, (_, n) => `stale-reads:${tag}:${n + 1}`);
    const write: SessionPlan = {
      name: "stale-writer",
      perSecond: given.writesPerSecond,
      turn: (session, n) => writeVersion(context, given, session, keys[n % keys.length] as string, n),
    };
    const readers = { sessions: given.readers, perSecond: given.readsPerSecond };
    const read = alike("stale-reader", readers, async (session, n) => {
      const own = `stale-reads:${tag}:${session.name}`;
      const wrote = n % OWN_EVERY === 0;
      if (wrote) await writeVersion(context, given, session, own, n);
      await readReplica(
        context,
        given,
        session,
        wrote ? own : (keys[session.random.below(keys.length)] as string),
      );
    });
    await runSessions(context, [write, ...read]);
  },
};

/** The value names its key: one that stands under another key is seen to be none of its versions. */
async function writeVersion(
  context: WorkloadContext,
  { deadlineMs }: Options,
  { name, client }: Session,
  key: string,
  version: number,
): Promise<void> {
  const value = `${version}@${key}`;
  const { waitReplicas } = context;
  const start = { client: name, workload: "stale-reads", f: "write", key, value, shared: true } as const;
  await context.log.operation(start, async (answeredBy) => {
    await durableWrite({ writer: client, waitReplicas }, { key, value }, deadlineMs, answeredBy);
    return undefined;
  });
}

async function readReplica(
  context: WorkloadContext,
  { deadlineMs }: Options,
  { name, client }: Session,
  key: string,
): Promise<void> {
  const start = { client: name, workload: "stale-reads", f: "read-replica", key };
  await context.log.operation(
    start,
    async (answeredBy) => (await client.callReplica(["GET", key], deadlineMs, answeredBy)) as string | null,
  );
}
