/*
 * A fault of your own in one file: nodes forget the scripts that clients have loaded.
 *
 *   valkey-drill fault forget-scripts primary --plugin fault-forget-scripts.mjs
 *
 * It is a function, so that it need not find the packages valkey-drill and zod: it is given what it needs.
 */

/** @param {import("valkey-drill").PluginTools} tools */
export default function plugin({ z }) {
  const options = z.strictObject({
    sync: z.boolean().default(true).describe("false: the node forgets them in the background."),
  });

  /**
   * Scripts are not part of a replica's data: after a failover EVALSHA answers NOSCRIPT. This does it without a failover.
   *
   * @type {import("valkey-drill").Fault<"forget-scripts", typeof options>}
   */
  const forgetScripts = {
    kind: "forget-scripts",
    summary: "SCRIPT FLUSH: EVALSHA answers NOSCRIPT, as after a failover; nothing to heal",
    needs: [],
    dataNodesOnly: true,
    options,
    selfHealing: () => true,
    label: (targets) => `scripts of ${targets.join(", ")} forgotten`,
    inject: async ({ admins }, targets, { sync }) => {
      const flush = ["SCRIPT", "FLUSH", sync ? "SYNC" : "ASYNC"];
      await Promise.all(targets.map((target) => admins.of(target).call(flush)));
    },
    heal: async () => {},
  };

  return { faults: [forgetScripts] };
}
