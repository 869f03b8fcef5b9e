import { duration, type Requirement } from "./checker.ts";
import type { Facts } from "./facts.ts";
import type { Span } from "./span.ts";
import { stalledWords } from "./stalled-words.ts";
import { stallsAt } from "./stalls.ts";

/** The longest time in which nothing was sent, held against a limit. */
export interface Gap {
  readonly gap: Span;
  readonly limitMs: number;
  /** Two in a row may lie so far apart. */
  readonly allowedMs: number;
  /** What must have been sent: `writes to shard 2`. */
  readonly name: string;
  /** What the tool did not send where it stood still. */
  readonly sends: string;
  /** What lay between two, where it did not: `the probe left 2.1 s between two writes`. */
  readonly left: (length: string) => string;
  /** What to change, where the tool did not stand still. */
  readonly add: string;
}

/** Two in a row lie no further apart than the limit: a longer outage could not hide between them. */
export function closeEnough(
  facts: Facts,
  { gap, limitMs, allowedMs, name, sends, left, add }: Gap,
): Requirement {
  const longestMs = (gap.to - gap.from) / 1e6;
  const stalls = stallsAt(facts, gap, allowedMs / 2);
  const isStalled = stalls.length > 0;
  const length = duration(longestMs);
  const why = isStalled ? `${stalledWords(stalls)}, and sent no ${sends} for ${length}` : left(length);
  return {
    reason: isStalled ? "tool-stalled" : "probe-too-slow",
    needs: `${name}: one at least every ${duration(allowedMs)}`,
    met: longestMs <= allowedMs,
    seen: `${why}: an outage longer than ${duration(limitMs)} may have come and gone in between`,
    ...(!isStalled && { add }),
  };
}
