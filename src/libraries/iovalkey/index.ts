import { memberOfFamily } from "../ioredis-family/member.ts";
import type { ClientLibrary } from "../library.ts";
import { IOVALKEY_PROFILES } from "./profiles.ts";

/** iovalkey: the Valkey project's fork of ioredis 5. */
export const iovalkey: ClientLibrary<"iovalkey"> = memberOfFamily({
  name: "iovalkey",
  summary: "the Valkey project's fork of ioredis; Sentinel and Cluster",
  className: "Valkey",
  load: () => import("iovalkey"),
  connectsAtOnce: false,
  abilities: {
    subscribe: true,
    "subscribe-sharded": {
      why: "has one connection for all subscriptions, to any node of the cluster, which refuses other nodes' channels",
      issue: "https://github.com/valkey-io/iovalkey/blob/v0.4.0/lib/cluster/ClusterSubscriber.ts",
    },
    pin: true,
  },
  profiles: IOVALKEY_PROFILES,
});
