import { type BakeoffScenario, primaryOf } from "./scenario.ts";

const HOLD_MS = 5000;

/**
 * The primary shows an expired certificate, and all connections are dropped. Sentinels verify it as clients do, so another primary
 * takes over; the nodes of a cluster keep the bus links that they have, so nobody does, and the clients wait.
 */
export const certificate: BakeoffScenario = {
  name: "certificate",
  summary:
    "with TLS: the primary's certificate has expired, and all connections are dropped; 5 s later it is good again",
  topologies: ["ha", "cluster"],
  needs: ["data-files"],
  spec: { ha: { tls: true }, cluster: { tls: true } },
  run: async (cellContext) => {
    const expired = await cellContext.inject("certificate", [primaryOf(cellContext)], { problem: "expired" });
    const replaced = cellContext.plan.kind === "ha" ? await cellContext.untilReplaced(expired) : undefined;
    await cellContext.hold(HOLD_MS);
    await cellContext.heal(expired);
    await cellContext.untilWhole(expired.targets);
    return replaced === undefined ? {} : { replaced };
  },
};
