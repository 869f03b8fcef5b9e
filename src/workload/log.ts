import type { AnsweredBy } from "../client/client.ts";
import { classifyError } from "../client/errors.ts";
import { RetryError } from "../client/retry.ts";
import type { RunClock } from "../history/clock.ts";
import type { Recorder } from "../history/recorder.ts";
import { messageOf } from "../model/errors.ts";
import type { InvokeEvent } from "../model/event.ts";
import type { Outcome } from "../model/outcome.ts";

/** What is known of an operation before it is sent. */
export type OperationStart = Pick<
  InvokeEvent,
  "client" | "workload" | "f" | "key" | "value" | "due" | "shared"
>;

/** What a key holds, and so by which command it is read: GET, or LRANGE 0 -1. */
export type KeyType = "string" | "list";

/** How an operation ended; `value` is what it returned, as text. */
export interface OperationEnd {
  readonly outcome: Outcome;
  readonly value?: string | null;
}

/** The one way by which workloads write the history. */
export interface Log {
  /**
   * Records the invocation, does the work, and records how it ended, errors by the error table. Never throws.
   *
   * @param work returns the value as text, or with the number of attempts that it took; what it is given is for the client's
   * calls, so that the record names the node that answered
   */
  operation(
    start: OperationStart,
    work: (
      answeredBy: AnsweredBy,
    ) => Promise<string | null | undefined | { value: string | null; attempts: number }>,
  ): Promise<OperationEnd>;
  /** Records something measured, under a name that checkers know. */
  observe(name: string, data: unknown): void;
  /** Nanoseconds since the run began. */
  now(): number;
  /** Every key that a recorded `write` tried to set, with its value; keys that are `shared` are not among them. */
  readonly written: ReadonlyMap<string, string>;
  /** Asks the final inspection to read a key at the servers, besides those of `written`. */
  readBack(key: string, type: KeyType): void;
  /** What the final inspection reads. */
  readonly toRead: ReadonlyMap<string, KeyType>;
}

/** @param nodes names of nodes by the addresses that clients know (`nodeNames`) */
export function historyLog(
  recorder: Recorder,
  clock: RunClock,
  nodes: ReadonlyMap<string, string> = new Map(),
): Log {
  const written = new Map<string, string>();
  const toRead = new Map<string, KeyType>();
  let lastOp = 0;

  return {
    written,
    toRead,
    readBack: (key, type) => toRead.set(key, type),
    now: clock.now,
    observe: (name, data) => recorder.record({ type: "observation", at: clock.now(), name, data }),
    operation: async (start, work) => {
      lastOp += 1;
      const op = lastOp;
      if (start.f === "write" && !start.shared) {
        written.set(start.key, start.value ?? "");
        toRead.set(start.key, "string");
      }
      let node: string | undefined;
      const answeredBy: AnsweredBy = (address) => {
        node = address === undefined ? undefined : nodes.get(address);
      };
      recorder.record({ type: "invoke", at: clock.now(), op, ...start });
      try {
        const result = await work(answeredBy);
        const { value, attempts } =
          result !== null && typeof result === "object" ? result : { value: result, attempts: undefined };
        const retried = attempts !== undefined && attempts > 1 ? { attempts } : {};
        recorder.record({ type: "ok", at: clock.now(), op, value, node, ...retried });
        return { outcome: "ok", value };
      } catch (error) {
        const { attempts, cause } =
          error instanceof RetryError ? error : { attempts: undefined, cause: error };
        const known = classifyError(cause);
        // Some attempt of several may have been applied, whatever the last of them was told.
        const outcome = attempts !== undefined && attempts > 1 ? "info" : known.outcome;
        const told = { class: known.class, message: messageOf(error) };
        recorder.record({ type: outcome, at: clock.now(), op, error: told, node, attempts });
        return { outcome };
      }
    },
  };
}
