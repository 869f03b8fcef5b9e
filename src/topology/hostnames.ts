import { groupBy } from "../base/group-by.ts";
import { announcedOf, clientAddressOf } from "../model/addresses.ts";
import { DrillError } from "../model/errors.ts";
import type { Endpoint, NodePlan } from "../model/plan.ts";
import { settingName } from "../model/setting-name.ts";
import { type Directives, valuesOf } from "./config-text.ts";
import type { ClusterSpec, TopologySpec } from "./spec.ts";

/** Nobody outside has such a name: https://www.rfc-editor.org/rfc/rfc6761#section-6.2 */
const DEFAULT_DOMAIN = "drill.test";

type EndpointType = "ip" | "hostname" | "unknown-endpoint";

/** The name that this node announces; `undefined`: its address. */
function hostnameOf(spec: TopologySpec, node: string): string | undefined {
  const { hostnames } = spec;
  if (typeof hostnames === "string") return `${node}.${hostnames}`;
  const own = spec.kind === "cluster" ? given(spec.config, "cluster-announce-hostname") : undefined;
  if (own !== undefined && own !== "") return own;
  const needed = spec.kind === "cluster" && endpointTypeOf(spec) === "hostname";
  return hostnames || needed ? `${node}.${DEFAULT_DOMAIN}` : undefined;
}

/** Where a node is, with the name that it announces. */
export function named(spec: TopologySpec, node: string, endpoint: Endpoint): Endpoint {
  const hostname = hostnameOf(spec, node);
  return hostname === undefined ? endpoint : { ...endpoint, hostname };
}

/** How a node of a cluster tells clients of others, where it has a name. */
export function hostnameDirectives(hostname: string | undefined, spec: ClusterSpec): Directives {
  if (hostname === undefined) return {};
  return {
    "cluster-announce-hostname": hostname,
    ...(spec.hostnames && { "cluster-preferred-endpoint-type": "hostname" }),
  };
}

/**
 * Could a client tell the nodes of that cluster apart by what they announce?
 *
 * @throws DrillError `BAD_CONFIG`
 */
export function checkNames(spec: ClusterSpec, nodes: readonly Pick<NodePlan, "endpoint">[]): void {
  const named = groupBy(nodes, ({ endpoint }) => `${endpoint.hostname}:${announcedOf(endpoint).port}`);
  const [shared] = [...named].find(([, some]) => some.length > 1) ?? [];
  if (shared !== undefined && endpointTypeOf(spec) === "hostname")
    throw new DrillError(
      "BAD_CONFIG",
      `topology.config.cluster-announce-hostname: several nodes would be ${shared}, one for clients`,
      {
        hint: "No client could tell them apart. Let the drill name the nodes: topology.hostnames: true, or a domain.",
      },
    );
  const hosts = new Set(nodes.map(({ endpoint }) => clientAddressOf(endpoint).host));
  if (endpointTypeOf(spec) === "unknown-endpoint" && hosts.size > 1)
    throw new DrillError(
      "BAD_CONFIG",
      "topology.config.cluster-preferred-endpoint-type: unknown-endpoint sends clients to the host that they asked, " +
        "and here each node has an address of its own",
      { hint: "Leave it out, or leave out the faults on links and addresses." },
    );
}

function endpointTypeOf(spec: ClusterSpec): EndpointType {
  const own = given(spec.config, "cluster-preferred-endpoint-type")?.toLowerCase();
  return (own ?? (spec.hostnames ? "hostname" : "ip")) as EndpointType;
}

/** Of a directive that is given twice the last counts. */
function given(config: Directives, wanted: string): string | undefined {
  const [, value] = Object.entries(config).findLast(([name]) => settingName(name) === wanted) ?? [];
  return valuesOf(value)
    .at(-1)
    ?.replace(/^(["'])(.*)\1$/, "$2");
}
