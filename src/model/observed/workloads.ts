import { z } from "zod";
import { count, slotRanges, time, wordOf } from "./words.ts";

/* What workloads measure that is more than how their operations ended. */

/** How many writes went through, with as many under way as that. */
const throughput = z.object({
  connections: z.number(),
  pipeline: z.number(),
  /** Writes acknowledged each second. */
  perSecond: z.number(),
  /** Of those writes; null: none went through. */
  p50Ms: z.number().nullable(),
  p99Ms: z.number().nullable(),
  errors: count,
  /** Class of the last error; null: there was none. */
  lastError: z.string().nullable(),
});

/** How reads that were meant for replicas were answered, and by whom. */
const replicaReads = z.object({
  reads: count,
  answered: count,
  matched: count,
  /** What each server's own count of GET grew by meanwhile. */
  servedBy: z.record(z.string(), z.object({ role: z.string(), gets: z.number() })),
  /** Until all reads went to replicas. */
  usedReplicasAfterMs: z.number(),
});

/** Where keys were found, by the servers' own arithmetic. */
const keySpread = z.object({
  written: count,
  /** Keys that share a hash tag. */
  groups: z.array(z.array(z.string())),
  nodes: z.array(
    z.object({
      node: z.string(),
      ranges: slotRanges,
      /** Each key, and its slot by that server. */
      keys: z.array(z.tuple([z.string(), z.number()])),
    }),
  ),
});

/** What became of writes through a client whose slot map was stale. */
const staleRoute = z.object({
  slot: count,
  from: z.string(),
  to: z.string(),
  writes: count,
  arrived: count,
  /** How often that client was sent elsewhere; `null`: the library does not tell. */
  clientMoved: count.nullable(),
  clientAsk: count.nullable(),
  serverMoved: z.record(z.string(), z.number()),
});

const lockHolder = z.object({
  lock: z.string(),
  client: z.string(),
  /** What stands under the lock's key: unique in the run. */
  owner: z.string(),
  /** The fencing token. */
  token: z.number(),
});

/** A session was told that it has the lock. Times in ns on the run's clock. */
const lockHeld = lockHolder.extend({
  /** When it had asked for it. */
  sentAt: time,
  heldFrom: time,
  /** By the session's own clock; `null`: until it releases it, however long that takes. */
  believedUntil: time.nullable(),
  ttlMs: z.number(),
});

/** A session that believed to hold the lock used what it protects. */
const lockUse = lockHolder.extend({
  at: time,
  /** `false`: fenced off, since a higher token had been seen. */
  accepted: z.boolean(),
});

/** A worker of a queue did a job. */
const jobRun = z.object({
  /** The key of the list or stream that it was added to. */
  queue: z.string(),
  job: z.string(),
  worker: z.string(),
  at: time,
});

/** A subscriber began to listen, as the servers had confirmed, or listened no longer. */
const subscription = z.object({
  subscriber: z.string(),
  phase: wordOf<"begin" | "end">(),
  channels: z.array(z.string()),
  sharded: z.boolean(),
  at: time,
});

/** A subscriber heard a message. */
const messageHeard = z.object({
  subscriber: z.string(),
  channel: z.string(),
  message: z.string(),
  at: time,
});

/** Before the subscribers left: how many subscriptions each node had, by its own account; `null`: it did not answer. */
const subscriptionsServed = z.object({
  at: time,
  nodes: z.array(z.object({ node: z.string(), subscriptions: count.nullable() })),
});

/** Of workloads, by the names of the observations. */
export const OF_WORKLOADS = {
  throughput,
  "replica-reads": replicaReads,
  "key-spread": keySpread,
  "stale-route": staleRoute,
  "lock-held": lockHeld,
  "lock-use": lockUse,
  "job-run": jobRun,
  subscription,
  "message-heard": messageHeard,
  "subscriptions-served": subscriptionsServed,
};
