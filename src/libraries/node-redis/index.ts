import type { ClientLibrary } from "../library.ts";
import { importPackage, installedVersion } from "../packages.ts";
import { openNodeRedis } from "./application.ts";
import { NODE_REDIS_ERRORS } from "./errors.ts";
import { NODE_REDIS_HELP } from "./help.ts";
import { connectCluster } from "./one-attempt/cluster.ts";
import { connectSentinel } from "./one-attempt/sentinel.ts";
import { RECOVERY } from "./one-attempt/settings.ts";
import { subscribeNodeRedis } from "./one-attempt/subscribe.ts";
import { NODE_REDIS_PROFILES } from "./profiles.ts";
import { nodeRedisSnippet } from "./snippet.ts";

const load = () => importPackage("redis", () => import("redis"));

/** node-redis (npm `redis`): `createSentinel` and `createCluster`. */
export const nodeRedis: ClientLibrary<"node-redis"> = {
  name: "node-redis",
  packageName: "redis",
  version: installedVersion("redis"),
  summary: "the package redis: createSentinel and createCluster",
  supports: { ha: true, cluster: true, dns: true },
  abilities: { subscribe: true, "subscribe-sharded": true, pin: true },
  errors: NODE_REDIS_ERRORS,
  snippet: nodeRedisSnippet,
  tells: { whoAnswered: true, redirects: true, connections: true },
  recovery: RECOVERY,
  help: NODE_REDIS_HELP,
  connect: async (options, deadlineMs) => {
    const { target } = options;
    return target.kind === "ha"
      ? connectSentinel(await load(), target, options, deadlineMs)
      : connectCluster(await load(), target, options, deadlineMs);
  },
  subscribe: async (options, to, deadlineMs) => subscribeNodeRedis(await load(), options, to, deadlineMs),
  profiles: NODE_REDIS_PROFILES,
  open: async (given) => openNodeRedis(await load(), given),
};
