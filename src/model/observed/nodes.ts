import { z } from "zod";
import { count, slotRanges, time, wordOf } from "./words.ts";

/*
 * What was seen of the nodes. A field with a default may be missing from a history that others wrote, or an earlier
 * version: that is read, too.
 */

/** What a primary that was superseded had written at one look, by its own counters. */
const writeAccount = z.object({
  node: z.string(),
  role: z.enum(["primary", "replica"]),
  /** When the look was asked for and answered, ns on the run's clock: the counters are of some time between. */
  askedAt: time,
  answeredAt: time,
  /** Calls of write commands that it has done since its process was started, whoever sent them. */
  calls: z.number(),
  offset: z.number(),
  runId: z.string(),
});

/** What a node says decides whether it may be promoted. Told at first, and when it changes. */
const nodeSetting = z.object({
  /** ns on the run's clock. */
  at: time,
  node: z.string(),
  /** - `replica-priority`, by its INFO; `cluster-replica-no-failover`, by its flags in CLUSTER NODES. */
  setting: wordOf<"replica-priority" | "cluster-replica-no-failover">(),
  value: z.string(),
});

/** A node was found to be another process than at the look before, by its `run_id`. */
const processBegan = z.object({
  /** When it was seen, ns on the run's clock. */
  at: time,
  node: z.string(),
});

/** Commands that Sentinel sends to promote a node, and that this node does not know. */
const commandsMissing = z.object({
  /** ns on the run's clock. */
  at: time,
  node: z.string(),
  commands: z.array(z.string()),
});

/** How many errors a node has answered with, by code (`INFO errorstats`), when a promotion failed. */
const refusals = z.object({
  /** ns on the run's clock. */
  at: time,
  node: z.string(),
  errors: z.record(z.string(), z.number()),
});

/** What a Sentinel answers to CKQUORUM. Told at first, and when it changes. */
const sentinelQuorum = z.object({
  /** ns on the run's clock. */
  at: time,
  sentinel: z.string(),
  reachable: z.boolean(),
  /** Its words; absent where it does not answer. */
  said: z.string().optional(),
});

/** A line of a node's own log, read at the end of the run. */
const logEvent = z.object({
  node: z.string(),
  /** ns on the run's clock, from the wall clock that the node's log carries. */
  at: time,
  /** How far `at` may be off, in ms. */
  errorMs: z.number().default(0),
  /**
   * - `election-delayed`: (cluster) a replica will ask for votes after `delayMs`
   * - `election-started`: it asks now; `vote-granted`: this primary gave it its vote; `promoted`: the node is a primary
   * - `election-moved`: it will ask `delayMs` later than it said before; `election-at-once`: it asks at once, since it
   *   ranks best
   * - `vote-denied`: this primary did not vote for `subject`; why, in `detail`
   * - `votes-counted`: how many came, of how many
   * - `cannot-failover`: why it does not, in `detail`
   * - `suspects`: it holds `subject` to be possibly failing
   * - `failed`: it holds it to have failed, as a majority of the primaries does; `failed-cleared`: no longer
   * - `cluster-state`: `cluster_state` became `detail`; `cluster-down`: why it is `fail`
   * - `loaded`: it has read its data from its own disk
   * - `failover-delayed`: (Sentinel) it will try no failover before a time
   * - `restarted`: its process began anew
   */
  event: wordOf<
    | "election-delayed"
    | "election-started"
    | "vote-granted"
    | "promoted"
    | "election-moved"
    | "election-at-once"
    | "vote-denied"
    | "votes-counted"
    | "cannot-failover"
    | "suspects"
    | "failed"
    | "failed-cleared"
    | "cluster-state"
    | "cluster-down"
    | "loaded"
    | "failover-delayed"
    | "restarted"
  >(),
  /** The node of which it is said, by name. */
  subject: z.string().optional(),
  delayMs: z.number().optional(),
  /** Of the delay of an election: how many replicas have more of the data. */
  rank: z.number().optional(),
  /** Of the delay of an election: the place of this shard among those that failed. */
  primaryRank: z.number().optional(),
  /** Of `delayMs`, what is fixed; only in histories that do not tell the ranks. */
  fixedMs: z.number().optional(),
  detail: z.string().optional(),
});

/** A node ended by itself, or (`client`) a workload broke, and what was said. */
const nodeDied = z.object({ node: z.string(), text: z.string() });

/** A primary of a cluster, as one node has it in its map. */
const mappedPrimary = z.object({
  /** Its name, or its id where it is no node of the plan. */
  node: z.string(),
  slots: slotRanges,
  /** Its configuration epoch: where two claim a slot, the higher one wins. */
  epoch: z.number(),
});

/** What the final inspection found at one data node. */
const finalNode = z.object({
  node: z.string(),
  reachable: z.boolean(),
  role: z.enum(["primary", "replica"]).optional(),
  follows: z.string().optional(),
  linkUp: z.boolean().default(false),
  state: z.string().optional(),
  slots: slotRanges.default([]),
  shard: z.number().optional(),
  keys: count.optional(),
  digest: z.string().optional(),
  /** The cluster by this node's own account (`CLUSTER NODES`, `CLUSTER SLOTS`, `CLUSTER INFO`). */
  map: z
    .object({
      /** Who serves slots, by name. */
      primaries: z.array(mappedPrimary),
      /** Whom it sends clients to, by name. */
      told: z.array(mappedPrimary.omit({ epoch: true })),
      /** The highest epoch that it knows of. */
      currentEpoch: z.number(),
    })
    .optional(),
  error: z.string().optional(),
});

/** The primary by one Sentinel's own account (`SENTINEL MASTER`). */
const finalSentinel = z.object({
  sentinel: z.string(),
  reachable: z.boolean(),
  /** Name of the node, or its address where it is no node of the plan. */
  primary: z.string().optional(),
  epoch: z.number().optional(),
});

/** Of the nodes, by the names of the observations. */
export const OF_NODES = {
  "write-account": writeAccount,
  "node-setting": nodeSetting,
  "process-began": processBegan,
  "commands-missing": commandsMissing,
  refusals,
  "sentinel-quorum": sentinelQuorum,
  "log-event": logEvent,
  /** Why the log of a node could not be read, by the node's name. */
  "logs-unread": z.record(z.string(), z.string()),
  "node-died": nodeDied,
  /** Why the replicas were not waited for to the end, in words. */
  "not-caught-up": z.string(),
  /** Why the nodes were not waited for to agree, in words. */
  "not-agreed": z.string(),
  "final-node": finalNode,
  "final-sentinel": finalSentinel,
};
