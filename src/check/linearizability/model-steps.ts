import { isOpen, type RegisterOperation, type Value } from "../../model/register.ts";
import { type GrowingStates, makeGrowingStates } from "./growing-states.ts";
import { makeStates, NOWHERE, type States } from "./states.ts";

/**
 * An operation with its values as numbers of states:
 *
 *     read    the state is `value`
 *     not     the state is anything but `value`
 *     write   the state becomes `value`
 *     cas     the state is `value` and becomes `to`
 *     append  `value`, the number of an element, is appended
 */
export interface ModelStep {
  readonly kind: "read" | "not" | "write" | "cas" | "append";
  readonly value: number;
  readonly to: number;
  readonly invokedAt: number;
  readonly returnedAt: number;
  /** Place in the list of operations that was given. */
  readonly source: number;
}

/** The operations of one key as steps. */
export interface ModelSteps {
  readonly steps: ModelStep[];
  readonly states: States;
  /** Where the key is appended to: the same states. */
  readonly growing?: GrowingStates;
}

/** Left out: what is open and could change nothing, since its answer is not known either. */
export function modelStepsOf(operations: readonly RegisterOperation[]): ModelSteps {
  const appends = operations.some(({ action }) => action.f === "append");
  const growing = appends
    ? makeGrowingStates(operations.some(holdsList), valuesFound(operations))
    : undefined;
  const states = growing ?? makeStates();
  states.of(null);
  const steps: ModelStep[] = [];
  operations.forEach((operation, source) => {
    const step = stepOf(operation, source, states, growing);
    const silent = isOpen(operation) && (step.kind === "read" || step.kind === "not");
    if (!silent) steps.push(step);
  });
  return growing ? { steps, states, growing } : { steps, states };
}

function stepOf(
  operation: RegisterOperation,
  source: number,
  states: States,
  growing: GrowingStates | undefined,
): ModelStep {
  const { action } = operation;
  switch (action.f) {
    case "write":
      return step("write", states.of(action.value), NOWHERE, operation, source);
    case "append":
      return step("append", growing?.element(action.value) ?? NOWHERE, NOWHERE, operation, source);
    case "read":
      return step("read", states.of(action.value), NOWHERE, operation, source);
    case "cas": {
      const [from, to] = [states.of(action.from), states.of(action.to)];
      // it changes nothing, and says what it found
      if (from === to) return step("read", from, NOWHERE, operation, source);
      return step("cas", from, to, operation, source);
    }
    case "cas-refused": {
      const from = states.of(action.from);
      if (action.saw === undefined) return step("not", from, NOWHERE, operation, source);
      const saw = states.of(action.saw);
      // Refused for the very value that it asked for: no state explains that.
      return step("read", saw === from ? NOWHERE : saw, NOWHERE, operation, source);
    }
  }
}

/** One literal, and no spread: a history has 100,000 of these. */
function step(
  kind: ModelStep["kind"],
  value: number,
  to: number,
  { invokedAt, returnedAt }: RegisterOperation,
  source: number,
): ModelStep {
  return { kind, value, to, invokedAt, returnedAt, source };
}

/** Of a key that is appended to: one list among its values means that it holds a list. */
function holdsList({ action }: RegisterOperation): boolean {
  if (action.f === "append") return false;
  const values = "from" in action ? [action.from, "to" in action ? action.to : action.saw] : [action.value];
  return values.some((value) => Array.isArray(value));
}

/** All values that must, may or must not be found. */
function valuesFound(operations: readonly RegisterOperation[]): Value[] {
  return operations.flatMap((operation) => {
    const { action } = operation;
    if (action.f === "cas") return [action.from];
    if (isOpen(operation)) return [];
    if (action.f === "read") return [action.value];
    return action.f === "cas-refused" ? [action.saw === undefined ? action.from : action.saw] : [];
  });
}
