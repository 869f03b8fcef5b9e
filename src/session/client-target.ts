import type { ClientTarget } from "../client/client.ts";
import { clientAccessOf } from "../model/access.ts";
import { clientAddressOf, natMapOf } from "../model/addresses.ts";
import type { Plan } from "../model/plan.ts";

/** What a client is told of a topology: its Sentinels, or all nodes of a cluster. */
export function targetOf(plan: Plan): ClientTarget {
  const endpoints = (role: string) =>
    plan.nodes.filter((node) => node.role === role).map((node) => clientAddressOf(node.endpoint));
  const natMap = natMapOf(plan);
  const access = clientAccessOf(plan);
  if (plan.kind === "ha")
    return {
      kind: "ha",
      sentinels: endpoints("sentinel"),
      group: plan.sentinelGroup as string,
      data: [...endpoints("primary"), ...endpoints("replica")],
      natMap,
      access,
    };
  return { kind: "cluster", nodes: plan.nodes.map((node) => clientAddressOf(node.endpoint)), natMap, access };
}
