import { NO_OPTIONS } from "./fault.ts";
import { linkFault } from "./link-fault.ts";

/**
 * Connections over the links are reset at both ends, those that are there and those that come: a firewall that rejects.
 */
export const reset = linkFault({
  kind: "reset",
  summary: "resets (RST) every connection that uses the links, old and new, as a firewall that rejects",
  options: NO_OPTIONS,
  done: () => "reset",
  effect: () => ({ kind: "reset" }),
});
