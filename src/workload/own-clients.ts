import type { DrillClient } from "../client/client.ts";
import type { WorkloadContext } from "./workload.ts";

/**
 * So many clients of a workload's own for the time of its work; however that ends, they are closed.
 *
 * @throws what the work throws, or what kept one from connecting: then there is no work
 */
export async function withOwnClients(
  { connect }: Pick<WorkloadContext, "connect">,
  count: number,
  work: (clients: readonly DrillClient[]) => Promise<void>,
): Promise<void> {
  const connecting = await Promise.allSettled(Array.from({ length: count }, () => connect({})));
  const clients = connecting.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  try {
    for (const one of connecting) if (one.status === "rejected") throw one.reason;
    await work(clients);
  } finally {
    await Promise.all(clients.map((client) => client.close()));
  }
}
