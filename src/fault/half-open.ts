import { NO_OPTIONS } from "./fault.ts";
import { linkFault } from "./link-fault.ts";

/**
 * Of a connection over `A>B`, B has forgotten it and A has not been told: its end stays open, nothing is read, nothing
 * answers. New connections are accepted and never answered. So it is where a host was lost, or a load balancer lost its
 * table.
 */
export const halfOpen = linkFault({
  kind: "half-open",
  summary: "on A>B: B loses its connections with A, A is not told; calls are accepted and never answered",
  options: NO_OPTIONS,
  done: () => "half-open",
  effect: () => ({ kind: "half-open" }),
});
