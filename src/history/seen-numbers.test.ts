import fc from "fast-check";
import { expect, it } from "vitest";
import { SeenNumbers } from "./seen-numbers.ts";

const number = fc.oneof(
  fc.nat(40),
  fc.integer({ min: 65_000, max: 66_000 }),
  fc.constantFrom(-1, 0.5, 2 ** 28 - 1, 2 ** 28, 2 ** 40, 2 ** 40 + 1),
);

it("knows what was seen as a set does", () => {
  fc.assert(
    fc.property(fc.array(number, { maxLength: 200 }), (numbers) => {
      const [seen, model] = [new SeenNumbers(), new Set<number>()];
      for (const one of numbers) {
        expect(seen.has(one)).toBe(model.has(one));
        expect(seen.add(one)).toBe(!model.has(one));
        model.add(one);
      }
      for (const one of model) expect(seen.has(one)).toBe(true);
    }),
    { numRuns: 60 },
  );
});
