import type { Scenario, Step } from "../scenario/schema.ts";
import { STEPS, titleOf } from "../scenario/steps/registry.ts";

/** A scenario with something left out or shortened, and what that was. */
export interface Smaller {
  readonly scenario: Scenario;
  readonly what: string;
}

/**
 * Every scenario that is one move smaller, the boldest moves first: halves of the steps dropped, then each single step
 * (a fault together with its healing), then each step that its own kind can shorten. Some make no sense; they are
 * refused, or pass, when they are tried. Pure and finite: each move leaves strictly less.
 */
export function smallerThan(scenario: Scenario): Smaller[] {
  const { steps } = scenario;
  const without = (dropped: ReadonlySet<number>, what: string): Smaller => ({
    scenario: { ...scenario, steps: steps.filter((_, index) => !dropped.has(index)) },
    what,
  });
  const halves = steps.length < 6 ? [] : [range(Math.ceil(steps.length / 2), steps.length)];
  const singles = steps.map((_, index) => withHealing(steps, index));
  const shorter = steps.flatMap((step, index) =>
    (STEPS.get(step.action)?.smaller?.(step.value) ?? []).map((value): Smaller => {
      const changed = steps.with(index, { action: step.action, value });
      return {
        scenario: { ...scenario, steps: changed },
        what: `${titleOf(step)} became ${titleOf({ ...step, value })}`,
      };
    }),
  );
  return [
    ...halves.map((dropped) =>
      without(dropped, `steps ${Math.min(...dropped) + 1} to ${steps.length} dropped`),
    ),
    ...singles
      .filter((dropped) => dropped.size < steps.length)
      .map((dropped) =>
        without(dropped, `${[...dropped].map((at) => titleOf(steps[at] as Step)).join(" and ")} dropped`),
      ),
    ...shorter,
  ];
}

/** An injected fault goes together with the `heal` that only it needs. */
function withHealing(steps: readonly Step[], index: number): Set<number> {
  const kind = faultOf(steps[index] as Step);
  if (kind === undefined) return new Set([index]);
  const others = steps.some((step, at) => at !== index && faultOf(step) === kind);
  const heals = steps.flatMap((step, at) => (step.action === "heal" && step.value === kind ? [at] : []));
  return new Set(others ? [index] : [index, ...heals]);
}

function faultOf({ action, value }: Step): string | undefined {
  return action === "inject" ? (value as { fault: string }).fault : undefined;
}

function range(from: number, to: number): Set<number> {
  return new Set(Array.from({ length: to - from }, (_, n) => from + n));
}
