import type { Address, Endpoint, NodePlan, Plan } from "./plan.ts";

/** Where the other nodes reach it, and what they call it. */
export function announcedOf(endpoint: Endpoint): Address {
  return endpoint.announced ?? endpoint;
}

/** What the other nodes of an HA topology call it: its name, if it has one. */
export function calledOf(endpoint: Endpoint): Address {
  return namedOf(endpoint) ?? announcedOf(endpoint);
}

/** The names that servers of that plan must resolve, and where each leads: in HA, where they have names. */
export function namesIn({ kind, nodes }: Plan): ReadonlyMap<string, string> {
  if (kind !== "ha") return new Map(); // nodes of a cluster call each other by address
  return new Map(
    nodes.flatMap(({ endpoint }) =>
      endpoint.hostname === undefined ? [] : [[endpoint.hostname, announcedOf(endpoint).host] as const],
    ),
  );
}

function namedOf(endpoint: Endpoint): Address | undefined {
  return endpoint.hostname === undefined
    ? undefined
    : { host: endpoint.hostname, port: announcedOf(endpoint).port };
}

/** The node at an address, be it one that nodes announce, by number or by name, or one that clients use. */
export function nodeAt(plan: Plan, host: string, port: number): NodePlan | undefined {
  return (
    plan.nodes.find(({ endpoint }) => isAt(announcedOf(endpoint), host, port)) ??
    plan.nodes.find(({ endpoint }) => isAt(calledOf(endpoint), host, port)) ??
    plan.nodes.find(({ endpoint }) => isAt(endpoint, host, port)) ??
    plan.nodes.find(({ endpoint }) => isAt(clientAddressOf(endpoint), host, port)) ??
    plan.nodes.find(({ endpoint: { fabric } }) => fabric?.spare && isAt(fabric.spare, host, port))
  );
}

/**
 * Names of nodes by their `host:port`, be it the one that nodes announce or one that clients use. An address that means
 * two nodes is left out.
 */
export function nodeNames({ nodes }: Plan): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  const several = new Set<string>();
  for (const { name, endpoint } of nodes) {
    const spare = endpoint.fabric?.spare ?? endpoint;
    const places = [announcedOf(endpoint), calledOf(endpoint), endpoint, clientAddressOf(endpoint), spare];
    for (const { host, port } of places) {
      const address = `${host}:${port}`;
      const other = names.get(address) ?? name;
      if (other !== name) several.add(address);
      names.set(address, name);
    }
  }
  for (const address of several) names.delete(address);
  return names;
}

/** Where clients reach it, if they can translate what the nodes announce. */
export function clientAddressOf(endpoint: Endpoint): Address {
  const { fabric } = endpoint;
  const { host, port } = fabric?.clients ? (fabric.published ?? announcedOf(endpoint)) : endpoint;
  return { host, port };
}

/** From `host:port` as the nodes announce it to where clients must go. */
export type NatMap = Readonly<Record<string, Address>>;

/** What clients of that plan must translate; undefined if they can use announced addresses as they are. */
export function natMapOf(plan: Plan): NatMap | undefined {
  const entries = plan.nodes.flatMap(({ endpoint }) => {
    const reached = clientAddressOf(endpoint);
    return [announcedOf(endpoint), calledOf(endpoint)].flatMap((told) =>
      isAt(told, reached.host, reached.port) ? [] : [[`${told.host}:${told.port}`, reached] as const],
    );
  });
  return entries.length > 0 ? Object.fromEntries(entries) : undefined;
}

function isAt(address: Address, host: string, port: number): boolean {
  return address.host === host && address.port === port;
}
