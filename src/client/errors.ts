import type { Outcome } from "../model/outcome.ts";

/** What an error means for the operation that got it. */
export interface ErrorClass {
  /** Stable name, for counting: the server's own code where there is one. */
  readonly class: string;
  /** `fail`: it surely did not happen; `info`: nobody can know. */
  readonly outcome: Exclude<Outcome, "ok">;
  /** Is it worth trying again? Not where the request itself is wrong. */
  readonly retryable: boolean;
}

interface Row extends ErrorClass {
  readonly when: RegExp;
}

/**
 * The one table that says what an error means, first match first. Server codes: https://valkey.io/topics/protocol/#simple-errors,
 * library texts: iovalkey 0.4, ioredis 6, node-redis 6. A server that answers with an error has not done the command; what was
 * lost on the way, or is not in this table, nobody can know.
 */
const TABLE: readonly Row[] = [
  // The server refused: nothing happened, and it may be different in a moment or at another node.
  row(/^READONLY\b/, "READONLY", "fail"),
  row(/^CLUSTERDOWN\b/, "CLUSTERDOWN", "fail"),
  row(/^MASTERDOWN\b/, "MASTERDOWN", "fail"),
  row(/^LOADING\b/, "LOADING", "fail"),
  row(/^NOREPLICAS\b/, "NOREPLICAS", "fail"),
  row(/^TRYAGAIN\b/, "TRYAGAIN", "fail"),
  row(/^MOVED\b/, "MOVED", "fail"),
  row(/^ASK\b/, "ASK", "fail"),
  row(/^BUSY\b/, "BUSY", "fail"),
  row(/^MISCONF\b/, "MISCONF", "fail"),
  row(/^OOM\b/, "OOM", "fail"),
  row(/max number of clients reached/, "MAXCLIENTS", "fail"),
  // Only if the last of them was a refusal as well: it may also be a lost connection.
  row(/Too many Cluster redirections.*: (MOVED|ASK|TRYAGAIN|LOADING|CLUSTERDOWN)\b/, "REDIRECTIONS", "fail"),
  // The server refused, and will always: the request is wrong.
  row(/^(NOAUTH|WRONGPASS|NOPERM)\b/, "AUTH", "fail", false),
  row(/^CROSSSLOT\b/, "CROSSSLOT", "fail", false),
  row(/^WRONGTYPE\b/, "WRONGTYPE", "fail", false),
  row(/^ERR unknown command/, "UNKNOWN-COMMAND", "fail", false),
  // Never sent: there was no connection to send it on.
  row(/^not done: /, "NOT-DONE", "fail"),
  row(/enableOfflineQueue options is false/, "NOT-CONNECTED", "fail"),
  row(/^The client is (offline|closed)$/, "NOT-CONNECTED", "fail"),
  row(/ECONNREFUSED/, "ECONNREFUSED", "fail"),
  row(/All sentinels are unreachable/, "NO-SENTINEL", "fail"),
  row(/None of startup nodes is available|Failed to refresh slots cache/, "NO-CLUSTER-NODE", "fail"),
  // Lost on the way, perhaps after the server did it.
  row(/no answer within|Command timed out/, "TIMEOUT", "info"),
  row(
    /Connection is closed|max retries per request|Stream connection ended|Command aborted/,
    "CONNECTION-LOST",
    "info",
  ),
  row(/ECONNRESET|EPIPE|ETIMEDOUT/, "CONNECTION-LOST", "info"),
  row(/Socket closed unexpectedly|Disconnects client/, "CONNECTION-LOST", "info"),
  row(/^UNBLOCKED\b/, "UNBLOCKED", "info"),
  row(/^NOT-REPLICATED\b/, "NOT-REPLICATED", "info"),
];

/** What this error means; one that the table does not know is `UNKNOWN`, `info` and not worth a retry. */
export function classifyError(error: unknown): ErrorClass {
  const message = error instanceof Error ? error.message : String(error);
  return (
    TABLE.find((entry) => entry.when.test(message)) ?? { class: "UNKNOWN", outcome: "info", retryable: false }
  );
}

function row(when: RegExp, name: string, outcome: "fail" | "info", retryable = true): Row {
  return { when, class: name, outcome, retryable };
}
