import type { ClientLibrary } from "../client.ts";
import { installedVersion } from "../packages.ts";
import { SNIPPETS } from "../snippets.ts";
import { connectCluster } from "./cluster.ts";
import { type FamilyName, loadFamily } from "./family.ts";
import { connectSentinel } from "./sentinel.ts";
import { RECOVERY } from "./settings.ts";

/** A library of the family as one that drills can be run with. */
export function memberOfFamily<Name extends FamilyName>(name: Name, summary: string): ClientLibrary<Name> {
  return {
    name,
    packageName: name,
    version: installedVersion(name),
    summary,
    supports: { ha: true, cluster: true },
    recovery: RECOVERY,
    snippet: SNIPPETS[name],
    connect: async (options, deadlineMs) => {
      const family = await loadFamily(name);
      return options.target.kind === "ha"
        ? connectSentinel(family, options.target, options, deadlineMs)
        : connectCluster(family, options.target, options, deadlineMs);
    },
  };
}
