import { z } from "zod";
import { onDataNode, oneOf } from "./explore.ts";
import type { Fault, FaultContext } from "./fault.ts";
import { nodeActionOf } from "./node-action-of.ts";
import { onEach } from "./on-each.ts";
import { primariesMayLosePlace } from "./roles.ts";

const options = z.strictObject({
  data: z.enum(["keep", "lose"]).default("keep").describe("lose: it comes back empty, as from a lost disk."),
  graceful: z.boolean().default(false).describe("It is stopped in order, not killed."),
});
type Options = z.infer<typeof options>;

/**
 * Ended and started again at once, as a supervisor does. Without its data this is the famous empty primary: it is back
 * before anybody promotes a replica, and the replicas copy its emptiness. Nothing to heal.
 */
export const restart: Fault<"restart", typeof options> = {
  kind: "restart",
  summary: "killed and started again at once, with its data or without (data: lose); nothing to heal",
  needs: ["data-files"],
  options,
  // With its data: without them it would plant a loss.
  explore: onDataNode((random) => ({ graceful: oneOf(random, [true, false]) })),
  selfHealing: () => true,
  means: primariesMayLosePlace,
  losesData: () => "at-once",
  label: (targets, { data }) => `${targets.join(", ")} restarted${data === "lose" ? " without data" : ""}`,
  inject: async (context, targets, given) => {
    const start = (target: string) => context.topology.start(target);
    await onEach(targets, (target) => startAgain(context, target, given), start);
  },
  // It runs already, unless the fault was interrupted in the middle.
  heal: async ({ topology }, targets) => {
    await Promise.all(targets.map((target) => topology.start(target)));
  },
};

async function startAgain(
  { topology, admins }: FaultContext,
  target: string,
  { data, graceful }: Options,
): Promise<void> {
  const paths = data === "lose" ? await dataPaths({ admins }, target) : [];
  await (graceful ? topology.stop(target) : topology.kill(target));
  if (paths.length > 0) await nodeActionOf(topology, "inDataFolder")(target, `rm -rf -- ${paths.join(" ")}`);
  await topology.start(target);
}

/** What a node reads its data from when it starts, quoted for a shell. */
async function dataPaths({ admins }: Pick<FaultContext, "admins">, target: string): Promise<string[]> {
  const reply = await admins.of(target).call(["CONFIG", "GET", "appenddirname", "dbfilename"]);
  const [, first, , second] = reply as string[];
  return [first, second].filter((name) => name !== undefined).map((name) => `'${name}'`);
}
