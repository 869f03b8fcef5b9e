import { z } from "zod";
import { DrillError } from "../model/errors.ts";
import type { Admin } from "../valkey/admin.ts";
import type { Fault, FaultContext } from "./fault.ts";
import { changesNoRole } from "./roles.ts";

const options = z.strictObject({
  match: z.string().min(1).default("*").describe("Pattern of the keys, as of SCAN."),
  keys: z
    .int()
    .min(2)
    .max(1000)
    .default(2)
    .describe("How many keys, at the most; fewer if there are not so many."),
});
type Options = z.infer<typeof options>;

/** SCAN stops looking after so many keys. */
const MOST_SCANNED = 100_000;
const SCAN_COUNT = 1000;

/**
 * Passes the values of some keys on to one another (of two keys: exchanges them), behind the clients' backs, as a
 * defect in a server or a careless hand may. Nobody is told, and every replica follows. What was there is not put back:
 * the clients have gone on from it.
 */
export const tamper: Fault<"tamper", typeof options> = {
  kind: "tamper",
  summary: "the values of keys are exchanged behind the clients' backs, and replicated; cannot be healed",
  needs: [],
  dataNodesOnly: true,
  options,
  means: changesNoRole,
  label: (targets, { keys }) => `values of ${keys} keys exchanged at ${targets.join(", ")}`,
  inject: async (context, targets, given) => {
    for (const target of targets) await exchange(context, target, given);
  },
  heal: async () => {},
};

async function exchange({ admins, random }: FaultContext, target: string, given: Options): Promise<void> {
  const admin = admins.of(target);
  const found = await keysAt(admin, given.match);
  const chosen: string[] = [];
  while (chosen.length < given.keys && found.length > 0) {
    chosen.push(...found.splice(random.below(found.length), 1));
  }
  const values = await admin.pipeline(chosen.map((key) => ["GET", key]));
  if (new Set(values).size < 2) {
    throw new DrillError(
      "NOT_READY",
      `${target} holds ${chosen.length} strings like ${given.match}: tamper needs two with different values`,
      { hint: "Let a workload write for a while before that step, or mend the pattern." },
    );
  }
  const next = (index: number) => values[(index + 1) % values.length] as string;
  await admin.pipeline(chosen.map((key, index) => ["SET", key, next(index), "KEEPTTL"]));
}

/** In an order of our own: that of SCAN differs from run to run. */
async function keysAt(admin: Admin, match: string): Promise<string[]> {
  const keys = new Set<string>();
  let cursor = "0";
  do {
    const scan = ["SCAN", cursor, "MATCH", match, "COUNT", SCAN_COUNT, "TYPE", "string"];
    const [next, some] = (await admin.call(scan)) as [string, string[]];
    for (const key of some) keys.add(key);
    cursor = next;
  } while (cursor !== "0" && keys.size < MOST_SCANNED);
  return [...keys].sort();
}
