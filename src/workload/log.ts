import type { AnsweredBy, ConnectionEvent } from "../client/client.ts";
import { classifyError } from "../client/errors.ts";
import { RetryError } from "../client/retry.ts";
import type { RunClock } from "../history/clock.ts";
import type { Recorder } from "../history/recorder.ts";
import { DrillError, messageOf } from "../model/errors.ts";
import type { CompletionEvent, InvokeEvent } from "../model/event.ts";
import {
  type ClientEventData,
  isObservationName,
  type ObservationName,
  type Observed,
  type OwnObservation,
  observation,
} from "../model/observed.ts";
import type { Outcome } from "../model/outcome.ts";

/** What is known of an operation before it is sent. */
export type OperationStart = Pick<
  InvokeEvent,
  "client" | "workload" | "f" | "key" | "value" | "due" | "shared"
>;

/** What a key holds, and so by which command it is read: GET, LRANGE 0 -1, or XRANGE - +. */
export type KeyType = "string" | "list" | "stream";

/** How an operation ended; `value` is what it returned, as text. */
export interface OperationEnd {
  readonly outcome: Outcome;
  readonly value?: string | null;
}

/** How an operation ended that is judged by whoever sent it. */
export type OperationOutcome = { readonly outcome: Outcome } & Pick<
  CompletionEvent,
  "value" | "error" | "attempts"
>;

/** The one way by which workloads write the history. */
export interface Log {
  /**
   * Records the invocation, does the work, and records how it ended, errors by the error table. Never throws.
   *
   * @param work returns the value as text, or with the number of attempts that it took; what it is given is for the
   *   client's
   * calls, so that the record names the node that answered
   */
  operation(
    start: OperationStart,
    work: (
      answeredBy: AnsweredBy,
    ) => Promise<string | null | undefined | { value: string | null; attempts: number }>,
  ): Promise<OperationEnd>;
  /**
   * Records the invocation of what is no call to a server, and gives the function that records its end, once. Nothing
   * of it is read at the servers.
   */
  begin(start: OperationStart): (end: OperationOutcome) => void;
  /** Records something measured, under a name that checkers know. */
  observe<Name extends ObservationName>(name: Name, data: Observed[Name]): void;
  /**
   * Records what a plugin has measured, for a checker of its own. @throws DrillError `BAD_PLUGIN` if its name is taken
   */
  observe<Data>(own: OwnObservation<Data>, data: Data): void;
  /** For a client's `onEvent`: records what becomes of its connections, as `client-event`. */
  connection(client: ClientEventData["client"]): (event: ConnectionEvent) => void;
  /** Nanoseconds since the run began. */
  now(): number;
  /**
   * Asks the final inspection to read a key at the servers. Every key that a recorded `write` tried to set is read
   * anyhow, unless it is `shared`.
   */
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
  const toRead = new Map<string, KeyType>();
  // a map for each write to keep would cost as much as its line: they join it when it is asked for
  const written: string[] = [];
  let lastOp = 0;

  return {
    get toRead() {
      for (const key of written.splice(0)) toRead.set(key, "string");
      return toRead;
    },
    readBack: (key, type) => toRead.set(key, type),
    now: clock.now,
    observe: (of: string | OwnObservation, data: unknown) =>
      recorder.record({ type: "observation", at: clock.now(), name: nameOf(of), data }),
    connection:
      (client) =>
      ({ address, ...event }) => {
        const [at, node] = [clock.now(), address === undefined ? undefined : nodes.get(address)];
        recorder.record(observation(at, "client-event", { at, client, ...event, node }));
      },
    begin: (start) => {
      lastOp += 1;
      const op = lastOp;
      recorder.record(invoked(op, clock.now(), start));
      return ({ outcome, ...end }) =>
        recorder.record(completed(outcome, op, clock.now(), { node: undefined, ...end }));
    },
    operation: async (start, work) => {
      lastOp += 1;
      const op = lastOp;
      if (start.f === "write" && !start.shared) written.push(start.key);
      let node: string | undefined;
      const answeredBy: AnsweredBy = (address) => {
        node = address === undefined ? undefined : nodes.get(address);
      };
      recorder.record(invoked(op, clock.now(), start));
      try {
        const result = await work(answeredBy);
        const { value, attempts } =
          result !== null && typeof result === "object" ? result : { value: result, attempts: 1 };
        recorder.record(completed("ok", op, clock.now(), { value, node, attempts }));
        return { outcome: "ok", value };
      } catch (error) {
        const { attempts, cause } = error instanceof RetryError ? error : { attempts: 1, cause: error };
        const known = classifyError(cause);
        // Some attempt of several may have been applied, whatever the last of them was told.
        const outcome = attempts > 1 ? "info" : known.outcome;
        const told = { class: known.class, message: messageOf(error) };
        recorder.record(completed(outcome, op, clock.now(), { error: told, node, attempts }));
        return { outcome };
      }
    },
  };
}

/** What a plugin observes must not be taken for what this tool does: nobody could read the history. */
function nameOf(of: string | OwnObservation): string {
  if (typeof of === "string") return of;
  if (!isObservationName(of.name)) return of.name;
  throw new DrillError("BAD_PLUGIN", `"${of.name}" is an observation of valkey-drill`, {
    hint: "Give the observation of the plugin another name.",
  });
}

type Whole<Event> = { [Field in keyof Required<Event>]: Event[Field] };

/**
 * Field by field, which is several times as fast as a spread; the type of the result asks for every field that there
 * is.
 */
function invoked(
  op: number,
  at: number,
  { client, workload, f, key, value, shared, due }: OperationStart,
): Whole<InvokeEvent> {
  return { type: "invoke", at, op, client, workload, f, key, value, shared, due };
}

function completed(
  type: Outcome,
  op: number,
  at: number,
  { value, error, node, attempts = 1 }: Pick<CompletionEvent, "value" | "error" | "node" | "attempts">,
): Whole<CompletionEvent> {
  return { type, at, op, value, error, node, attempts: attempts > 1 ? attempts : undefined };
}
