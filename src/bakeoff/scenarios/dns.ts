import { OUR_DOMAIN } from "../child/names.ts";
import { comeBackAsReplica } from "./come-back.ts";
import type { BakeoffScenario } from "./scenario.ts";

const NAME = `primary${OUR_DOMAIN}`;
/**
 * How long after the promotion the name leads to the new primary. Managed services take seconds until they have changed
 * it, and those who keep answers some more: https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/AutoFailover.html
 */
const CHANGE_MS = 3000;

/**
 * What managed services give: one name that means the primary, and nothing that tells of a failover. The old primary is
 * back at once as a replica, while the name still leads to it: a client that reconnects in time is connected well,
 * reads well, and cannot write (READONLY). To find the new primary it must give up a connection that works, and ask for
 * the name's address once more.
 *
 * The client reaches the servers straight, each at an address of its own and all at one port; its process is told what
 * the name means (`child/names.ts`).
 */
export const dns: BakeoffScenario = {
  name: "dns",
  summary:
    "the client knows one DNS name of the primary, and no Sentinel; the primary is killed, and back as a replica " +
    "once another took over; the name leads to that one 3 s after it did",
  topologies: ["ha"],
  needs: ["own-addresses", "data-files"],
  links: { clients: false, ownAddresses: true },
  reach: "dns",
  target: (plan) => ({ kind: "dns", host: NAME, port: plan.nodes[0]?.endpoint.port ?? 0 }),
  names: (plan) => ({ [NAME]: plan.nodes[0]?.endpoint.host ?? "" }),
  run: async (cellContext) => {
    const killed = await cellContext.inject("kill", ["primary"]);
    const replaced = await cellContext.untilReplaced(killed);
    const primary = cellContext.ownerOf(0);
    if (!replaced || primary === undefined) return { replaced: false };
    await Promise.all([comeBackAsReplica(cellContext, killed), cellContext.hold(CHANGE_MS)]);
    const findableAt = cellContext.point(NAME, primary);
    await cellContext.untilWhole(killed.targets);
    return { replaced, findableAt };
  },
};
