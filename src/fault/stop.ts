import { z } from "zod";
import { waitFor } from "../base/wait.ts";
import { type Admin, wasRefused } from "../valkey/admin.ts";
import { someNode } from "./explore.ts";
import type { Fault, FaultContext } from "./fault.ts";
import { onEach } from "./on-each.ts";
import { primariesMayLosePlace } from "./roles.ts";

const options = z.strictObject({
  wait: z
    .boolean()
    .default(true)
    .describe("Wait until the replicas have everything, for shutdown-timeout at most."),
  save: z
    .boolean()
    .optional()
    .describe("true: save an RDB file first; false: do not; default: as configured."),
});
type Options = z.infer<typeof options>;

/** What a node does at its end besides waiting: saving, closing files. */
const ENDING_MS = 10_000;
/** Valkey's default of `shutdown-timeout`, which a Sentinel does not tell. */
const DEFAULT_TIMEOUT_S = 10;

/** SHUTDOWN, as for maintenance: the node ends in order. Healed by starting it again. */
export const stop: Fault<"stop", typeof options> = {
  kind: "stop",
  summary: "SHUTDOWN, as for maintenance: a primary waits for its replicas first; heal starts it again",
  needs: [],
  options,
  explore: someNode,
  means: primariesMayLosePlace,
  losesData: () => "in-force",
  label: (targets) => `${targets.join(", ")} shut down`,
  inject: async (context, targets, given) => {
    const start = (target: string) => context.topology.start(target);
    await onEach(targets, (target) => shutDown(context, target, given), start);
  },
  heal: async ({ topology }, targets) => {
    await Promise.all(targets.map((target) => topology.start(target)));
  },
};

async function shutDown(
  { topology, admins, signal }: FaultContext,
  target: string,
  { wait, save }: Options,
): Promise<void> {
  if ((await topology.state(target)) === "stopped") return;
  const timeoutMs = (await shutdownTimeoutS(admins.of(target))) * 1000 + ENDING_MS;
  await topology.expectExit(target);
  const words = [...(save === undefined ? [] : [save ? "SAVE" : "NOSAVE"]), ...(wait ? [] : ["NOW"])];
  await admins
    .of(target)
    .call(["SHUTDOWN", ...words], timeoutMs)
    .catch((error: unknown) => {
      if (wasRefused(error)) throw error; // any other failure is the end of the connection, which is the answer
    });
  await waitFor(
    async () => {
      const state = await topology.state(target);
      return state === "stopped" ? { done: true, value: undefined } : { done: false, seen: state };
    },
    { what: `${target} to shut down`, timeoutMs: ENDING_MS, signal },
  );
  await topology.stop(target); // it has ended; this says that it is to stay so
}

async function shutdownTimeoutS(admin: Admin): Promise<number> {
  try {
    const [, seconds] = (await admin.call(["CONFIG", "GET", "shutdown-timeout"])) as string[];
    return Number(seconds ?? DEFAULT_TIMEOUT_S);
  } catch (error) {
    if (wasRefused(error)) return DEFAULT_TIMEOUT_S;
    throw error;
  }
}
