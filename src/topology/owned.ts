import type { Directive } from "./config-file.ts";

/** A directive of a file that does not hold here, and why. */
export interface Replaced {
  /** `port 6379` */
  readonly text: string;
  readonly place: string;
  readonly why: string;
}

const ADDRESS = "each node has an address and a port of its own";
const FOLDER = "each node has a folder of its own";
const PROCESS = "the drill starts and stops the nodes";
const LOG = "the drill reads the node's log from its standard output";
const TOPOLOGY = "the topology decides it";
const TLS = "topology.tls decides it";

/** What a local environment must own, and why. Everything else of a file holds. */
const OWNED: ReadonlyMap<string, string> = new Map([
  ...["port", "bind", "bind-source-addr", "protected-mode", "unixsocket", "unixsocketperm"].map(
    (name) => [name, ADDRESS] as const,
  ),
  ...["replica-announce-ip", "replica-announce-port", "cluster-port", "tls-port"].map(
    (name) => [name, ADDRESS] as const,
  ),
  ...["dir", "pidfile", "cluster-config-file"].map((name) => [name, FOLDER] as const),
  ...["daemonize", "supervised"].map((name) => [name, PROCESS] as const),
  ...["logfile", "syslog-enabled", "syslog-ident", "syslog-facility"].map((name) => [name, LOG] as const),
  ...["replicaof", "cluster-enabled"].map((name) => [name, TOPOLOGY] as const),
  ...["tls-replication", "tls-cluster", "tls-auth-clients", "tls-ca-cert-file", "tls-ca-cert-dir"].map(
    (name) => [name, TLS] as const,
  ),
  ...["", "client-"].flatMap((whose) =>
    ["cert-file", "key-file", "key-file-pass"].map((what) => [`tls-${whose}${what}`, TLS] as const),
  ),
  ["enable-debug-command", "the drill compares data sets by DEBUG, from this machine alone"],
]);

const OWNED_OF_SENTINEL: ReadonlyMap<string, string> = new Map([
  ...["monitor", "known-replica", "known-sentinel"].map((name) => [name, TOPOLOGY] as const),
  ...["myid", "current-epoch", "config-epoch", "leader-epoch"].map(
    (name) => [name, "each Sentinel begins anew"] as const,
  ),
  ...["announce-ip", "announce-port"].map((name) => [name, ADDRESS] as const),
]);

/** Why that directive of a server is ours; `undefined`: it holds as it is written. @param name by its name of today */
export function whyOwned(name: string): string | undefined {
  return OWNED.get(name) ?? (name.startsWith("cluster-announce-") ? ADDRESS : undefined);
}

/** The same of what stands behind `sentinel`. */
export function whyOwnedOfSentinel(name: string): string | undefined {
  return OWNED_OF_SENTINEL.get(name);
}

/** @param why it does not hold */
export function replaced({ name, written, place }: Directive, why: string): Replaced {
  return { text: [name, ...written].join(" "), place, why };
}
