import { type ErrorRow, errorRow } from "../../client/errors.ts";

/** Texts of ioredis 6 and iovalkey 0.4. */
export const FAMILY_ERRORS: readonly ErrorRow[] = [
  // Only if the last of them was a refusal as well: it may also be a lost connection.
  errorRow(
    /Too many Cluster redirections.*: (MOVED|ASK|TRYAGAIN|LOADING|CLUSTERDOWN)\b/,
    "REDIRECTIONS",
    "fail",
  ),
  // Never sent: there was no connection to send it on.
  errorRow(/enableOfflineQueue options is false/, "NOT-CONNECTED", "fail"),
  errorRow(/All sentinels are unreachable/, "NO-SENTINEL", "fail"),
  errorRow(/None of startup nodes is available|Failed to refresh slots cache/, "NO-CLUSTER-NODE", "fail"),
  // Lost on the way, perhaps after the server did it.
  errorRow(/Command timed out/, "TIMEOUT", "info"),
  errorRow(
    /Connection is closed|max retries per request|Stream connection ended|Command aborted/,
    "CONNECTION-LOST",
    "info",
  ),
];
