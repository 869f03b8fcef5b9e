import { type Fault, NO_OPTIONS } from "./fault.ts";

/**
 * Empties nodes behind replication's back, replicas too: their offsets still say that they have everything, so a
 * failover promotes them all the same. The data are gone; healing has nothing to undo.
 */
export const flush: Fault = {
  kind: "flush",
  summary: "FLUSHALL on single nodes, replicas too, behind replication's back; cannot be healed",
  needs: [],
  options: NO_OPTIONS,
  label: (targets) => `${targets.join(", ")} emptied`,
  inject: async ({ admins }, targets) => {
    await Promise.all(
      targets.map((target) =>
        admins.of(target).pipeline([
          ["CONFIG", "SET", "replica-read-only", "no"],
          ["FLUSHALL", "SYNC"],
          ["CONFIG", "SET", "replica-read-only", "yes"],
        ]),
      ),
    );
  },
  heal: async () => {},
};
