import type { RegisterOperation, Value } from "../../model/register.ts";

/**
 * Is the history of one key linearizable? By the definition alone: tries every order of every choice of open
 * operations, without any of the rules that the search knows. For a handful of operations.
 */
export function bruteForce(operations: readonly RegisterOperation[]): boolean {
  const lists = operations.some(({ action }) => {
    const { f, ...values } = action;
    return f !== "append" && Object.values(values).some((value) => Array.isArray(value));
  });
  const appends = operations.some(({ action }) => action.f === "append");
  const start: Value = appends && lists ? [] : null;
  const place = (state: Value, left: readonly RegisterOperation[]): boolean => {
    if (left.every(({ returnedAt }) => returnedAt === Infinity)) return true;
    return left.some((operation) => {
      const others = left.filter((other) => other !== operation);
      if (others.some(({ returnedAt }) => returnedAt < operation.invokedAt)) return false;
      const next = stateAfter(operation, state, start);
      return next !== undefined && place(next, others);
    });
  };
  return place(start, operations);
}

function stateAfter(
  { action, returnedAt }: RegisterOperation,
  state: Value,
  start: Value,
): Value | undefined {
  const same = (a: Value, b: Value) => JSON.stringify(a ?? start) === JSON.stringify(b ?? start);
  const open = returnedAt === Infinity;
  switch (action.f) {
    case "read":
      return open || same(action.value, state) ? state : undefined;
    case "write":
      return action.value;
    case "cas":
      if (same(action.from, state)) return action.to;
      return open ? state : undefined;
    case "cas-refused":
      if (open) return state;
      if (same(action.from, state)) return undefined;
      return action.saw === undefined || same(action.saw, state) ? state : undefined;
    case "append":
      if (!Array.isArray(start)) return `${state ?? ""}${action.value}`;
      return Array.isArray(state ?? start) ? [...((state ?? start) as Value[]), action.value] : undefined;
  }
}
