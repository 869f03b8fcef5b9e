import type { Cluster, Valkey } from "iovalkey";
import type { ClientOptions } from "../../../client/client.ts";
import type { ClientEventData } from "../../../model/observed.ts";

type Tell = NonNullable<ClientOptions["onEvent"]>;
type Role = ClientEventData["role"];

/** Tells of one connection: ready, and where to; lost, if it was ready; tried again. */
export function tellOfConnection(client: Valkey, role: Role, tell: Tell | undefined): void {
  if (!tell) return;
  let ready: { readonly address?: string } | undefined;
  client.on("ready", () => {
    ready = { address: peerOf(client) };
    tell({ event: "ready", role, ...ready });
  });
  client.on("close", () => {
    if (ready) tell({ event: "lost", role, ...ready });
    ready = undefined;
  });
  client.on("reconnecting", () => tell({ event: "reconnecting", role }));
}

/**
 * Tells of the connections of a cluster client, which come and go as it learns of nodes, and, after each look at the
 * slot map, of nodes to which it had sent no slots before.
 */
export function tellOfCluster(
  client: Cluster,
  ownersOf: () => ReadonlySet<string>,
  role: Role,
  tell: Tell | undefined,
): void {
  if (!tell) return;
  let owners: ReadonlySet<string> = new Set();
  client.on("+node", (node: Valkey) => tellOfConnection(node, role, tell));
  client.on("reconnecting", () => tell({ event: "reconnecting", role }));
  client.on("refresh", () => {
    const now = ownersOf();
    for (const address of now) {
      if (owners.size > 0 && !owners.has(address)) tell({ event: "rerouted", role, address });
    }
    owners = now;
  });
}

/** `host:port` of the other end; the library keeps its socket to itself. */
function peerOf(client: Valkey): string | undefined {
  const { stream } = client as unknown as { stream?: { remoteAddress?: string; remotePort?: number } };
  return stream?.remoteAddress === undefined ? undefined : `${stream.remoteAddress}:${stream.remotePort}`;
}
