import type { ClientLibrary } from "../library.ts";
import { importPackage, installedVersion } from "../packages.ts";
import { openGlide } from "./application.ts";
import { GLIDE_ERRORS } from "./errors.ts";
import { GLIDE_HELP } from "./help.ts";
import { connectGlide, RECOVERY } from "./one-attempt.ts";
import { GLIDE_PROFILES } from "./profiles.ts";
import { glideSnippet } from "./snippet.ts";
import { subscribeGlide } from "./subscribe.ts";

const load = () => importPackage("@valkey/valkey-glide", () => import("@valkey/valkey-glide"));

/**
 * GLIDE. `new GlideClient` knows a primary and its replicas, but no Sentinel: after a failover it would have to be made
 * anew.
 */
export const glide: ClientLibrary<"glide" | "valkey-glide"> = {
  name: "glide",
  otherNames: ["valkey-glide"],
  packageName: "@valkey/valkey-glide",
  version: installedVersion("@valkey/valkey-glide"),
  summary: "the Valkey project's client on a core in Rust; Cluster, no Sentinel",
  supports: {
    ha: { why: "knows no Sentinel", issue: "https://github.com/valkey-io/valkey-glide/issues/2761" },
    cluster: true,
    dns: {
      why: "resolves names in its native core, where the bake-off cannot give one an address",
      issue: "https://github.com/valkey-io/valkey-glide/tree/main/glide-core",
    },
  },
  showsCertificate: {
    why: "has no option for a certificate of its own in Node.js",
    issue: "https://github.com/valkey-io/valkey-glide/blob/v2.5.2/node/src/BaseClient.ts",
  },
  abilities: {
    subscribe: true,
    "subscribe-sharded": true,
    pin: {
      why: "replaces a lost connection unseen, and then does the transaction without what was watched",
      issue: "https://github.com/valkey-io/valkey-glide/blob/v2.5.2/node/src/GlideClusterClient.ts",
    },
  },
  errors: GLIDE_ERRORS,
  snippet: glideSnippet,
  tells: { whoAnswered: false, redirects: false, connections: false },
  recovery: RECOVERY,
  help: GLIDE_HELP,
  patience: (_kind, { requestTimeout = 250 }) => ({
    ms: Number(requestTimeout),
    setting: "requestTimeout",
    value: String(requestTimeout),
  }),
  connect: async (options, deadlineMs) => connectGlide(await load(), options, deadlineMs),
  subscribe: async (options, to, deadlineMs) => subscribeGlide(await load(), options, to, deadlineMs),
  profiles: GLIDE_PROFILES,
  open: async (given) => openGlide(await load(), given),
};
