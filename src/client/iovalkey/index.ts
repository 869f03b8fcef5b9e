import type { ClientLibrary } from "../client.ts";
import { memberOfFamily } from "../ioredis-family/member.ts";

/** iovalkey: the Valkey project's fork of ioredis 5. */
export const iovalkey: ClientLibrary<"iovalkey"> = memberOfFamily(
  "iovalkey",
  "the Valkey project's fork of ioredis; Sentinel and Cluster",
);
