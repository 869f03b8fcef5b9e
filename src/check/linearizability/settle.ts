import type { ModelStep } from "./model-steps.ts";

/**
 * Settles operations whose end nobody knows, where that can be done without trying. In a history whose values are
 * unique, as the workload's are, none is left: the search then has no more choices than if every operation had ended.
 * In the register's history an open operation
 *
 * - `cas v → v` is dropped: it changes nothing;
 * - `cas u → v` is dropped if nobody can have set `u`: it cannot have found it;
 * - that sets a `v` which nobody observes is dropped. Take any legal order that holds it: what comes after it, up to
 *   the next
 *   change, did not need `v`, so without it the order is legal as well. (Not so if a refused cas tells only that there was
 *   *another* value: that may be explained by any `v`. Such keys are left alone.)
 * - that alone can have set a `v` which a completed operation observed surely happened, and before the first of those
 *   ended:
 *   it is closed at that time.
 *
 * Each may settle another, so it goes on until nothing changes.
 *
 * @param steps - Of one key, none of them an append; those that are open without any effect (reads) are not among them.
 * @returns those that are left, closed ones with their new end
 */
export function settle(steps: readonly ModelStep[], initial: number): ModelStep[] {
  if (steps.every(({ returnedAt }) => returnedAt !== Infinity)) return [...steps];
  const view = observe(steps);
  const refusals = steps.some(({ kind }) => kind === "not");
  let open = steps.filter(({ returnedAt }) => returnedAt === Infinity).reverse(); // a chain of cas settles from its end
  const closed: ModelStep[] = [];
  for (let before = -1; before !== open.length; ) {
    before = open.length;
    open = open.filter((step) => {
      const target = step.kind === "cas" ? step.to : step.value;
      const { makers, openObservers, firstSeen } = view(target);
      const useless =
        (step.kind === "cas" && (step.value === target || !canStand(view, step.value, initial))) ||
        (!refusals && openObservers === 0 && firstSeen === Infinity);
      if (useless) {
        view(target).makers -= 1;
        if (step.kind === "cas") view(step.value).openObservers -= 1;
        return false;
      }
      const must = firstSeen !== Infinity && makers === 1 && target !== initial && firstSeen > step.invokedAt;
      if (!must) return true;
      closed.push({ ...step, returnedAt: firstSeen });
      if (step.kind === "cas") {
        const from = view(step.value);
        from.openObservers -= 1;
        from.firstSeen = Math.min(from.firstSeen, firstSeen);
      }
      return false;
    });
  }
  return [...steps.filter(({ returnedAt }) => returnedAt !== Infinity), ...closed, ...open];
}

interface Seen {
  /** Operations that may have set it. */
  makers: number;
  /** Open cas that would have to find it. */
  openObservers: number;
  /** When the first completed operation ended that found it. */
  firstSeen: number;
}

function canStand(view: (state: number) => Seen, state: number, initial: number): boolean {
  return state === initial || view(state).makers > 0;
}

function observe(steps: readonly ModelStep[]): (state: number) => Seen {
  const seen = new Map<number, Seen>();
  const view = (state: number) => {
    const known = seen.get(state) ?? { makers: 0, openObservers: 0, firstSeen: Infinity };
    seen.set(state, known);
    return known;
  };
  for (const { kind, value, to, returnedAt } of steps) {
    if (kind === "write") view(value).makers += 1;
    if (kind === "cas") view(to).makers += 1;
    if (kind !== "read" && kind !== "cas") continue;
    if (returnedAt === Infinity) view(value).openObservers += 1;
    else view(value).firstSeen = Math.min(view(value).firstSeen, returnedAt);
  }
  return view;
}
