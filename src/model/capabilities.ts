/**
 * Optional capabilities, and what each is. A driver declares those it has; a scenario that needs one it lacks is
 * refused before anything starts. Starting, killing and stopping nodes is what every driver can do.
 */
export const CAPABILITIES = {
  pause: "freezing a node",
  "cut-links": "cutting links between nodes",
  "own-addresses": "giving each node an address of its own, and later another",
  "resolve-names": "giving names to nodes that only the drill knows",
  disconnect: "taking a node off its network",
  "data-files": "changing the files with a node's data",
  "change-server": "starting a node with another version of the server",
  "throttle-cpu": "throttling a node's processor",
  "limit-disk": "making a node's writes to its disk fail",
  "slow-disk": "making a node's disk slow",
  "skew-clock": "moving a node's clock",
} as const;

export type Capability = keyof typeof CAPABILITIES;

/** What has capabilities: a driver, or an environment that it started. */
export interface Capable {
  readonly capabilities: ReadonlySet<Capability>;
  /** Why it lacks that capability here, and what would give it; undefined: it never has it. */
  lacks?(capability: Capability): string | undefined;
}
