import { DrillError, type ErrorCode, messageOf } from "../model/errors.ts";
import type { REFUSALS } from "./openapi.ts";

export type RefusalStatus = keyof typeof REFUSALS;

/** What is not there: a fault, an action, a path. */
export class NotFound extends DrillError {
  constructor(message: string, hint?: string) {
    super("BAD_USAGE", message, { ...(hint !== undefined && { hint }) });
  }
}

/** A body that is not what the endpoint takes. */
export class BadBody extends DrillError {
  constructor(message: string, cause?: unknown) {
    super("BAD_USAGE", message, { cause });
  }
}

/** It cannot be done at this time. */
export class NotNow extends DrillError {
  constructor(message: string) {
    super("NOT_READY", message);
  }
}

const STATUS: Partial<Record<ErrorCode, RefusalStatus>> = {
  BAD_USAGE: 422,
  LACKS_CAPABILITY: 422,
  NOT_READY: 409,
  INTERRUPTED: 409,
  DEADLINE: 504,
};

/** What a client is told of an error, and with which status. */
export function refusalOf(error: unknown) {
  return { status: statusOf(error), body: { error: toldOf(error) } };
}

/** An error as it goes over the wire. One that has no code is a defect of ours. */
export function toldOf(error: unknown): { code: string; message: string; hint?: string } {
  if (!(error instanceof DrillError)) return { code: "INTERNAL", message: messageOf(error) };
  const { code, message, hint } = error;
  return { code, message, ...(hint !== undefined && { hint }) };
}

function statusOf(error: unknown): RefusalStatus {
  if (error instanceof NotFound) return 404;
  if (error instanceof BadBody) return 400;
  return error instanceof DrillError ? (STATUS[error.code] ?? 500) : 500;
}
