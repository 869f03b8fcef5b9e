import type { Observed } from "../model/observed.ts";
import type { StreamName } from "./output.ts";

type Why = Observed["app-line"]["why"];

/**
 * Unhandled errors as runtimes print them: Node, Deno and Bun, Python, Java and Kotlin, Go, Ruby, PHP, .NET, Rust.
 */
const UNHANDLED = [
  /Unhandled ?(promise ?)?rejection/i,
  /\bUncaught\b/,
  /Unhandled '?error'? event/,
  /Traceback \(most recent call last\)/,
  /Exception in thread "/,
  /^panic: /,
  /^fatal error: /,
  /terminated with exception \(report_on_exception is true\)/,
  /PHP Fatal error/,
  /Unhandled exception/,
  /thread '.*' panicked at/,
];
const ERRORS = [
  /\b(errors?|exceptions?|failed|failure|fatal|refused|timed? ?out|unavailable|denied)\b/i,
  /[a-z](Error|Exception)\b/,
  /\b(E[A-Z]{4,}|READONLY|CLUSTERDOWN|LOADING|MASTERDOWN|NOREPLICAS|MISCONF|NOAUTH|WRONGPASS)\b/,
];

/** While an outage lasts each request may leave a line: enough of them to tell what was said, not all. */
const MOST_ERRORS_PER_SECOND = 5;
const MOST_ERRORS = 500;
const MOST_OTHERS = 1000;
const LONGEST = 1000;

/** Decides which lines of an instance matter, and bounds how many are recorded. */
export class LineFilter {
  readonly #never: RegExp | undefined;
  #second = -1;
  #inSecond = 0;
  #errors = 0;
  #others = 0;

  constructor(never?: RegExp) {
    this.#never = never;
  }

  /** What to record of that line, if it matters. @param at ns */
  take(line: string, stream: StreamName, at: number): Omit<Observed["app-line"], "instance"> | undefined {
    const why = this.#whyOf(line);
    if (why === undefined || !this.#mayBeTold(why, at)) return undefined;
    return { at, stream, text: line.slice(0, LONGEST), why };
  }

  #whyOf(line: string): Why | undefined {
    if (this.#never?.test(line)) return "never";
    if (UNHANDLED.some((one) => one.test(line))) return "unhandled-error";
    return ERRORS.some((one) => one.test(line)) ? "error" : undefined;
  }

  #mayBeTold(why: Why, at: number): boolean {
    if (why !== "error") {
      this.#others += 1;
      return this.#others <= MOST_OTHERS;
    }
    const second = Math.floor(at / 1e9);
    if (second !== this.#second) [this.#second, this.#inSecond] = [second, 0];
    this.#inSecond += 1;
    if (this.#inSecond > MOST_ERRORS_PER_SECOND) return false;
    this.#errors += 1;
    return this.#errors <= MOST_ERRORS;
  }
}
