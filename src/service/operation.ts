import type { Operation } from "../history/operations.ts";
import { STALL_NS } from "./limits.ts";

/** Of an operation, what tells whether the service was well. ns on the run's clock. */
export type Asked = Pick<Operation, "outcome" | "due" | "invokedAt" | "completedAt">;

/** When it was to be sent. */
export function dueAt({ due, invokedAt }: Pick<Asked, "due" | "invokedAt">): number {
  return due ?? invokedAt;
}

/** It did not end well, or too late. */
export function isBad(operation: Asked): boolean {
  if (operation.outcome !== "ok" || operation.completedAt === undefined) return true;
  return operation.completedAt - dueAt(operation) > STALL_NS;
}
