import { DrillError } from "../model/errors.ts";
import { someNode } from "./explore.ts";
import { type Fault, NO_OPTIONS } from "./fault.ts";
import { primariesMayLosePlace } from "./roles.ts";

/**
 * The node's network is gone, for other nodes and clients alike, while its process runs on. Healed by giving it back.
 */
export const disconnect: Fault<"disconnect", typeof NO_OPTIONS> = {
  kind: "disconnect",
  summary:
    "takes a node off its network (docker only): it runs on, and nobody reaches it; heal gives the network back",
  needs: ["disconnect"],
  options: NO_OPTIONS,
  explore: someNode,
  means: primariesMayLosePlace,
  label: (targets) => `${targets.join(", ")} off the network`,
  inject: async ({ topology }, targets) => {
    await Promise.all(
      targets.map((target) => {
        if (topology.disconnect) return topology.disconnect(target);
        throw new DrillError("LACKS_CAPABILITY", "only nodes that run in Docker can be disconnected");
      }),
    );
  },
  heal: async ({ topology }, targets) => {
    await Promise.all(targets.map((target) => topology.connect?.(target)));
  },
};
