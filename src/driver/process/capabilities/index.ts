import type { Capability } from "../../../model/capabilities.ts";
import type { Plan } from "../../../model/plan.ts";
import type { Driver } from "../../driver.ts";
import { lacksLinks } from "../fabric/addresses.ts";
import { lacksClock } from "./clock.ts";
import { lacksThrottle } from "./cpu.ts";
import { lacksFileLimit, lacksTracer } from "./disk.ts";
import { lacksNames } from "./names.ts";

interface Availability {
  /** Where the driver has it, for the guide. */
  readonly where: string;
  /** Why not on this machine; undefined: it has it. */
  lacks(): string | undefined;
}

/** By addresses such as 127.0.1.1. */
const WITH_ALIASES: Availability = {
  where: "Linux; elsewhere with addresses for the loopback",
  lacks: () => lacksLinks(),
};
const BY_ALIASES: readonly Capability[] = ["cut-links", "own-addresses"];
const EVERYWHERE: Availability = { where: "yes", lacks: () => undefined };

/** What the driver can do at best. */
const AVAILABILITY: Partial<Record<Capability, Availability>> = {
  pause: EVERYWHERE,
  "data-files": EVERYWHERE,
  "change-server": EVERYWHERE,
  "cut-links": WITH_ALIASES,
  "own-addresses": WITH_ALIASES,
  "resolve-names": {
    where: "Linux, with `libnss_wrapper` (Debian: libnss-wrapper)",
    lacks: () => lacksNames(),
  },
  "throttle-cpu": { where: "Linux", lacks: lacksThrottle },
  "limit-disk": { where: "Linux, with `prlimit` (util-linux)", lacks: lacksFileLimit },
  "slow-disk": {
    where: "Linux, with `strace`, and allowed to trace (root, or `ptrace_scope` 0)",
    lacks: lacksTracer,
  },
  "skew-clock": { where: "Linux on x86-64", lacks: lacksClock },
};

/** Where the process driver has which capability. */
export const PROCESS_CAPABILITIES: ReadonlyMap<Capability, string> = new Map(
  Object.entries(AVAILABILITY).map(([name, { where }]) => [name as Capability, where]),
);

/** What the process driver can do on this machine, and why not what it cannot. */
export function processCapabilities(
  whyNoLinks = lacksLinks(),
): Required<Pick<Driver, "capabilities" | "lacks">> {
  const lacks = (capability: Capability) =>
    BY_ALIASES.includes(capability) ? whyNoLinks : AVAILABILITY[capability]?.lacks();
  const has = [...PROCESS_CAPABILITIES.keys()].filter((one) => lacks(one) === undefined);
  return { capabilities: new Set(has), lacks };
}

/**
 * What can be done to an environment of that driver: to links only where a fabric was asked for, to addresses where
 * there are others.
 */
export function topologyCapabilities({ nodes }: Plan): ReadonlySet<Capability> {
  const { capabilities } = processCapabilities();
  const lacking = new Set<Capability>(BY_ALIASES);
  if (nodes.some(({ endpoint }) => endpoint.fabric)) lacking.delete("cut-links");
  if (nodes.some(({ endpoint }) => endpoint.fabric?.spare)) lacking.delete("own-addresses");
  return new Set([...capabilities].filter((one) => !lacking.has(one)));
}

/** Why an environment lacks what its driver has; undefined: the driver never has it. */
export function lacksHere(capability: Capability): string | undefined {
  if (capability === "cut-links") return lacksFabric();
  return (
    processCapabilities().lacks(capability) ?? (capability === "own-addresses" ? ONE_ADDRESS : undefined)
  );
}

const ONE_ADDRESS =
  "Its nodes have one address each. A drill gives them a second one: write a scenario, and start it with run.";

/** Why links of an environment cannot be cut, where its driver could. */
function lacksFabric(): string {
  return (
    lacksLinks() ??
    "It was started without power over its links: start one with valkey-drill up ha --links (or cluster)."
  );
}
