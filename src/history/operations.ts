import { DrillError } from "../model/errors.ts";
import type { CompletionEvent, HistoryEvent, InvokeEvent } from "../model/event.ts";
import type { Outcome } from "../model/outcome.ts";
import { MOST_BACK_NS } from "./limits.ts";
import { SeenNumbers } from "./seen-numbers.ts";

/** One operation from invocation to completion. Times in nanoseconds on the run's clock. */
export interface Operation {
  readonly op: number;
  readonly client: string;
  readonly workload: string;
  readonly f: string;
  readonly key: string;
  /** Value written, or value expected where the workload knew it. */
  readonly value?: string;
  /** Others write this key as well. */
  readonly shared?: true;
  /** When it was due, where a fixed rate says so; its latency counts from there. */
  readonly due?: number;
  readonly invokedAt: number;
  /** Absent: it never completed. */
  readonly completedAt?: number;
  /** `info` where it never completed. */
  readonly outcome: Outcome;
  /** Value read (`null`: no such key). */
  readonly result?: string | null;
  readonly error?: { readonly class: string; readonly message: string };
  /** Name of the node that answered, where that is known. */
  readonly node?: string;
  /** Attempts made by a retrying client, from 1. */
  readonly attempts: number;
}

/**
 * Joins invocations with their completions while a history is read: what it holds is one compact record for each
 * operation, and no event.
 */
export class OperationJoiner {
  /** In the order of invocation. What has not completed yet is `info`. */
  get operations(): readonly Operation[] {
    return this.#operations;
  }
  readonly #operations: OpenOperation[] = [];
  /** Those without a completion, by their number. */
  readonly #open = new Map<number, OpenOperation>();
  readonly #seen = new SeenNumbers();
  /** Names, and errors by their message, that many events repeat: each is kept once. */
  readonly #names = new Map<string, string>();
  readonly #errors = new Map<string, NonNullable<Operation["error"]>>();

  /**
   * @throws DrillError `BAD_RUN` if an operation was invoked or completed twice, or completed without having been
   *   invoked
   * before: counting either would make writes out of nothing
   */
  take(event: InvokeEvent | CompletionEvent): void {
    if (event.type === "invoke") this.#invoke(event);
    else this.#complete(event);
  }

  #invoke({ op, at, client, workload, f, key, value, due, shared }: InvokeEvent): void {
    if (!this.#seen.add(op)) throw contradiction(op, "invoked twice");
    // Always the same fields in the same order: of a million objects that differ in form each would take twice the
    // room.
    const operation: OpenOperation = {
      op,
      client: this.#once(client),
      workload: this.#once(workload),
      f: this.#once(f),
      key,
      value,
      shared,
      due,
      invokedAt: at,
      completedAt: undefined,
      outcome: "info",
      result: undefined,
      error: undefined,
      node: undefined,
      attempts: 1,
    };
    this.#operations.push(operation);
    this.#open.set(op, operation);
  }

  #complete({ op, at, type, value, error, node, attempts = 1 }: CompletionEvent): void {
    const operation = this.#open.get(op);
    if (operation === undefined)
      throw contradiction(op, this.#seen.has(op) ? "completed twice" : "completed, never invoked");
    if (at < operation.invokedAt - MOST_BACK_NS) throw contradiction(op, "completed before it was invoked");
    this.#open.delete(op);
    operation.completedAt = at;
    operation.outcome = type;
    // a read gives what was written: one text for both
    operation.result = value === operation.value ? operation.value : value;
    operation.error = error && this.#errorOnce(error);
    operation.node = node && this.#once(node);
    operation.attempts = attempts;
  }

  #once(name: string): string {
    const known = this.#names.get(name);
    if (known === undefined && this.#names.size < MOST_REPEATED) this.#names.set(name, name);
    return known ?? name;
  }

  #errorOnce(error: NonNullable<Operation["error"]>): NonNullable<Operation["error"]> {
    const known = this.#errors.get(error.message);
    if (known?.class === error.class) return known;
    if (this.#errors.size < MOST_REPEATED) this.#errors.set(error.message, error);
    return error;
  }
}

/** There are few; where messages tell of their keys, there is no end of them. */
const MOST_REPEATED = 1000;

type OpenOperation = { -readonly [Field in keyof Operation]: Operation[Field] };

/** @throws what {@link OperationJoiner} throws */
export function operationsOf(history: { readonly events: readonly HistoryEvent[] }): readonly Operation[] {
  const joiner = new OperationJoiner();
  for (const event of history.events) if (isOfOperation(event)) joiner.take(event);
  return joiner.operations;
}

/** The event says that an operation began, or how it ended. */
export function isOfOperation(event: HistoryEvent): event is InvokeEvent | CompletionEvent {
  return event.type === "invoke" || isCompletion(event);
}

/** The event says how an operation ended. */
export function isCompletion(event: HistoryEvent): event is CompletionEvent {
  return event.type === "ok" || event.type === "fail" || event.type === "info";
}

function contradiction(op: number, what: string): DrillError {
  return new DrillError("BAD_RUN", `the history contradicts itself: operation ${op} was ${what}`);
}
