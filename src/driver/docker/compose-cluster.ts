import type { NodePlan, Plan } from "../../model/plan.ts";
import {
  COMMON_NODE,
  type ComposeDefaults,
  DATA_ENVIRONMENT,
  LOG_IN,
  NODE_HEALTH_PACE,
  networkAndVolumes,
  type Place,
  placed,
  placesOf,
} from "./compose-parts.ts";

const DEFAULTS: ComposeDefaults = { subnet: "10.213.2", port: (_node, index) => 7001 + index };

/** `docker-compose.cluster.yml` for that plan's nodes. */
export function composeCluster(plan: Plan): string {
  const places = placesOf(plan.nodes, DEFAULTS);
  return `# Primaries that share 16384 hash slots, each with replicas; the nodes fail over by themselves.
#
#   docker compose -f docker-compose.cluster.yml up -d --wait    start; returns when the cluster can be used
#   docker compose -f docker-compose.cluster.yml kill node-1     break it
#   docker compose -f docker-compose.cluster.yml logs -f node-2  watch
#   docker compose -f docker-compose.cluster.yml start node-1    the old primary comes back as a replica
#   docker compose -f docker-compose.cluster.yml down -v         stop, and remove the data
#
# Variables: VALKEY_IMAGE, VALKEY_PASSWORD, and, to run several side by side, COMPOSE_PROJECT_NAME with VALKEY_SUBNET and
# the ports. Each node listens on the same port inside and outside of its container. Clients on this machine need a map
# from the nodes' addresses to 127.0.0.1 (natMap, nodeAddressMap, addressResolver): see docs/guide-docker.md. For those that
# know no such map, VALKEY_CLIENT_ADDRESS=127.0.0.1 lets the nodes announce that address to clients (Valkey 8.0 and later);
# clients in containers of this network then do not find the nodes.
#
# Written by scripts/write-compose-files.ts; a test holds this file to it.
name: valkey-cluster

${COMMON_NODE}
${DATA_ENVIRONMENT}
services:
${plan.nodes.map((node) => nodeService(plan, node, places)).join("\n")}
${initServices(plan, places)}
${networkAndVolumes(plan, DEFAULTS, [
  "Fixed addresses: nodes know each other by address, and a restarted one shall come back at its own.",
])}`;
}

function nodeService(plan: Plan, node: NodePlan, places: ReadonlyMap<string, Place>): string {
  const own = places.get(node.name) as Place;
  return `  ${node.name}: # shard ${node.shard}, ${node.role}, on ${hostOf(plan, node)}
    <<: *node
    hostname: ${node.name}.${hostOf(plan, node)}
    environment:
      <<: *data
      NODE_CONF: |
        port ${own.port}
        cluster-announce-ip ${own.host}
        \${VALKEY_CLIENT_ADDRESS:+cluster-announce-client-ipv4 \${VALKEY_CLIENT_ADDRESS:-}}
${placed(node, own, "cluster/valkey.conf")}    healthcheck:
      test:
        - CMD-SHELL
        - >-
          ${LOG_IN};
          valkey-cli -p ${own.port} ping | grep -q PONG
${NODE_HEALTH_PACE}`;
}

/** `cluster-init` forms the cluster once; `cluster-health` tells by its health whether it can be used. */
function initServices(plan: Plan, places: ReadonlyMap<string, Place>): string {
  const members = plan.nodes.map((node) => {
    const { host, port } = places.get(node.name) as Place;
    return `        ${node.name} ${host} ${port} ${node.shard} ${hostOf(plan, node)}`;
  });
  const all = plan.nodes.map(({ name }) => `      ${name}: { condition: service_healthy }`);
  return `  cluster-init: # meets the nodes, gives out the slots, ties the replicas; does nothing to a cluster that is formed
    <<: *node
    environment: &init
      <<: *data
      # name address port shard host. The first of a shard becomes its primary; no shard may be all on one host.
      NODES: |
${members.join("\n")}
    command: [exec sh /init.sh form]
    volumes:
      - ./deploy/cluster/init.sh:/init.sh:ro
    tmpfs: [/data]
    depends_on:
${all.join("\n")}

  cluster-health:
    <<: *node
    environment: *init
    command: [exec sleep infinity]
    stop_signal: SIGKILL # it has nothing to save
    volumes:
      - ./deploy/cluster/init.sh:/init.sh:ro
    tmpfs: [/data]
    depends_on:
      cluster-init: { condition: service_completed_successfully }
    healthcheck:
      test: ["CMD-SHELL", "sh /init.sh check"]
      interval: 1s
      timeout: 5s
      retries: 3
`;
}

/** Hosts are names only, one for each shard or replica round: a replica is never on its primary's. */
function hostOf(plan: Plan, node: NodePlan): string {
  const shard = plan.shards.find((one) => one.shard === node.shard);
  const round = (shard?.replicas.indexOf(node.name) ?? -1) + 1; // 0: the primary
  const hosts = Math.max(plan.shards.length, ...plan.shards.map(({ replicas }) => 1 + replicas.length));
  return `host-${(((node.shard ?? 1) - 1 + round) % hosts) + 1}`;
}
