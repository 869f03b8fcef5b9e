import fc from "fast-check";
import { expect, it } from "vitest";
import { FinalValues } from "./final-values.ts";

const entry = fc.record({
  group: fc.constantFrom("a", "b", "c"),
  key: fc.nat(40).map((n) => `key:${n}`),
  value: fc.option(fc.constantFrom("1", "2")),
});

it("gives of every key what a map would, in whatever order it is asked", () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(entry, { selector: ({ key }) => key, maxLength: 40 }),
      fc.array(fc.nat(45).map((n) => `key:${n}`)),
      (entries, asked) => {
        const values = new FinalValues();
        for (const { group, key, value } of entries) values.add(group, key, value);
        const model = new Map(entries.map(({ key, value }) => [key, value]));
        const written = entries.map(({ key }) => key); // as they were read: the way it is made for
        for (const keys of [written, asked, asked.toReversed()]) {
          const finalValue = values.inOrder();
          for (const key of keys) expect(finalValue(key)).toBe(model.get(key));
        }
        expect(values.byKey).toEqual(model);
      },
    ),
  );
});

it("takes what is added after it was asked", () => {
  const values = new FinalValues();
  values.add("a", "x", "1");
  expect(values.byKey.get("y")).toBeUndefined();
  values.add("a", "y", null);
  expect(values.byKey.get("y")).toBeNull();
});
