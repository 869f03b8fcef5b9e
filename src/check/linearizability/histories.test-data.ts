import fc from "fast-check";
import type { Action, RegisterOperation, Value } from "../../model/register.ts";

/** Of which operations a history is made. */
export type Flavour = "register" | "register with blind refusals" | "text" | "list";

const small = fc.constantFrom<Value>(1, 2, 3);
const word = fc.constantFrom<Value>("a", "b");
const found = fc.constantFrom<Value>(null, 1, 2, 3);

/** Any action, whether it makes sense or not. */
function anyAction(flavour: Flavour): fc.Arbitrary<Action> {
  if (flavour === "text" || flavour === "list") {
    const state: fc.Arbitrary<Value> =
      flavour === "list"
        ? fc.array(word, { maxLength: 3 })
        : fc.constantFrom("a", "b", "ab", "ba", "aa", null);
    return fc.oneof(
      { weight: 3, arbitrary: fc.record({ f: fc.constant("read" as const), value: state }) },
      { weight: 3, arbitrary: fc.record({ f: fc.constant("append" as const), value: word }) },
      { weight: 1, arbitrary: fc.record({ f: fc.constant("write" as const), value: state }) },
      { weight: 1, arbitrary: fc.record({ f: fc.constant("cas" as const), from: state, to: state }) },
    );
  }
  const refused = fc.record({ f: fc.constant("cas-refused" as const), from: found, saw: found });
  const blind = fc.record({ f: fc.constant("cas-refused" as const), from: found });
  return fc.oneof(
    { weight: 4, arbitrary: fc.record({ f: fc.constant("read" as const), value: found }) },
    { weight: 3, arbitrary: fc.record({ f: fc.constant("write" as const), value: small }) },
    { weight: 3, arbitrary: fc.record({ f: fc.constant("cas" as const), from: found, to: small }) },
    { weight: 1, arbitrary: flavour === "register" ? refused : fc.oneof(refused, blind) },
  );
}

/** Any history of one key: actions at any times, with any answers, every third open. */
export function anyHistory(flavour: Flavour, most: number): fc.Arbitrary<RegisterOperation[]> {
  const time = fc.integer({ min: 0, max: 4 * most });
  const operation = fc.record({
    action: anyAction(flavour),
    invokedAt: time,
    took: fc.integer({ min: 0, max: 2 * most }),
    open: fc.nat({ max: 2 }).map((n) => n === 0),
  });
  return fc.array(operation, { minLength: 1, maxLength: most }).map((given) =>
    given.map(({ action, invokedAt, took, open }, id) => ({
      id,
      process: `${id}`,
      key: "k",
      action,
      invokedAt,
      returnedAt: open ? Infinity : invokedAt + took,
    })),
  );
}
