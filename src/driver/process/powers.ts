import type { Capability } from "../driver.ts";
import { linkCapability } from "./fabric/addresses.ts";

/** What the process driver can do on this machine. */
export function processCapabilities(): ReadonlySet<Capability> {
  return new Set<Capability>([
    "pause",
    "data-files",
    ...(linkCapability().has ? (["cut-links"] as const) : []),
  ]);
}

/** Why it lacks a power here, and what would give it; undefined: it never has it. */
export function whyLacking(capability: Capability): string | undefined {
  return capability === "cut-links" ? linkCapability().why : undefined;
}
