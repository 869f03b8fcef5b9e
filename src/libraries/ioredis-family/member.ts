import type { ClientLibrary } from "../library.ts";
import { importPackage, installedVersion } from "../packages.ts";
import { openFamily } from "./application.ts";
import { FAMILY_ERRORS } from "./errors.ts";
import type { Family } from "./family.ts";
import { familyHelp } from "./help.ts";
import { connectCluster } from "./one-attempt/cluster.ts";
import { connectSentinel } from "./one-attempt/sentinel.ts";
import { RECOVERY } from "./one-attempt/settings.ts";
import { subscribeFamily } from "./one-attempt/subscribe.ts";
import { familyPatience } from "./patience.ts";
import { familySnippet } from "./snippet.ts";

/** What the libraries of the family do not have in common. */
export interface Member<Name extends string>
  extends Pick<ClientLibrary, "summary" | "profiles" | "abilities">,
    Pick<Family, "connectsAtOnce"> {
  readonly name: Name;
  /** Name of its class for a single server, and for Sentinel. */
  readonly className: string;
  readonly load: () => Promise<unknown>;
}

/** A library of the family, all of it. */
export function memberOfFamily<Name extends string>({
  name,
  summary,
  profiles,
  abilities,
  connectsAtOnce,
  className,
  load,
}: Member<Name>): ClientLibrary<Name> {
  const family = async (): Promise<Family> => ({
    ...((await importPackage(name, load)) as Omit<Family, "connectsAtOnce">),
    connectsAtOnce,
  });
  return {
    name,
    packageName: name,
    version: installedVersion(name),
    summary,
    supports: { ha: true, cluster: true, dns: true },
    abilities,
    errors: FAMILY_ERRORS,
    snippet: (target) => familySnippet(target, name, className),
    tells: { whoAnswered: true, redirects: true, connections: true },
    recovery: RECOVERY,
    help: familyHelp(name),
    patience: familyPatience,
    connect: async (options, deadlineMs) => {
      const { target } = options;
      return target.kind === "ha"
        ? connectSentinel(await family(), target, options, deadlineMs)
        : connectCluster(await family(), target, options, deadlineMs);
    },
    subscribe: async (options, to, deadlineMs) => subscribeFamily(await family(), options, to, deadlineMs),
    profiles,
    open: async (given) => openFamily(await family(), given),
  };
}
