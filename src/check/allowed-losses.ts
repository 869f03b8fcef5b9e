import type { Operation } from "../history/operations.ts";
import type { Facts } from "./facts.ts";
import { protectionOf } from "./replicated.ts";

/** What the scenario's `expect.lostAcknowledgedWrites` lets go, for keys that many operations share. */
export interface AllowedLosses {
  /** May this acknowledged operation be gone? Only if it was not seen replicated, and nothing is promised to it all the same. */
  mayBeLost(operation: Operation): boolean;
  /** Was it seen on the replicas before the loss that came next? Then it is not allowed that it is gone. */
  replicated(operation: Operation): boolean;
  /** So many acknowledged operations may be gone in all. */
  readonly most: number;
}

/**
 * - `replicated`: what was acknowledged after the last watermark before the loss of its primary may be gone. What is
 *   gone though no primary was lost has no excuse, nor has what a node took that was no primary by right.
 * - `expected`: anything may be gone.
 * - a number: any so many that were not seen replicated.
 *
 * A key that many operations share does not tell which of them is gone, only that more are than may be.
 */
export function allowedLossesOf(facts: Facts): AllowedLosses {
  const protection = protectionOf(facts);
  const allowed = facts.header.expect.lostAcknowledgedWrites ?? "replicated";
  const mayBeLost = (operation: Operation) => {
    if (allowed === 0) return false;
    if (allowed === "expected") return true;
    const { nextLossAt, replicated } = protection(operation);
    return !replicated && (allowed !== "replicated" || nextLossAt !== undefined);
  };
  return {
    mayBeLost,
    replicated: (operation) => protection(operation).replicated,
    most: typeof allowed === "string" ? Number.POSITIVE_INFINITY : allowed,
  };
}

/** Does the scenario limit what may be lost? `expected` asks that something is lost, which keys that are shared do not tell. */
export function limitsLosses(facts: Facts): boolean {
  return facts.header.expect.lostAcknowledgedWrites !== "expected";
}
