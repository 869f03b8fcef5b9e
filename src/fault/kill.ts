import { someNode } from "./explore.ts";
import { type Fault, NO_OPTIONS } from "./fault.ts";
import { primariesMayLosePlace } from "./roles.ts";

/** SIGKILL: the process is gone at once, its connections are reset, nothing is saved. Healed by starting it again. */
export const kill: Fault<"kill", typeof NO_OPTIONS> = {
  kind: "kill",
  summary: "SIGKILL, as a crash or the OOM killer does; heal starts the node again with the files it left",
  needs: [],
  options: NO_OPTIONS,
  explore: someNode,
  means: primariesMayLosePlace,
  losesData: () => "in-force",
  label: (targets) => `${targets.join(", ")} killed`,
  inject: async ({ topology }, targets) => {
    await Promise.all(targets.map((target) => topology.kill(target)));
  },
  heal: async ({ topology }, targets) => {
    await Promise.all(targets.map((target) => topology.start(target)));
  },
};
