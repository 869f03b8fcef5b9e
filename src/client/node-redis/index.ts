import type { ClientLibrary } from "../client.ts";
import { importPackage, installedVersion } from "../packages.ts";
import { SNIPPETS } from "../snippets.ts";
import { connectCluster } from "./cluster.ts";
import { connectSentinel } from "./sentinel.ts";
import { RECOVERY } from "./settings.ts";

/** node-redis (npm `redis`): `createSentinel` and `createCluster`. */
export const nodeRedis: ClientLibrary<"node-redis"> = {
  name: "node-redis",
  packageName: "redis",
  version: installedVersion("redis"),
  summary: "the package redis: createSentinel and createCluster",
  supports: { ha: true, cluster: true },
  recovery: RECOVERY,
  snippet: SNIPPETS["node-redis"],
  connect: async (options, deadlineMs) => {
    const package_ = await importPackage("redis", () => import("redis"));
    return options.target.kind === "ha"
      ? connectSentinel(package_, options.target, options, deadlineMs)
      : connectCluster(package_, options.target, options, deadlineMs);
  },
};
