import { memberOfFamily } from "../ioredis-family/member.ts";
import type { ClientLibrary } from "../library.ts";
import { IOREDIS_PROFILES } from "./profiles.ts";

/** ioredis 6, of whose version 5 iovalkey is a fork. It speaks RESP3, and is told to reply as in RESP2, its default. */
export const ioredis: ClientLibrary<"ioredis"> = memberOfFamily({
  name: "ioredis",
  summary: "the library that iovalkey was forked from; Sentinel and Cluster",
  className: "Redis",
  load: () => import("ioredis"),
  connectsAtOnce: true,
  abilities: { subscribe: true, "subscribe-sharded": true, pin: true },
  profiles: IOREDIS_PROFILES,
});
