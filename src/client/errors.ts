import { messageOf } from "../model/errors.ts";
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

/** A row of a table of errors: what a text means. */
export interface ErrorRow extends ErrorClass {
  readonly when: RegExp;
}

/**
 * What servers refuse with: they have not done the command. https://valkey.io/topics/protocol/#simple-errors
 * What is in no table, nobody can know.
 */
const REFUSED: readonly ErrorRow[] = [
  // It may be different in a moment, or at another node.
  errorRow(/^READONLY\b/, "READONLY", "fail"),
  errorRow(/^CLUSTERDOWN\b/, "CLUSTERDOWN", "fail"),
  errorRow(/^MASTERDOWN\b/, "MASTERDOWN", "fail"),
  errorRow(/^LOADING\b/, "LOADING", "fail"),
  errorRow(/^NOREPLICAS\b/, "NOREPLICAS", "fail"),
  errorRow(/^TRYAGAIN\b/, "TRYAGAIN", "fail"),
  errorRow(/^MOVED\b/, "MOVED", "fail"),
  errorRow(/^ASK\b/, "ASK", "fail"),
  errorRow(/^BUSY\b/, "BUSY", "fail"),
  errorRow(/^MISCONF\b/, "MISCONF", "fail"),
  errorRow(/^OOM\b/, "OOM", "fail"),
  errorRow(/^EXECABORT\b/, "EXECABORT", "fail"), // a command of the transaction was refused, so none was done
  errorRow(/max number of clients reached/, "MAXCLIENTS", "fail"),
  errorRow(/^NOGROUP\b/, "NOGROUP", "fail"),
  // It will always be refused: the request is wrong.
  errorRow(/^(NOAUTH|WRONGPASS|NOPERM)\b/, "AUTH", "fail", false),
  errorRow(/^CROSSSLOT\b/, "CROSSSLOT", "fail", false),
  errorRow(/^WRONGTYPE\b/, "WRONGTYPE", "fail", false),
  errorRow(/^ERR unknown command/, "UNKNOWN-COMMAND", "fail", false),
  // Never sent: there was no connection to send it on.
  errorRow(/ECONNREFUSED/, "ECONNREFUSED", "fail"),
];

/** What was lost on the way, perhaps after the server did it: from the server, or from Node.js. */
const LOST: readonly ErrorRow[] = [
  errorRow(/ECONNRESET|EPIPE|ETIMEDOUT/, "CONNECTION-LOST", "info"),
  errorRow(/^UNBLOCKED\b/, "UNBLOCKED", "info"),
];

const UNKNOWN: ErrorClass = { class: "UNKNOWN", outcome: "info", retryable: false };

/** A row; by default it is worth trying again. */
export function errorRow(
  when: RegExp,
  name: string,
  outcome: ErrorClass["outcome"],
  retryable = true,
): ErrorRow {
  return { when, class: name, outcome, retryable };
}

/**
 * What this error means: an error of ours says so itself, any other by its text, first match first. One that no row
 * knows is `UNKNOWN`, `info` and not worth a retry.
 *
 * @param own what the client library's own texts mean; they are looked at after what servers refuse with
 */
export function classifyError(error: unknown, own: readonly ErrorRow[] = []): ErrorClass {
  if (error instanceof ClassifiedError) return error.meaning;
  const message = error instanceof Error ? error.message : String(error);
  for (const rows of [REFUSED, own, LOST]) {
    const row = rows.find(({ when }) => when.test(message));
    if (row) return row;
  }
  return UNKNOWN;
}

/** An error that says what it means. */
abstract class ClassifiedError extends Error {
  abstract readonly meaning: ErrorClass;
}

/** The operation's own deadline passed. The server may have done it all the same. */
export class TimeoutError extends ClassifiedError {
  override readonly name = "TimeoutError";
  readonly meaning: ErrorClass = { class: "TIMEOUT", outcome: "info", retryable: true };
  constructor(deadlineMs: number) {
    super(`no answer within ${deadlineMs} ms`);
  }
}

/**
 * It surely did not happen: no connection was given the command, or each server that was given it has refused it. For
 * libraries whose own error does not tell that from a lost connection, where the adapter knows.
 */
export class NotDoneError extends ClassifiedError {
  override readonly name = "NotDoneError";
  readonly meaning: ErrorClass = { class: "NOT-DONE", outcome: "fail", retryable: true };
  constructor(cause: unknown) {
    super(`not done: ${messageOf(cause)}`, { cause });
  }
}

/** Fewer replicas than asked for have confirmed the write. It was done, but does not count as acknowledged. */
export class NotReplicatedError extends ClassifiedError {
  override readonly name = "NotReplicatedError";
  readonly meaning: ErrorClass = { class: "NOT-REPLICATED", outcome: "info", retryable: true };
  constructor(confirmed: number, wanted: number) {
    super(`NOT-REPLICATED written, but WAIT confirmed ${confirmed} of ${wanted} replicas`);
  }
}

/** An error of a client library, with its own text, and what that means by the library's own rows. */
class LibraryError extends ClassifiedError {
  override readonly name = "LibraryError";
  readonly meaning: ErrorClass;
  constructor(meaning: ErrorClass, cause: unknown) {
    super(messageOf(cause), { cause });
    this.meaning = meaning;
  }
}

/**
 * What an adapter rejects with: the error itself, or, where only the library's own rows know its text, one that says
 * what it means.
 */
export function explained(error: unknown, own: readonly ErrorRow[]): unknown {
  if (error instanceof ClassifiedError) return error;
  const meaning = classifyError(error, own);
  return meaning.class === classifyError(error).class ? error : new LibraryError(meaning, error);
}
