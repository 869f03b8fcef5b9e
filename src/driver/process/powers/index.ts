import type { Capability, Driver } from "../../driver.ts";
import { lacksLinks } from "../fabric/addresses.ts";
import { lacksClock } from "./clock.ts";
import { lacksThrottle } from "./cpu.ts";
import { lacksFileLimit, lacksTracer } from "./disk.ts";

interface Power {
  /** Where the driver has it, for the guide. */
  readonly where: string;
  /** Why not on this machine; undefined: it has it. */
  lacks(): string | undefined;
}

const EVERYWHERE: Power = { where: "yes", lacks: () => undefined };

/** What the driver can do at best. */
const POWERS: Partial<Record<Capability, Power>> = {
  pause: EVERYWHERE,
  "data-files": EVERYWHERE,
  "change-server": EVERYWHERE,
  "cut-links": { where: "Linux; elsewhere with addresses for the loopback", lacks: () => lacksLinks() },
  "throttle-cpu": { where: "Linux", lacks: lacksThrottle },
  "limit-disk": { where: "Linux, with `prlimit` (util-linux)", lacks: lacksFileLimit },
  "slow-disk": {
    where: "Linux, with `strace`, and allowed to trace (root, or `ptrace_scope` 0)",
    lacks: lacksTracer,
  },
  "skew-clock": { where: "Linux on x86-64", lacks: lacksClock },
};

/** Where the process driver has which power. */
export const PROCESS_CAPABILITIES: ReadonlyMap<Capability, string> = new Map(
  Object.entries(POWERS).map(([name, { where }]) => [name as Capability, where]),
);

/** What the process driver can do on this machine, and why not what it cannot. */
export function processPowers(whyNoLinks = lacksLinks()): Required<Pick<Driver, "capabilities" | "lacks">> {
  const lacks = (capability: Capability) =>
    capability === "cut-links" ? whyNoLinks : POWERS[capability]?.lacks();
  const has = [...PROCESS_CAPABILITIES.keys()].filter((one) => lacks(one) === undefined);
  return { capabilities: new Set(has), lacks };
}

/** What can be done to an environment of that driver: links are cut only where a fabric was asked for. */
export function topologyPowers(hasFabric: boolean): ReadonlySet<Capability> {
  const { capabilities } = processPowers();
  return new Set([...capabilities].filter((one) => one !== "cut-links" || hasFabric));
}

/** Why links of an environment cannot be cut, where its driver could. */
export function lacksFabric(): string {
  return (
    lacksLinks() ??
    "It was started without power over its links: start one with valkey-drill up ha --links (or cluster)."
  );
}
