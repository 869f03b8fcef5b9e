import type { BakeoffScenario } from "./scenario.ts";

const HOLD_MS = 5000;
const USERS = { users: { application: {}, replication: {}, sentinel: {} } };

/**
 * The application's user has another password at every node, and its connections are dropped: a rotation that
 * the application was
 * not told of. No server is down and nobody is promoted; the library must go on trying until the password is
 * right again.
 */
export const rotation: BakeoffScenario = {
  name: "rotation",
  summary:
    "with users: the application's password changes at every node, and it is thrown out; 5 s later the old one " +
    "holds again",
  topologies: ["ha", "cluster"],
  needs: [],
  spec: { ha: { auth: USERS }, cluster: { auth: USERS } },
  run: async (cellContext) => {
    const data = cellContext.plan.nodes.filter(({ program }) => program === "server").map(({ name }) => name);
    const nodes = cellContext.plan.kind === "ha" ? ["primary", "replicas"] : data;
    const rotated = await cellContext.inject("credentials", nodes, { user: "application", order: "wrong" });
    await cellContext.hold(HOLD_MS);
    await cellContext.heal(rotated);
    await cellContext.untilWhole(rotated.targets);
    return {};
  },
};
