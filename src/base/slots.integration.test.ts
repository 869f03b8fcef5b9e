import fc from "fast-check";
import { expect, it } from "vitest";
import { testEnvironment } from "../session/environment.test-data.ts";
import { keySlot } from "./slots.ts";

/** Braces come often, so that there are tags, empty ones, several, and ones that are not closed. */
const keys = fc.string({
  unit: fc.oneof(fc.constantFrom("{", "}"), fc.string({ unit: "grapheme", maxLength: 1 })),
});

it("the slot of any key is what a server says (CLUSTER KEYSLOT)", { timeout: 60_000 }, async () => {
  const environment = await testEnvironment({ kind: "cluster", shards: 1, replicas: 0 });
  try {
    const drawn = [
      "",
      "{",
      "}",
      "{}",
      "{}{a}",
      "a{}{b}",
      "{a",
      "a}{b}",
      "{{}}",
      "{a}{b}",
      "ключ{тег}",
      "🔑{🔑}",
    ];
    drawn.push(...fc.sample(keys, { numRuns: 2000, seed: 1 }));
    const admin = environment.admins.of(environment.topology.plan.nodes[0]?.name ?? "");
    const told = await admin.pipeline(drawn.map((key) => ["CLUSTER", "KEYSLOT", key]));
    expect(drawn.map((key) => [key, keySlot(key)])).toEqual(drawn.map((key, place) => [key, told[place]]));
  } finally {
    await environment.close();
  }
});
