import { DrillError } from "../model/errors.ts";
import type { CompletionEvent, HistoryEvent } from "../model/event.ts";
import type { Outcome } from "../model/outcome.ts";

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
 * Joins every invocation with its completion, in the order of invocation.
 *
 * @throws DrillError `BAD_RUN` if an operation was invoked or completed twice, or completed without having
 * been invoked: counting either would make writes out of nothing.
 */
export function operationsOf(history: { readonly events: readonly HistoryEvent[] }): Operation[] {
  const completions = new Map<number, CompletionEvent>();
  for (const event of history.events) {
    if (!isCompletion(event)) continue;
    if (completions.has(event.op)) throw contradiction(event.op, "completed twice");
    completions.set(event.op, event);
  }
  const operations: Operation[] = [];
  const invoked = new Set<number>();
  for (const event of history.events) {
    if (event.type !== "invoke") continue;
    if (invoked.has(event.op)) throw contradiction(event.op, "invoked twice");
    invoked.add(event.op);
    const { op, client, workload, f, key, value, due, shared } = event;
    const end = completions.get(op);
    operations.push({
      op,
      client,
      workload,
      f,
      key,
      ...(value !== undefined && { value }),
      ...(due !== undefined && { due }),
      ...(shared && { shared }),
      invokedAt: event.at,
      outcome: end?.type ?? "info",
      attempts: end?.attempts ?? 1,
      ...(end !== undefined && { completedAt: end.at }),
      ...(end?.value !== undefined && { result: end.value }),
      ...(end?.error !== undefined && { error: end.error }),
      ...(end?.node !== undefined && { node: end.node }),
    });
  }
  for (const op of completions.keys())
    if (!invoked.has(op)) throw contradiction(op, "completed, never invoked");
  return operations;
}

/** The event says how an operation ended. */
export function isCompletion(event: HistoryEvent): event is CompletionEvent {
  return event.type === "ok" || event.type === "fail" || event.type === "info";
}

function contradiction(op: number, what: string): DrillError {
  return new DrillError("BAD_RUN", `the history contradicts itself: operation ${op} was ${what}`);
}
