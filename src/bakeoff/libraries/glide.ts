import { openGlide } from "./glide-client.ts";
import type { Library, Setting } from "./library.ts";
import { importPackage } from "./packages.ts";

const DOCS = "https://glide.valkey.io";

const TUNED: readonly Setting[] = [
  {
    option: "requestTimeout",
    value: 2000,
    why: "A call may wait for two seconds, the reconnection within; by default for 250 ms.",
    docs: `${DOCS}/how-to/client-initialization/`,
  },
];

/** `new GlideClient` knows a primary and its replicas, but no Sentinel: after a failover it would have to be made anew. */
export const glide: Library = {
  name: "glide",
  packageName: "@valkey/valkey-glide",
  summary: "the Valkey project's client on a core in Rust; Cluster, no Sentinel",
  supports: {
    ha: {
      why: "knows no Sentinel",
      issue: "https://github.com/valkey-io/valkey-glide/issues/2761",
    },
    cluster: true,
  },
  profiles: {
    default: {
      ha: { settings: [], listensForErrors: true },
      cluster: {
        settings: [
          {
            option: "requestTimeout",
            value: 500,
            why: "As in the README's sample.",
            docs: "https://github.com/valkey-io/valkey-glide/blob/main/node/README.md#cluster-mode",
          },
        ],
        listensForErrors: true,
      },
    },
    tuned: {
      ha: { settings: [], listensForErrors: true },
      cluster: { settings: TUNED, listensForErrors: true },
    },
  },
  open: async (given) =>
    openGlide(await importPackage("@valkey/valkey-glide", () => import("@valkey/valkey-glide")), given),
};
