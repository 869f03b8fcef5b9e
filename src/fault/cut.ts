import { NO_OPTIONS } from "./fault.ts";
import { linkFault } from "./link-fault.ts";

/**
 * Silence on links, as where a firewall drops what passes: nobody is told, and what was sent meanwhile arrives when it
 * is healed, as TCP sends it again.
 */
export const cut = linkFault({
  kind: "cut",
  summary: "silence on links, as a firewall drops; bytes wait, and arrive when it is healed",
  options: NO_OPTIONS,
  done: () => "cut",
  effect: () => ({ kind: "cut" }),
});
