import { DrillError } from "../../model/errors.ts";
import type { Value } from "../../model/register.ts";

export const TYPES = ["invoke", "ok", "fail", "info"] as const;

/** What a history may call an operation, and what it is here. Porcupine's histories say `get` and `put`. */
const FUNCTIONS = {
  read: "read",
  write: "write",
  cas: "cas",
  append: "append",
  get: "read",
  put: "write",
} as const;

/** Where something stands in the file, for errors. */
export interface Place {
  readonly path: string;
  readonly line: number;
}

/** One event of a plain history, whatever the format: an operation begins or ends. */
export interface Line {
  readonly place: Place;
  readonly process: string;
  readonly type: (typeof TYPES)[number];
  readonly f: "read" | "write" | "cas" | "append";
  /** `undefined`: it has none, or leaves it to the line that began the operation. */
  readonly key?: string;
  readonly value?: Value;
}

/** The same as it was found: anything may stand in it. */
export interface Fields {
  readonly process: unknown;
  readonly type: unknown;
  readonly f: unknown;
  readonly key: unknown;
  readonly value: unknown;
}

/** Deep enough for any value, and far from where a program that goes down into it would end. */
const DEEPEST = 100;

/**
 * @returns `undefined` for what the nemesis did: it is no client
 * @throws DrillError `BAD_RUN` for what is no line of a history
 */
export function checkLine({ process, type, f, key, value }: Fields, place: Place): Line | undefined {
  if (process === "nemesis" || process === ":nemesis") return undefined;
  if (!isName(process)) throw wrong(place, `process must be a number or a text, got ${told(process)}`);
  if (!isOneOf(TYPES, type)) throw wrong(place, `type must be one of ${TYPES.join(", ")}, got ${told(type)}`);
  if (typeof f !== "string" || !Object.hasOwn(FUNCTIONS, f)) {
    const names = Object.keys(FUNCTIONS).join(", ");
    throw wrong(place, `f must be one of ${names}, got ${told(f)}`);
  }
  if (!(key === undefined || key === null || isName(key)))
    throw wrong(place, `key must be a number or a text, got ${told(key)}`);
  const problem = problemIn(value, 0);
  if (problem !== undefined) throw wrong(place, problem);
  // Where a key that is not there is read as an empty text, an empty text is nothing.
  const nothing = value === "" && (f === "get" || f === "put");
  return {
    place,
    process: `process ${process}`,
    type,
    f: FUNCTIONS[f as keyof typeof FUNCTIONS],
    key: key === undefined || key === null ? undefined : String(key),
    value: nothing ? null : (value as Value | undefined),
  };
}

/** @returns what is wrong with a value that cannot be compared */
function problemIn(value: unknown, depth: number): string | undefined {
  if (typeof value === "number" && !Number.isFinite(value))
    return `${value} is no value that can be compared`;
  if (typeof value !== "object" || value === null) return undefined;
  if (depth >= DEEPEST) return `a value must not be nested more than ${DEEPEST} times`;
  for (const inner of Object.values(value)) {
    const problem = problemIn(inner, depth + 1);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

/** Jepsen numbers the events of a history: in a file in which the numbers fall, what came when cannot be told. */
export class IndexOrder {
  #last = -Infinity;

  /** @throws DrillError `BAD_RUN` if this event came before the one above it */
  take(index: number, place: Place): void {
    if (index <= this.#last)
      throw wrong(
        place,
        `index ${index} comes after ${this.#last}: the operations are not in the order of time`,
      );
    if (!Number.isNaN(index)) this.#last = index;
  }
}

export function isName(value: unknown): value is string | number {
  return typeof value === "string" || typeof value === "number";
}

function isOneOf<Name extends string>(names: readonly Name[], value: unknown): value is Name {
  return names.includes(value as Name);
}

/** Longer than anybody reads in an error. */
const LONGEST_TOLD = 80;

/** A value in an error. */
export function told(value: unknown): string {
  const text = JSON.stringify(value) ?? "undefined";
  return text.length > LONGEST_TOLD ? `${text.slice(0, LONGEST_TOLD)}…` : text;
}

/** An error of a file's line. */
export function wrong({ path, line }: Place, what: string, cause?: unknown): DrillError {
  return new DrillError("BAD_RUN", `${path}:${line}: ${what}`, {
    hint: "docs/guide.md, Histories from elsewhere, describes the formats.",
    cause,
  });
}
