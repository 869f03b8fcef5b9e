import type { Cluster, Valkey } from "iovalkey";

/**
 * Disconnects for good. A cluster client's look at the slot map that is under way would start its timer again, for
 * ever.
 */
export function shutDown(client: Valkey | Cluster): void {
  client.disconnect();
  if ("refreshSlotsCache" in client) client.refreshSlotsCache = () => {};
}
