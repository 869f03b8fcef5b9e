import type { Admin } from "../valkey/admin.ts";
import { type Fault, NO_OPTIONS } from "./fault.ts";
import { changesNoRole } from "./roles.ts";

/**
 * Empties nodes behind replication's back, replicas too: their offsets still say that they have everything, so a
 * failover promotes them all the same. The data are gone; healing has nothing to undo.
 */
export const flush: Fault<"flush", typeof NO_OPTIONS> = {
  kind: "flush",
  summary: "FLUSHALL on single nodes, replicas too, behind replication's back; cannot be healed",
  needs: [],
  dataNodesOnly: true,
  options: NO_OPTIONS,
  means: changesNoRole,
  losesData: () => "at-once",
  label: (targets) => `${targets.join(", ")} emptied`,
  inject: async ({ admins }, targets) => {
    await Promise.all(targets.map((target) => empty(admins.of(target))));
  },
  heal: async () => {},
};

/** Even a replica; afterwards it refuses writes, or takes them, as before. */
async function empty(admin: Admin): Promise<void> {
  const setting = "replica-read-only";
  const [, before = "yes"] = (await admin.call(["CONFIG", "GET", setting])) as string[];
  try {
    await admin.pipeline([
      ["CONFIG", "SET", setting, "no"],
      ["FLUSHALL", "SYNC"],
    ]);
  } finally {
    await admin.call(["CONFIG", "SET", setting, before]);
  }
}
