import { someNode } from "./explore.ts";
import { type Fault, NO_OPTIONS } from "./fault.ts";
import { primariesMayLosePlace } from "./roles.ts";

/** SIGSTOP: the process stands still and keeps its connections, as a frozen VM does. Healed by SIGCONT. */
export const pause: Fault<"pause", typeof NO_OPTIONS> = {
  kind: "pause",
  summary: "SIGSTOP, as a frozen machine: connections stay open, nothing answers; heal lets it go on",
  needs: ["pause"],
  options: NO_OPTIONS,
  explore: someNode,
  means: primariesMayLosePlace,
  label: (targets) => `${targets.join(", ")} paused`,
  inject: async ({ topology }, targets) => {
    await Promise.all(targets.map((target) => topology.pause(target)));
  },
  heal: async ({ topology }, targets) => {
    await Promise.all(targets.map((target) => topology.resume(target)));
  },
};
