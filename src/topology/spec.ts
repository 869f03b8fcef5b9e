import { z } from "zod";
import { type ConfigOrigin, configFileFields, sentinelConfigFields } from "./config-fields.ts";
import { hostnamesSpec } from "./hostnames-spec.ts";
import { authSpecSchema, tlsSpecSchema } from "./security-spec.ts";
import { zoneFields } from "./zones-spec.ts";

/** Most nodes of one environment, Sentinels included. */
export const MAX_NODES = 100;

/** Bounds of Sentinel's times and of `cluster-node-timeout`. */
export const MOST_MS = 600_000;
export const LEAST_MS = 50;

const ms = z.int().min(LEAST_MS).max(MOST_MS);

const isOff = (value: unknown) => value === false || value === "no";

/** Which nodes begin with another server than the others: `{ primary: redis-7.0 }`. */
const servers = z
  .record(z.string(), z.string().min(1))
  .optional()
  .describe(
    "Server that single nodes begin with, by the name of the node: a version or a path, as of --valkey.",
  );

/** Primary, replicas and Sentinels. */
export const haSpecSchema = z
  .strictObject({
    kind: z.literal("ha"),
    replicas: z.int().min(0).max(MAX_NODES).default(2),
    sentinels: z.int().min(1).max(MAX_NODES).default(3),
    quorum: z.int().min(1).optional().describe("Sentinels that must agree; default: the majority."),
    // A Sentinel tries a lost connection again only once a second, and a promotion drops its connections: with a
    // second or less, a new primary is now and then taken for dead, and a second failover splits the brain.
    downAfterMs: ms.default(2000).describe("sentinel down-after-milliseconds"),
    failoverTimeoutMs: ms.default(10_000).describe("sentinel failover-timeout"),
    ...configFileFields,
    ...sentinelConfigFields,
    hostnames: hostnamesSpec,
    ...zoneFields,
    servers,
    tls: tlsSpecSchema,
    auth: authSpecSchema,
  })
  .refine((spec) => 1 + spec.replicas + spec.sentinels <= MAX_NODES, {
    error: `more than ${MAX_NODES} nodes in all`,
  })
  .refine((spec) => spec.quorum === undefined || spec.quorum <= spec.sentinels, {
    path: ["quorum"],
    error: "is more than there are Sentinels: no failover could ever begin",
  })
  .refine((spec) => !spec.hostnames || !isOff(spec.sentinelConfig?.["resolve-hostnames"]), {
    path: ["sentinelConfig", "resolve-hostnames"],
    error: "is no, and with `hostnames` Sentinels must resolve names",
  });

/** Primaries that share the slots, each with replicas. */
export const clusterSpecSchema = z
  .strictObject({
    kind: z.literal("cluster"),
    shards: z.int().min(1).max(MAX_NODES).default(3),
    replicas: z
      .union([z.int().min(0).max(MAX_NODES), z.array(z.int().min(0).max(MAX_NODES))])
      .default(1)
      .describe("Replicas of each shard; a list gives each shard its own number."),
    emptyShards: z
      .int()
      .min(0)
      .max(MAX_NODES - 1)
      .default(0)
      .describe("How many of the shards, the last ones, start without slots: for add-shard."),
    nodeTimeoutMs: ms.default(2000).describe("cluster-node-timeout"),
    requireFullCoverage: z
      .boolean()
      .default(true)
      .describe("cluster-require-full-coverage: do all shards stop when one has no primary?"),
    ...configFileFields,
    hostnames: hostnamesSpec,
    ...zoneFields,
    servers,
    tls: tlsSpecSchema,
    auth: authSpecSchema,
  })
  .refine((spec) => spec.emptyShards < spec.shards, {
    path: ["emptyShards"],
    error: "leaves no shard that has slots",
  })
  .refine((spec) => typeof spec.replicas === "number" || spec.replicas.length === spec.shards, {
    path: ["replicas"],
    error: "lists another number of shards than `shards`",
  })
  .refine((spec) => spec.shards + replicaCounts(spec).reduce((a, b) => a + b, 0) <= MAX_NODES, {
    error: `more than ${MAX_NODES} nodes in all`,
  });

export const topologySpecSchema = z.discriminatedUnion("kind", [haSpecSchema, clusterSpecSchema]);

export type HaSpec = z.infer<typeof haSpecSchema> & ConfigOrigin;
export type ClusterSpec = z.infer<typeof clusterSpecSchema> & ConfigOrigin;
/** What a user asks for; see the schemas for defaults and limits. */
export type TopologySpec = HaSpec | ClusterSpec;

/** How many replicas each shard has, shard 1 first. */
export function replicaCounts(spec: { shards: number; replicas: number | readonly number[] }): number[] {
  return typeof spec.replicas === "number"
    ? Array<number>(spec.shards).fill(spec.replicas)
    : [...spec.replicas];
}
