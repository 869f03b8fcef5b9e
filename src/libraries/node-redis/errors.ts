import { type ErrorRow, errorRow } from "../../client/errors.ts";

/** Texts of node-redis 6. */
export const NODE_REDIS_ERRORS: readonly ErrorRow[] = [
  // Never sent: there was no connection to send it on.
  errorRow(/^The client is (offline|closed)$/, "NOT-CONNECTED", "fail"),
  // Lost on the way, perhaps after the server did it.
  errorRow(/Socket closed unexpectedly|Disconnects client/, "CONNECTION-LOST", "info"),
];
