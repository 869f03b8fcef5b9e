import type { TopologyKind } from "../../model/plan.ts";
import { clusterDirectives } from "../../topology/cluster.ts";
import {
  CONTAINER_LISTENING,
  configText,
  DATA_NODE_DEFAULTS,
  type Directives,
  SENTINEL_DEFAULTS,
} from "../../topology/config-text.ts";
import { sentinelTimes } from "../../topology/ha.ts";
import { clusterSpecSchema, haSpecSchema } from "../../topology/spec.ts";

/** Why a setting is what it is, written above it. Names that are not here explain themselves. */
const WHY: Readonly<Record<string, string>> = {
  bind: "everywhere in the container: its network is the fence, and ports are published on 127.0.0.1 only",
  "protected-mode": "would refuse the other containers when there is no password",
  dir: "the volume: node.conf, append-only file and nodes.conf stay when the container is killed",
  logfile: "to `docker logs`",
  save: "no snapshots: the append-only file is what a restarted node comes back with",
  appendonly: "a killed node must come back with its data, or it empties its replicas",
  appendfsync:
    "once a second: what was written after that is lost if the machine dies, not if the process does",
  "repl-diskless-sync-delay":
    "5 s by default, to wait for more replicas: here a replica shall be useful at once",
  "enable-debug-command": "DEBUG SLEEP is a fault by hand; from inside the container only",
  "cluster-config-file": "the node's own memory of the cluster, which it writes itself",
  "cluster-node-timeout":
    "a node that is silent for so long (ms) is suspected; when a majority of primaries agree, it is failed and its " +
    "replica is\n# elected: promotion takes about twice this. The server's own default is 15000",
  "cluster-require-full-coverage": "yes: while one shard has no primary, the others refuse as well",
};

const SENTINEL_WHY = `# down-after-milliseconds: a primary that is silent for so long is suspected (+sdown); Sentinel's own default is 30000.
# failover-timeout: a failover that hangs is tried again after twice this; a Sentinel that voted waits as long before it
# starts one of its own. Sentinel's own default is 180000.
`;

const HEAD = (what: string) => `# ${what}
# Written by scripts/write-compose-files.ts from what drills use; a test holds this file to it.
# Each node makes its own copy of it, adds what is its own (port, addresses, whom it follows), and rewrites that copy.

`;

/** The configuration files that the Compose file of that kind mounts, by their path in the project. */
export function configFiles(kind: TopologyKind): Readonly<Record<string, string>> {
  if (kind === "cluster") {
    const cluster = clusterDirectives(clusterSpecSchema.parse({ kind }));
    return {
      "deploy/cluster/valkey.conf":
        HEAD("What every node of the cluster has in common.") +
        annotated({ ...CONTAINER_LISTENING, ...DATA_NODE_DEFAULTS, ...cluster }),
    };
  }
  const sentinel = sentinelTimes(haSpecSchema.parse({ kind }));
  return {
    "deploy/ha/valkey.conf":
      HEAD("What the primary and its replicas have in common.") +
      annotated({ ...CONTAINER_LISTENING, ...DATA_NODE_DEFAULTS }),
    "deploy/ha/sentinel.conf":
      HEAD("What the Sentinels have in common.") +
      annotated({ ...CONTAINER_LISTENING, ...SENTINEL_DEFAULTS }) +
      SENTINEL_WHY +
      configText({ sentinel }),
  };
}

function annotated(directives: Directives): string {
  return Object.entries(directives)
    .map(([name, value]) => `${WHY[name] ? `# ${WHY[name]}\n` : ""}${configText({ [name]: value })}`)
    .join("");
}
