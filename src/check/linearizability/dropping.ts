import type { ModelStep } from "./model-steps.ts";

/**
 * Which of the dropped operations are needed, if the kept ones are to be judged without the others? A part may be
 * judged alone if every legal order of the whole is, with the rest taken out, a legal order of the part: then a part
 * that has none shows that the whole has none.
 *
 * What a dropped operation found does not matter. One that sets `v` matters only to who finds `v` (or something other
 * than what it must not find) with no other change between. That is none of those kept if each of them
 *
 * - ended before the dropped one began, or
 * - began after a kept one that surely changes the register, which itself came wholly after the dropped one.
 *
 * To an append it matters what was there, whatever that was. Each leaves its trace in every later value: `leavesTrace`
 * tells whether the kept ones show it.
 */
export function neededOf(
  dropped: readonly ModelStep[],
  kept: readonly ModelStep[],
  leavesTrace: (append: ModelStep) => boolean,
): ModelStep[] {
  const hiddenAt = hidingTimes(kept);
  const finders = findersOf(kept);
  return dropped.filter((step) => {
    if (step.kind === "read" || step.kind === "not") return false;
    if (step.kind === "append") return leavesTrace(step);
    const hidden = step.returnedAt === Infinity ? Infinity : hiddenAt(step.returnedAt);
    return finders(step.kind === "cas" ? step.to : step.value).some(
      ({ invokedAt, returnedAt }) => returnedAt >= step.invokedAt && invokedAt <= hidden,
    );
  });
}

/** When the first of the kept operations has ended that surely changes the register and began after a given time. */
function hidingTimes(kept: readonly ModelStep[]): (after: number) => number {
  const changes = kept
    .filter(({ kind, returnedAt }) => (kind === "write" || kind === "cas") && returnedAt !== Infinity)
    .sort((a, b) => b.invokedAt - a.invokedAt);
  let earliest = Infinity;
  const times = changes.map(({ invokedAt, returnedAt }) => {
    earliest = Math.min(earliest, returnedAt);
    return { invokedAt, earliest };
  });
  return (after) => {
    let [low, high] = [0, times.length]; // the latest first: how many of them began after that time
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((times[middle] as { invokedAt: number }).invokedAt > after) low = middle + 1;
      else high = middle;
    }
    return times[low - 1]?.earliest ?? Infinity;
  };
}

/** The kept operations to which it may matter that the register held a value. */
function findersOf(kept: readonly ModelStep[]): (state: number) => readonly ModelStep[] {
  const byState = new Map<number, ModelStep[]>();
  const others = kept.filter(({ kind }) => kind === "not" || kind === "append");
  for (const step of kept) {
    if (step.kind !== "read" && step.kind !== "cas") continue;
    const same = byState.get(step.value) ?? [];
    byState.set(step.value, same);
    same.push(step);
  }
  return (state) => [
    ...(byState.get(state) ?? []),
    ...others.filter(({ kind, value }) => kind === "append" || value !== state),
  ];
}
