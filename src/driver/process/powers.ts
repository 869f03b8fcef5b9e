import type { Capability, Driver } from "../driver.ts";
import { lacksLinks } from "./fabric/addresses.ts";

const ALWAYS = ["pause", "data-files", "change-server"] as const;

/** What the process driver can do on this machine, and why not what it cannot. */
export function processPowers(whyNoLinks = lacksLinks()): Pick<Driver, "capabilities" | "lacks"> {
  return {
    capabilities: new Set<Capability>([
      ...ALWAYS,
      ...(whyNoLinks === undefined ? (["cut-links"] as const) : []),
    ]),
    lacks: (capability) => (capability === "cut-links" ? whyNoLinks : undefined),
  };
}

/** What can be done to an environment of that driver: links are cut only where a fabric was asked for. */
export function topologyPowers(hasFabric: boolean): ReadonlySet<Capability> {
  return new Set<Capability>([...ALWAYS, ...(hasFabric ? (["cut-links"] as const) : [])]);
}

/** Why links of an environment cannot be cut, where its driver could. */
export function lacksFabric(): string {
  return (
    lacksLinks() ??
    "It was started without power over its links: start one with valkey-drill up ha --links (or cluster)."
  );
}
