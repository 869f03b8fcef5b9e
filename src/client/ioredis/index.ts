import type { ClientLibrary } from "../client.ts";
import { memberOfFamily } from "../ioredis-family/member.ts";

/** ioredis 6, of whose version 5 iovalkey is a fork. It speaks RESP3, and is told to reply as in RESP2, its default. */
export const ioredis: ClientLibrary<"ioredis"> = memberOfFamily(
  "ioredis",
  "the library that iovalkey was forked from; Sentinel and Cluster",
);
