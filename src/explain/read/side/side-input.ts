import type { Ref } from "../phrases/told.ts";

/** What the output of a command or a configuration file tells of nodes. */
export interface SideFacts {
  /** `INFO`, `CLUSTER NODES`, …: for people. */
  readonly what: string;
  readonly about: readonly AboutNode[];
  /** Two names of one node. */
  readonly same: readonly (readonly [Ref, Ref])[];
  readonly follows: readonly (readonly [Ref, Ref])[];
  /** Addresses of servers. */
  readonly servers: readonly Ref[];
}

/** What it tells of one. */
export interface AboutNode {
  readonly kind: "server" | "sentinel" | "unknown";
  readonly refs: readonly Ref[];
  readonly port?: number;
  readonly pid?: number;
  readonly runId?: string;
  readonly version?: string;
  readonly role?: "primary" | "replica";
  /** The name of its log file, without folders. */
  readonly logFile?: string;
  readonly settings: Readonly<Record<string, string>>;
}

/** Nothing but what is given. */
export function facts(what: string, about: readonly AboutNode[], more: Partial<SideFacts> = {}): SideFacts {
  return { what, about, same: [], follows: [], servers: [], ...more };
}
