import { type ClientAccess, clientAccessOf } from "../../model/access.ts";
import { type NatMap, natMapOf } from "../../model/addresses.ts";
import type { Address, Plan, TopologyKind } from "../../model/plan.ts";
import { nodesOf } from "./topology-env.ts";

/** Where an application finds its servers, and what they ask of it. */
export interface Places {
  readonly kind: TopologyKind;
  /** The data nodes, in the order of the plan. */
  readonly nodes: readonly Address[];
  /** Empty in a cluster. */
  readonly sentinels: readonly Address[];
  /** By which name the Sentinels know the primary; none in a cluster. */
  readonly group?: string;
  /** The first node that starts as a primary. After a failover another one is. */
  readonly primary: Address;
  readonly access: ClientAccess;
  /** What a client must translate, where it cannot reach the addresses that the nodes announce. */
  readonly natMap?: NatMap;
}

/** The same of a plan. */
export function placesOf(plan: Plan): Places {
  const nodes = nodesOf(plan);
  const at = (role: "data" | "sentinel") =>
    nodes
      .filter((node) => (node.role === "sentinel") === (role === "sentinel"))
      .map(({ host, port }) => ({ host, port }));
  const primary = nodes.find(({ role }) => role === "primary");
  if (primary === undefined) throw new RangeError("the plan has no primary");
  return {
    kind: plan.kind,
    nodes: at("data"),
    sentinels: at("sentinel"),
    group: plan.sentinelGroup,
    primary: { host: primary.host, port: primary.port },
    access: clientAccessOf(plan) ?? {},
    natMap: natMapOf(plan),
  };
}

/** `host:port`, with commas between. */
export function addressList(addresses: readonly Address[], separator = ","): string {
  return addresses.map(({ host, port }) => `${host}:${port}`).join(separator);
}
