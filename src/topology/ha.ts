import { majority } from "../base/majority.ts";
import type { Random } from "../base/random.ts";
import { calledOf } from "../model/addresses.ts";
import type { Endpoint, NodePlan, Plan } from "../model/plan.ts";
import {
  configText,
  dataNodeDefaults,
  debugDirectives,
  listenDirectives,
  SENTINEL_DEFAULTS,
  valuesOf,
} from "./config-text.ts";
import { named } from "./hostnames.ts";
import { SENTINEL_GROUP, sentinelLine } from "./sentinel-lines.ts";
import type { HaSpec } from "./spec.ts";

/**
 * One primary, its replicas, and the Sentinels that watch them.
 *
 *     wave 0: primary     wave 1: replica-1     wave 2: replica-2     …     last wave: the Sentinels
 *
 * The replicas come one after the other: one that asks for its copy while another's is being made has to wait for the
 * primary's next round, which comes once a second.
 *
 * Each Sentinel's file already names the replicas and the other Sentinels: discovering them would take
 * about 10 s, as a Sentinel asks INFO only so often.
 *
 * @param endpoints one for each node: the primary's, the replicas', the Sentinels'
 */
export function planHa(spec: HaSpec, endpoints: readonly Endpoint[], random: Random): Plan {
  const [primaryPlace, ...rest] = endpoints;
  if (!primaryPlace || rest.length !== spec.replicas + spec.sentinels) {
    throw new RangeError(`${endpoints.length} endpoints for ${1 + spec.replicas + spec.sentinels} nodes`);
  }
  const primaryEndpoint = named(spec, "primary", primaryPlace);
  const replicaEndpoints = rest
    .slice(0, spec.replicas)
    .map((endpoint, index) => named(spec, `replica-${index + 1}`, endpoint));
  const sentinels = rest.slice(spec.replicas).map((endpoint, index) => ({
    endpoint: named(spec, `sentinel-${index + 1}`, endpoint),
    id: random.hex(40),
  }));
  const quorum = spec.quorum ?? majority(spec.sentinels);
  const group = groupOf(spec);

  const primary = dataNode(spec, "primary", 0, primaryEndpoint);
  const replicas = replicaEndpoints.map((endpoint, index) =>
    dataNode(spec, `replica-${index + 1}`, index + 1, endpoint, primaryEndpoint),
  );
  return {
    kind: "ha",
    sentinelGroup: group,
    quorum,
    shards: [],
    nodes: [
      primary,
      ...replicas,
      ...sentinels.map(
        (self, index): NodePlan => ({
          name: `sentinel-${index + 1}`,
          role: "sentinel",
          program: "sentinel",
          endpoint: self.endpoint,
          id: self.id,
          wave: spec.replicas + 1,
          files: {
            "node.conf": `${configText(listenDirectives(self.endpoint), SENTINEL_DEFAULTS, {
              sentinel: [
                `myid ${self.id}`,
                ...(spec.hostnames ? ["resolve-hostnames yes", "announce-hostnames yes"] : []),
                ...announcedHost(self.endpoint).map((host) => `announce-ip ${host}`),
                `monitor ${group} ${address(primaryEndpoint)} ${quorum}`,
                ...sentinelTimes(spec),
                ...replicaEndpoints.map((replica) => `known-replica ${group} ${address(replica)}`),
                ...sentinels
                  .filter((other) => other !== self)
                  .map((other) => `known-sentinel ${group} ${address(other.endpoint)} ${other.id}`),
              ],
            })}${ownSentinelLines(spec)
              .map((line) => `${line}\n`)
              .join("")}`,
          },
        }),
      ),
    ],
  };
}

function dataNode(
  spec: HaSpec,
  name: string,
  wave: number,
  endpoint: Endpoint,
  replicaOf?: Endpoint,
): NodePlan {
  return {
    name,
    role: replicaOf ? "replica" : "primary",
    program: "server",
    endpoint,
    wave,
    files: {
      "node.conf": configText(
        listenDirectives(endpoint),
        dataNodeDefaults(spec),
        debugDirectives(endpoint),
        Object.fromEntries(announcedHost(endpoint).map((host) => ["replica-announce-ip", host])),
        replicaOf ? { replicaof: address(replicaOf) } : {},
        spec.config,
      ),
    },
  };
}

/** Sentinel's periods, as its `sentinel` directive takes them. */
export function sentinelTimes(spec: HaSpec): string[] {
  return [
    `down-after-milliseconds ${groupOf(spec)} ${spec.downAfterMs}`,
    `failover-timeout ${groupOf(spec)} ${spec.failoverTimeoutMs}`,
  ];
}

/** What `sentinelConfig` says, as lines of a sentinel.conf. */
export function ownSentinelLines(spec: HaSpec): string[] {
  return Object.entries(spec.sentinelConfig ?? {}).flatMap(([name, value]) =>
    valuesOf(value).map((one) => sentinelLine(groupOf(spec), name, one)),
  );
}

/** What must stand before them, so that a Sentinel knows of which primary they speak. */
export function sentinelLinesToTry(spec: HaSpec): string[] {
  return [`sentinel monitor ${groupOf(spec)} 127.0.0.1 6379 1`];
}

function groupOf({ sentinelGroup = SENTINEL_GROUP }: HaSpec): string {
  return sentinelGroup;
}

function address(endpoint: Endpoint): string {
  const { host, port } = calledOf(endpoint);
  return `${host} ${port}`;
}

/** What it tells others of itself, where that is not where it listens. */
function announcedHost(endpoint: Endpoint): string[] {
  const { host } = calledOf(endpoint);
  return host === endpoint.host ? [] : [host];
}
