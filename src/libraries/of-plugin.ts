import type { Support } from "../model/client-abilities.ts";
import { DrillError } from "../model/errors.ts";
import type { TopologyKind } from "../model/plan.ts";
import type { Profile } from "./application.ts";
import type { ClientLibrary } from "./library.ts";

/** A client library of a plugin: what drills need of one. */
export interface PluginClient<Name extends string = string>
  extends Omit<ClientLibrary<Name>, "open" | "profiles" | "errors" | "supports"> {
  readonly supports: Readonly<Record<TopologyKind, Support>>;
  /** What the library's own errors mean. Default: what is not known ends an operation `info`. */
  readonly errors?: ClientLibrary["errors"];
}

const NO_SETTINGS = { settings: [], listensForErrors: true };
const NO_PROFILE: Profile = { ha: NO_SETTINGS, cluster: NO_SETTINGS, dns: NO_SETTINGS };

/**
 * The library as the registry holds it. The bake-off runs none of a plugin: it plays each in a process that loads no
 * plugin.
 */
export function withoutBakeoff(client: PluginClient): ClientLibrary {
  const why = "comes from a plugin: drills can use it, the bake-off cannot";
  return {
    ...client,
    errors: client.errors ?? [],
    supports: { ...client.supports, dns: { why, issue: "See docs/guide.md, Plugins." } },
    profiles: { default: NO_PROFILE, tuned: NO_PROFILE },
    open: async () => {
      throw new DrillError("BAD_USAGE", `${client.name} ${why}`);
    },
  };
}
