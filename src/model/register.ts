/** What may stand under a key: any JSON. `null` is a key that is not there. */
export type Value = string | number | boolean | null | readonly Value[] | { readonly [name: string]: Value };

/**
 * What an operation did, as far as its answer tells:
 *
 * - `read`: returned `value`
 * - `write`: set `value`
 * - `cas`: found `from` and set `to`
 * - `cas-refused`: found something other than `from`, and set nothing; `saw` is what it found, where the answer tells
 * - `append`: put `value` behind what was there; to a list an element, to a string text
 */
export type Action =
  | { readonly f: "read"; readonly value: Value }
  | { readonly f: "write"; readonly value: Value }
  | { readonly f: "cas"; readonly from: Value; readonly to: Value }
  | { readonly f: "cas-refused"; readonly from: Value; readonly saw?: Value }
  | { readonly f: "append"; readonly value: Value };

/**
 * An operation on a register. One that surely did not happen is none, and is not among them.
 *
 * Of one whose end nobody knows (`info`), `returnedAt` is `Infinity`: it happened at any time after its invocation, or never.
 * What it would have answered is not known, so a `read` without an end says nothing, and a `cas` without an end is one that
 * would set `to` if it found `from`.
 */
export interface RegisterOperation {
  /** Unique in the history. */
  readonly id: number;
  /** Who sent it. A process has one operation at a time. */
  readonly process: string;
  readonly key: string;
  readonly action: Action;
  /** Any unit that orders the events. Of two events at one time, invocations count as earlier. */
  readonly invokedAt: number;
  readonly returnedAt: number;
  /** Name of the node that answered, where that is known. */
  readonly node?: string;
}

/** Nobody knows whether it happened. */
export function isOpen({ returnedAt }: RegisterOperation): boolean {
  return returnedAt === Infinity;
}

/**
 * In the evidence of the check `linearizability`, under `stretches`: the smallest part of one key's history that no order
 * explains, to be drawn. Times in nanoseconds on the run's clock, or numbers of lines or events of a plain history
 * (`unit`).
 */
export interface UnexplainedSegment {
  readonly key: string;
  /**
   * - `value-never-written`, `value-not-yet-written`: something was found that nobody had set, or had begun to set
   * - `stale-read`: something was found though another value had been set, or seen, since
   * - `double-cas`: two found the same value, which stood there once
   * - `no-order`: no simpler word
   */
  readonly kind: "value-never-written" | "value-not-yet-written" | "stale-read" | "double-cas" | "no-order";
  /** One sentence. */
  readonly text: string;
  readonly unit: "ns" | "line" | "event";
  /** In the order of their invocations. */
  readonly operations: readonly {
    readonly id: number;
    readonly process: string;
    /** `read 7`, `write 9`, `cas 7 → 9`. */
    readonly text: string;
    readonly invokedAt: number;
    /** `null`: nobody knows its end. */
    readonly returnedAt: number | null;
    readonly node?: string;
    /** Its place in the longest order found, from 1; `null`: it has none there. */
    readonly place: number | null;
  }[];
  /** Id of the operation that could not be placed. */
  readonly stuck: number;
  /** Id of the operation that it contradicts, where `kind` is `stale-read` or `double-cas`. */
  readonly against?: number;
}
