import type { Capability } from "../driver.ts";

/** What the process driver can do on this machine. */
export function processCapabilities(): ReadonlySet<Capability> {
  return new Set<Capability>(["pause", "data-files"]);
}
