import { type Look, waitFor } from "../../base/wait.ts";
import { nodeOf } from "../../driver/driver.ts";
import { DrillError } from "../../model/errors.ts";
import type { ActiveFault } from "../../session/active-faults.ts";
import { targetOf } from "../../session/client-target.ts";
import { pairsOf } from "../../valkey/replies.ts";
import type { CellContext } from "../cell-context.ts";
import { comeBackAsReplica } from "./come-back.ts";
import { type BakeoffScenario, primaryOf } from "./scenario.ts";

/** A Sentinel asks the primary for its replicas every 10 s. */
const TOLD_MS = 25_000;
/** By then calls that waited for the first kill have ended, and its outage is told apart from that of the second. */
const BETWEEN_MS = 3000;

/**
 * As when a pod or a virtual machine was replaced: the node is the same, with its name, its data and (in a cluster) its
 * id, and its address is another. It was the primary, comes back as a replica, and is the primary again once the one
 * that took its place is gone too. From all that a client learned before, nothing leads to it, and the address where it
 * was refuses all calls: the client must take what Sentinels, or the other nodes, say now. In a cluster that address is
 * the only one that the client was given, so that what it was told at its start leads nowhere.
 *
 * Outages are measured from the second kill on. The server is where it was all the time; what changes is where it can
 * be called (`RunningTopology.changeAddress`).
 */
export const newAddress: BakeoffScenario = {
  name: "new-address",
  summary:
    "the primary is killed, replaced, and back as a replica at another address; then the one that took over is " +
    "killed, so that it is primary again",
  topologies: ["ha", "cluster"],
  needs: ["own-addresses", "data-files"],
  spec: { ha: { replicas: 1 } },
  links: { clients: true, ownAddresses: true },
  target: (plan) => {
    const target = targetOf(plan);
    return target.kind === "cluster" ? { ...target, nodes: target.nodes.slice(0, 1) } : target;
  },
  run: async (cellContext) => {
    const first = await cellContext.inject("kill", [primaryOf(cellContext)]);
    if (!(await cellContext.untilReplaced(first))) return { replaced: false };
    await comeBackElsewhere(cellContext, first);
    await cellContext.untilClientIsWell();
    await cellContext.hold(BETWEEN_MS);
    const second = await cellContext.inject("kill", [primaryOf(cellContext)]);
    return { replaced: await cellContext.untilReplaced(second), since: second.id };
  },
};

async function comeBackElsewhere(cellContext: CellContext, killed: ActiveFault): Promise<void> {
  const { topology, signal } = cellContext.session;
  const { plan } = cellContext;
  for (const target of killed.targets) {
    if (!topology.changeAddress) throw new DrillError("LACKS_CAPABILITY", "addresses cannot be changed");
    await topology.changeAddress(target);
  }
  await comeBackAsReplica(cellContext, killed);
  await cellContext.untilWhole(killed.targets);
  const hosts = killed.targets.map((target) => nodeOf(plan, target).endpoint.fabric?.spare?.host ?? "");
  const tellers = plan.nodes.filter(({ role }) => plan.kind === "cluster" || role === "sentinel");
  await Promise.all(
    tellers.map(({ name }) =>
      waitFor(() => isToldOf(cellContext, name, hosts), {
        what: `${name} to tell of the new address`,
        timeoutMs: TOLD_MS,
        intervalMs: 50,
        signal,
      }),
    ),
  );
}

/** Would this Sentinel, or node of the cluster, tell clients that replicas are there, and are well? */
async function isToldOf(
  cellContext: CellContext,
  teller: string,
  hosts: readonly string[],
): Promise<Look<undefined>> {
  const { plan, session } = cellContext;
  const admin = session.admins.of(teller);
  let told: (string | undefined)[];
  if (plan.kind === "ha") {
    const replicas = (await admin.call(["SENTINEL", "REPLICAS", plan.sentinelGroup ?? ""])) as string[][];
    const well = replicas
      .map(pairsOf)
      .filter((one) => one.get("flags") === "slave" && one.get("master-link-status") === "ok");
    told = well.map((one) => one.get("ip"));
  } else {
    const rows = (await admin.call(["CLUSTER", "SLOTS"])) as [number, number, unknown, ...[host: string][]][];
    told = rows.flatMap(([, , , ...replicas]) => replicas.map(([host]) => host));
  }
  return hosts.every((host) => told.includes(host))
    ? { done: true, value: undefined }
    : { done: false, seen: `replicas: ${told.join(", ") || "none"}` };
}
