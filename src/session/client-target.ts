import type { ClientTarget } from "../client/client.ts";
import { nodeOf, type RunningTopology } from "../driver/driver.ts";
import { clientAccessOf } from "../model/access.ts";
import { clientAddressOf, natMapOf } from "../model/addresses.ts";
import type { Address, Plan } from "../model/plan.ts";

/** The same of one that runs: names that lead elsewhere later do so for the client as well. */
export function liveTargetOf(topology: RunningTopology): ClientTarget {
  const target = targetOf(topology.plan);
  if (!target.natMap) return target;
  const natMap: Record<string, Address> = { ...target.natMap };
  topology.onRenamed?.((node, host) => {
    const { hostname, port } = nodeOf(topology.plan, node).endpoint;
    if (hostname !== undefined) natMap[`${hostname}:${port}`] = { host, port };
  });
  return { ...target, natMap };
}

/** What a client is told of a topology: its Sentinels, or all nodes of a cluster. */
export function targetOf(plan: Plan): ClientTarget {
  const endpoints = (role: string) =>
    plan.nodes.filter((node) => node.role === role).map((node) => clientAddressOf(node.endpoint));
  const natMap = natMapOf(plan);
  const access = clientAccessOf(plan);
  const zone = plan.clientZone;
  if (plan.kind === "ha")
    return {
      kind: "ha",
      sentinels: endpoints("sentinel"),
      group: plan.sentinelGroup as string,
      data: [...endpoints("primary"), ...endpoints("replica")],
      natMap,
      access,
      zone,
    };
  return {
    kind: "cluster",
    nodes: plan.nodes.map((node) => clientAddressOf(node.endpoint)),
    natMap,
    access,
    zone,
  };
}
