import type { Operation } from "../history/operations.ts";

/** An increment that was acknowledged, with the count that it was told. */
export interface Told {
  readonly operation: Operation;
  readonly reply: number;
}

/** A count that was not higher than one told before, or not another one than was told to somebody else. */
export interface StepBack {
  readonly before: Told;
  readonly after: Told;
}

/**
 * The first pair of acknowledged increments whose replies cannot both be true: each increment of a counter is told
 * another number, and one that was sent after another had been answered is told a higher one.
 */
export function stepBack(told: readonly Told[]): StepBack | undefined {
  const answered = [...told].sort((a, b) => completedAt(a) - completedAt(b));
  const sent = [...told].sort((a, b) => a.operation.invokedAt - b.operation.invokedAt);
  let highest: Told | undefined;
  let next = 0;
  for (const after of sent) {
    for (; next < answered.length; next += 1) {
      const before = answered[next] as Told;
      if (completedAt(before) >= after.operation.invokedAt) break;
      if (!highest || before.reply > highest.reply) highest = before;
    }
    if (highest && highest.reply >= after.reply) return { before: highest, after };
  }
  const seen = new Map<number, Told>();
  for (const after of answered) {
    const before = seen.get(after.reply);
    if (before) return { before, after };
    seen.set(after.reply, after);
  }
  return undefined;
}

/**
 * The first count that too few increments explain. Every count up to the last must be the work of one increment: of the
 * one that was told so, or of one that nobody knows the end of (`unsure`), which may have been done at any time after
 * it was sent.
 *
 *     told 1, 2, 5         counts 3 and 4 need two unsure increments, each sent before somebody was told 5
 *
 * With {@link stepBack} and a final count not below any reply this decides exactly whether one counter that does one
 * thing at a time could have answered so (linearizability): the unsure ones are given to the free counts in order, by
 * the earliest count that each could have made (Hall's marriage theorem, for intervals without an end).
 */
export function unexplainedCount(
  told: readonly Told[],
  unsure: readonly Operation[],
  last: number,
): number | undefined {
  const taken = new Set(told.map(({ reply }) => reply));
  const earliest = earliestCounts(told, unsure);
  let used = 0;
  for (let count = 1; count <= last; count += 1) {
    if (taken.has(count)) continue;
    if ((earliest[used] ?? Number.POSITIVE_INFINITY) > count) return count;
    used += 1;
  }
  return undefined;
}

/**
 * For each unsure increment the lowest count that it can have made: above all that were told before it was sent.
 * Ascending.
 */
function earliestCounts(told: readonly Told[], unsure: readonly Operation[]): number[] {
  const answered = [...told].sort((a, b) => completedAt(a) - completedAt(b));
  let highest = 0;
  let next = 0;
  return [...unsure]
    .sort((a, b) => a.invokedAt - b.invokedAt)
    .map(({ invokedAt }) => {
      for (; next < answered.length; next += 1) {
        const before = answered[next] as Told;
        if (completedAt(before) >= invokedAt) break;
        highest = Math.max(highest, before.reply);
      }
      return highest + 1;
    });
}

function completedAt({ operation }: Told): number {
  return operation.completedAt ?? Number.POSITIVE_INFINITY;
}
