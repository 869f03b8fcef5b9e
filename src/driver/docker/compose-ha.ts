import type { NodePlan, Plan } from "../../model/plan.ts";
import { SENTINEL_GROUP } from "../../topology/sentinel-lines.ts";
import {
  COMMON_NODE,
  type ComposeDefaults,
  DATA_ENVIRONMENT,
  indented,
  LOG_IN,
  NODE_HEALTH_PACE,
  networkAndVolumes,
  type Place,
  placed,
  placesOf,
} from "./compose-parts.ts";

const DEFAULTS: ComposeDefaults = {
  subnet: "10.213.1",
  port: (node, index) => (node.role === "sentinel" ? 26_379 - 1 + numberOf(node) : 6379 + index),
};

/** `docker-compose.ha.yml` for that plan's nodes. */
export function composeHa(plan: Plan): string {
  const places = placesOf(plan.nodes, DEFAULTS);
  const data = plan.nodes.filter((node) => node.program === "server");
  const services = plan.nodes.map((node) =>
    node.program === "server" ? dataService(plan, node, places) : sentinelService(plan, node, data, places),
  );
  return `# A primary, its replicas, and Sentinels that promote a replica when the primary is gone.
#
#   docker compose -f docker-compose.ha.yml up -d --wait       start; returns when a failover would work
#   docker compose -f docker-compose.ha.yml kill primary       break it
#   docker compose -f docker-compose.ha.yml logs -f sentinel-1 watch
#   docker compose -f docker-compose.ha.yml start primary      the old primary comes back as a replica
#   docker compose -f docker-compose.ha.yml down -v            stop, and remove the data
#
# Variables: VALKEY_IMAGE, VALKEY_PASSWORD (of the data nodes), and, to run several side by side, COMPOSE_PROJECT_NAME
# with VALKEY_SUBNET and the ports. Each node listens on the same port inside and outside of its container.
# Clients on this machine need a map from the nodes' addresses to 127.0.0.1 (natMap): see docs/guide.md.
#
# Written by scripts/write-compose-files.ts; a test holds this file to it.
name: valkey-ha

${COMMON_NODE}
${DATA_ENVIRONMENT}
services:
${services.join("\n")}
${networkAndVolumes(plan, DEFAULTS, [
  "Fixed addresses: the name of a killed container no longer resolves, and Sentinels that knew the nodes by name",
  "would lose them.",
])}`;
}

function dataService(plan: Plan, node: NodePlan, places: ReadonlyMap<string, Place>): string {
  const own = places.get(node.name) as Place;
  const primary = places.get("primary") as Place;
  const before = plan.nodes.filter(({ wave }) => wave === node.wave - 1);
  const follow = node.role === "replica" ? [`replicaof ${primary.host} ${primary.port}`] : [];
  return `  ${node.name}:
    <<: *node
    environment:
      <<: *data
      NODE_CONF: |
${indented([`port ${own.port}`, `replica-announce-ip ${own.host}`, ...follow], 8)}
${placed(node, own, "ha/valkey.conf")}${dependsOn(before)}    healthcheck:
      # A primary, or a replica whose link is up.
      test:
        - CMD-SHELL
        - >-
          ${LOG_IN};
          valkey-cli -p ${own.port} info replication | grep -Eq '^(role:master|master_link_status:up)'
${NODE_HEALTH_PACE}`;
}

function sentinelService(
  plan: Plan,
  node: NodePlan,
  data: readonly NodePlan[],
  places: ReadonlyMap<string, Place>,
): string {
  const own = places.get(node.name) as Place;
  const primary = places.get("primary") as Place;
  const { sentinelGroup: group = SENTINEL_GROUP } = plan;
  const replicas = data
    .filter(({ role }) => role === "replica")
    .map(({ name }) => places.get(name) as Place)
    .map(({ host, port }) => `sentinel known-replica ${group} ${host} ${port}`);
  const others = plan.nodes.filter(({ role }) => role === "sentinel").length - 1;
  const wanted = `num-slaves ${replicas.length} num-other-sentinels ${others}`;
  return `  ${node.name}:
    <<: *node
    environment:
      PROGRAM: valkey-sentinel
      VALKEY_PASSWORD: \${VALKEY_PASSWORD:-} # for auth-pass: how it logs in to the data nodes
      NODE_CONF: |
        port ${own.port}
        sentinel announce-ip ${own.host}
        # The last number is the quorum: so many Sentinels must agree that the primary is down.
        sentinel monitor ${group} ${primary.host} ${primary.port} ${plan.quorum}
${indented(replicas, 8)}
${placed(node, own, "ha/sentinel.conf")}${dependsOn(data)}    healthcheck:
      # It sees every replica and every other Sentinel (${wanted}), and enough Sentinels agree for a failover.
      test:
        - CMD-SHELL
        - >-
          valkey-cli -p ${own.port} sentinel ckquorum ${group} | grep -q ^OK &&
          valkey-cli -p ${own.port} sentinel master ${group} | paste -sd ' ' | grep -q '${wanted}'
${NODE_HEALTH_PACE}`;
}

function dependsOn(nodes: readonly NodePlan[]): string {
  if (nodes.length === 0) return "";
  const lines = nodes.map(({ name }) => `      ${name}: { condition: service_healthy }\n`);
  return `    depends_on:\n${lines.join("")}`;
}

function numberOf({ name }: NodePlan): number {
  return Number(name.slice(name.lastIndexOf("-") + 1));
}
