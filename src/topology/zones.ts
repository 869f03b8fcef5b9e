import { didYouMean } from "../base/nearest.ts";
import { DrillError } from "../model/errors.ts";
import type { NodePlan, Plan } from "../model/plan.ts";
import type { TopologySpec } from "./spec.ts";

/**
 * The same plan, with the zone of each node and that of the clients. Of a list of zones, the primary of shard N is in
 * the Nth, its replicas in the next ones, in turn; so are Sentinels.
 *
 * @throws DrillError `BAD_SCENARIO` for a node that is not there, in no zone, or in several
 */
export function inZones(plan: Plan, { zones, clientZone }: Pick<TopologySpec, "zones" | "clientZone">): Plan {
  const names = Array.isArray(zones) ? zones : Object.keys(zones ?? {});
  if (clientZone !== undefined && !names.includes(clientZone))
    throw bad("clientZone", `there is no zone "${clientZone}".${didYouMean(clientZone, names)}`);
  if (!zones) return plan;
  const zoneOf = Array.isArray(zones) ? spread(plan, zones) : given(plan, zones);
  return {
    ...plan,
    nodes: plan.nodes.map((node) => ({ ...node, zone: zoneOf(node) })),
    ...(clientZone !== undefined && { clientZone }),
  };
}

function spread({ nodes }: Plan, zones: readonly string[]): (node: NodePlan) => string {
  return (node) => {
    const alike = nodes.filter(
      ({ program, shard }) =>
        program === node.program && (node.program === "sentinel" || shard === node.shard),
    );
    const at = alike.indexOf(node) + (node.shard ?? 1) - 1;
    return zones[at % zones.length] as string;
  };
}

function given(
  { nodes }: Plan,
  zones: Readonly<Record<string, readonly string[]>>,
): (node: NodePlan) => string {
  const names = nodes.map(({ name }) => name);
  for (const [zone, members] of Object.entries(zones))
    for (const member of members)
      if (!names.includes(member))
        throw bad(`zones.${zone}`, `there is no node "${member}".${didYouMean(member, names)}`);
  return ({ name }) => {
    const [own, ...others] = Object.entries(zones).flatMap(([zone, members]) =>
      members.flatMap((member) => (member === name ? [zone] : [])),
    );
    if (own === undefined) throw bad("zones", `${name} is in no zone`);
    if (others.length > 0) throw bad("zones", `${name} is in several zones: ${[own, ...others].join(", ")}`);
    return own;
  };
}

/** The same plan, with `availability-zone` in the configuration of the nodes whose servers know that directive. */
export function tellingZones(plan: Plan, knowsZones: (node: string) => boolean): Plan {
  return {
    ...plan,
    nodes: plan.nodes.map((node) => {
      if (node.zone === undefined || node.program !== "server" || !knowsZones(node.name)) return node;
      const text = `${node.files["node.conf"] ?? ""}availability-zone ${node.zone}\n`;
      return { ...node, files: { ...node.files, "node.conf": text } };
    }),
  };
}

function bad(field: string, problem: string): DrillError {
  return new DrillError("BAD_SCENARIO", `topology.${field}: ${problem}`);
}
