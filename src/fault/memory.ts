import { z } from "zod";
import type { Admin } from "../valkey/admin.ts";
import { between, onDataNode } from "./explore.ts";
import type { Fault, FaultContext } from "./fault.ts";
import { onEach } from "./on-each.ts";
import { changesNoRole } from "./roles.ts";
import { change, type Settings, settingsNow } from "./settings.ts";

const options = z.strictObject({
  policy: z.enum(["noeviction", "allkeys-lru", "allkeys-lfu", "allkeys-random"]).default("noeviction"),
  percent: z
    .number()
    .min(0)
    .max(100)
    .default(50)
    .describe("How much still fits of what it has taken up since its start."),
});
type Options = z.infer<typeof options>;

const NAMES = ["maxmemory", "maxmemory-policy"];

/**
 * `maxmemory` is reached: less than what the data take. By its policy the node refuses writes (OOM) or evicts keys.
 * Replicas keep what their primary keeps (`replica-ignore-maxmemory`), so on a replica nothing shows until it is
 * promoted.
 */
export const memory: Fault<"memory", typeof options> = {
  kind: "memory",
  summary:
    "maxmemory is reached: writes are refused (OOM), or keys evicted by a policy; heal gives the room back",
  needs: [],
  dataNodesOnly: true,
  options,
  // Of writes that are refused: eviction would plant a loss.
  explore: onDataNode((random) => ({ percent: between(random, 0, 90) })),
  means: changesNoRole,
  losesData: ({ policy }) => (policy === "noeviction" ? undefined : "in-force"),
  label: (targets) => `${targets.join(", ")} out of memory`,
  inject: async (context, targets, given) => {
    const before = await onEach(
      targets,
      (target) => settingsNow(context.admins.of(target), NAMES),
      async () => {},
    );
    await context.remember(before);
    const heal = (target: string) => restore(context, target, before);
    await onEach(targets, (target) => fill(context.admins.of(target), given), heal);
    return before;
  },
  heal: async (context, targets, remembered) => {
    await Promise.all(targets.map((target) => restore(context, target, remembered)));
  },
};

/** What the server itself takes up still fits, and the given part of the rest, which is its data for the most part. */
async function fill(admin: Admin, { policy, percent }: Options): Promise<void> {
  const info = String(await admin.call(["INFO", "memory"]));
  const bytes = (name: string) => Number(new RegExp(`^${name}:(\\d+)`, "m").exec(info)?.[1]);
  const own = bytes("used_memory_startup");
  const limit = own + (bytes("used_memory") - own) * (percent / 100);
  await change(admin, { maxmemory: String(Math.floor(limit)), "maxmemory-policy": policy });
}

async function restore({ admins }: FaultContext, target: string, remembered: unknown): Promise<void> {
  const before = (remembered as Record<string, Settings> | undefined)?.[target];
  if (before) await change(admins.of(target), before);
}
