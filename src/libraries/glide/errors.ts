import { type ErrorRow, errorRow } from "../../client/errors.ts";

/**
 * The core's own name of what a server refused with: https://github.com/valkey-io/valkey-glide,
 * redis-rs/redis/src/types.rs.
 */
const refused = (kind: string) => new RegExp(`^An error was signalled by the server: - ${kind}:`);

/**
 * Texts of GLIDE 2.5. What else a server refuses with, it passes on as it came. Its core sends again only what was
 * refused or what it could not send, so an attempt that ends with a refusal surely did nothing.
 */
export const GLIDE_ERRORS: readonly ErrorRow[] = [
  errorRow(refused("ReadOnly"), "READONLY", "fail"),
  errorRow(refused("ClusterDown"), "CLUSTERDOWN", "fail"),
  errorRow(refused("MasterDown"), "MASTERDOWN", "fail"),
  errorRow(refused("BusyLoadingError"), "LOADING", "fail"),
  errorRow(refused("TryAgain"), "TRYAGAIN", "fail"),
  errorRow(refused("Moved"), "MOVED", "fail"),
  errorRow(refused("Ask"), "ASK", "fail"),
  errorRow(refused("PermissionDenied"), "AUTH", "fail", false),
  errorRow(refused("CrossSlot"), "CROSSSLOT", "fail", false),
  errorRow(/- ResponseError: unknown command/, "UNKNOWN-COMMAND", "fail", false),
  // Never sent: there was no connection to send it on.
  errorRow(/ConnectionNotFoundForRoute|AllConnectionsUnavailable|FatalSendError/, "NOT-CONNECTED", "fail"),
  // Lost on the way, perhaps after the server did it.
  errorRow(/timed out/i, "TIMEOUT", "info"),
  errorRow(/Failed to receive command response|FatalReceiveError/, "CONNECTION-LOST", "info"),
];
