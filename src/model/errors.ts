/**
 * Stable codes of the errors we raise ourselves, with the exit code that each leads to.
 * 64: bad usage or a bad scenario file; 70: the environment could not be brought up or broke.
 */
export const ERROR_CODES = {
  BAD_USAGE: 64,
  BAD_SCENARIO: 64,
  BAD_CONFIG: 64,
  BAD_RUN: 64,
  BAD_PLUGIN: 64,
  BAD_CERTIFICATE: 64,
  BAD_ACL: 64,
  PLUGIN_NOT_LOADED: 64,
  NO_VALKEY: 70,
  BAD_VALKEY: 64,
  NO_DOCKER: 70,
  NO_IMAGE: 70,
  SUBNET_IN_USE: 70,
  CACHE_UNWRITABLE: 70,
  FETCH_FAILED: 70,
  PORT_IN_USE: 70,
  NO_RESOURCES: 70,
  START_FAILED: 70,
  NOT_READY: 70,
  NODE_DIED: 70,
  COMMAND_FAILED: 70,
  DEADLINE: 70,
  STATE_UNWRITABLE: 70,
  NO_ENVIRONMENT: 64,
  LACKS_CAPABILITY: 64,
  MISSING_PACKAGE: 64,
  INTERRUPTED: 130,
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;

/** An error that a person can act on: what failed, what was got, and (`hint`) what to do. */
export class DrillError extends Error {
  override readonly name = "DrillError";
  readonly code: ErrorCode;
  /** What to do about it; one or more lines. */
  readonly hint?: string;

  constructor(code: ErrorCode, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
  }
}

/** The text of anything thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
