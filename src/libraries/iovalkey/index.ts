import { memberOfFamily } from "../ioredis-family/member.ts";
import type { ClientLibrary } from "../library.ts";
import { IOVALKEY_PROFILES } from "./profiles.ts";

/** iovalkey: the Valkey project's fork of ioredis 5. */
export const iovalkey: ClientLibrary = memberOfFamily({
  name: "iovalkey",
  summary: "the Valkey project's fork of ioredis; Sentinel and Cluster",
  className: "Valkey",
  load: () => import("iovalkey"),
  connectsAtOnce: false,
  profiles: IOVALKEY_PROFILES,
});
