import type { Random } from "../base/random.ts";
import { SLOT_COUNT } from "../base/slots.ts";
import { announcedOf } from "../model/addresses.ts";
import type { Endpoint, NodePlan, Plan, ShardPlan, SlotRange } from "../model/plan.ts";
import {
  configText,
  type Directives,
  dataNodeDefaults,
  debugDirectives,
  listenDirectives,
} from "./config-text.ts";
import { checkNames, hostnameDirectives, named } from "./hostnames.ts";
import { type ClusterSpec, replicaCounts } from "./spec.ts";

/**
 * A cluster that is formed by its files: every node's `nodes.conf` already holds all ids, addresses, slots
 * and roles, so the nodes only have to find each other alive. (`valkey-cli --cluster create` sends the
 * same by MEET and gossip, which takes seconds longer as the cluster grows.)
 *
 *     node-1 … node-S: primaries of shards 1 … S      then the replicas, shard by shard, one replica a round
 *
 * @param endpoints one for each node, with bus ports
 */
export function planCluster(spec: ClusterSpec, endpoints: readonly Endpoint[], random: Random): Plan {
  const members = membersOf(spec);
  if (endpoints.length !== members.length) {
    throw new RangeError(`${endpoints.length} endpoints for ${members.length} nodes`);
  }
  const slots = splitSlots(spec.shards - spec.emptyShards);
  const shardIds = Array.from({ length: spec.shards }, () => random.hex(40));
  const nodes = members.map(
    (member, index): PlannedNode => ({
      ...member,
      name: `node-${index + 1}`,
      id: random.hex(40),
      endpoint: named(spec, `node-${index + 1}`, endpoints[index] as Endpoint),
      slots: slots[member.shard - 1],
      shardId: shardIds[member.shard - 1] as string,
    }),
  );

  checkNames(spec, nodes);
  return {
    kind: "cluster",
    shards: shardIds.map((_, index) => shardPlan(nodes, index + 1, slots[index])),
    nodes: nodes.map(
      (node): NodePlan => ({
        name: node.name,
        role: node.role,
        program: "server",
        endpoint: node.endpoint,
        id: node.id,
        shard: node.shard,
        wave: 0,
        files: { "node.conf": nodeConf(spec, node), "nodes.conf": nodesConf(node, nodes, spec.shards) },
      }),
    ),
  };
}

interface Member {
  readonly role: "primary" | "replica";
  readonly shard: number;
}

interface PlannedNode extends Member {
  readonly name: string;
  readonly id: string;
  readonly shardId: string;
  readonly endpoint: Endpoint;
  /** Absent: of a shard that starts without slots. */
  readonly slots?: SlotRange;
}

function membersOf(spec: ClusterSpec): Member[] {
  const counts = replicaCounts(spec);
  const primaries = counts.map((_, index): Member => ({ role: "primary", shard: index + 1 }));
  const rounds = Array.from({ length: Math.max(...counts) }, (_, round) => round);
  const replicas = rounds.flatMap((round) =>
    counts.flatMap((count, index): Member[] =>
      count > round ? [{ role: "replica", shard: index + 1 }] : [],
    ),
  );
  return [...primaries, ...replicas];
}

/** The slots in as many even, consecutive ranges as there are shards. */
export function splitSlots(shards: number): SlotRange[] {
  const edge = (index: number) => Math.round((index * SLOT_COUNT) / shards);
  return Array.from({ length: shards }, (_, index) => [edge(index), edge(index + 1) - 1] as const);
}

function shardPlan(nodes: readonly PlannedNode[], shard: number, slots?: SlotRange): ShardPlan {
  const own = nodes.filter((node) => node.shard === shard);
  return {
    shard,
    slots: slots ? [slots] : [],
    primary: own.find((node) => node.role === "primary")?.name as string,
    replicas: own.filter((node) => node.role === "replica").map((node) => node.name),
  };
}

function nodeConf(spec: ClusterSpec, node: PlannedNode): string {
  return configText(
    listenDirectives(node.endpoint),
    dataNodeDefaults(spec),
    debugDirectives(node.endpoint),
    clusterDirectives(spec),
    { "cluster-port": node.endpoint.busPort as number },
    announceDirectives(node.endpoint),
    hostnameDirectives(node.endpoint.hostname, spec),
    spec.config,
  );
}

/** What a node tells the others of itself, and clients, where that is not where it listens. */
function announceDirectives({ host, announced, fabric }: Endpoint): Directives {
  if (!announced) return {};
  const bus = { "cluster-announce-ip": announced.host };
  if (!fabric) return bus;
  // Its replication link comes from `host`: without this its primary would list it under that address.
  const replication = { "replica-announce-ip": announced.host };
  if (fabric.clients || !fabric.tellsClients) return { ...bus, ...replication };
  return { ...bus, ...replication, "cluster-announce-client-ipv4": host };
}

/** What every node of the cluster is started with, besides what is its own. */
export function clusterDirectives(spec: ClusterSpec): Directives {
  return {
    "cluster-enabled": true,
    "cluster-config-file": "nodes.conf",
    "cluster-node-timeout": spec.nodeTimeoutMs,
    "cluster-require-full-coverage": spec.requireFullCoverage,
  };
}

/** One node's view of the cluster, in the form that the server itself writes and reads at its start. */
function nodesConf(self: PlannedNode, nodes: readonly PlannedNode[], epoch: number): string {
  const primaryOf = new Map(
    nodes.filter((node) => node.role === "primary").map((node) => [node.shard, node]),
  );
  const lines = nodes.map((node) => {
    const { host, port } = announcedOf(node.endpoint);
    const { busPort, hostname = "" } = node.endpoint;
    const flags = `${node === self ? "myself," : ""}${node.role === "primary" ? "master" : "slave"}`;
    const primary = node.role === "primary" ? "-" : primaryOf.get(node.shard)?.id;
    const slots = node.role === "primary" && node.slots ? ` ${node.slots[0]}-${node.slots[1]}` : "";
    // A replica carries its primary's epoch; distinct epochs among primaries spare the nodes a collision round.
    return (
      `${node.id} ${host}:${port}@${busPort},${hostname},shard-id=${node.shardId} ` +
      `${flags} ${primary} 0 0 ${node.shard} connected${slots}`
    );
  });
  return `${lines.join("\n")}\nvars currentEpoch ${epoch} lastVoteEpoch 0\n`;
}
