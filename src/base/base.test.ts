import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { SlotRange } from "../model/plan.ts";
import { majority } from "./majority.ts";
import { didYouMean } from "./nearest.ts";
import { MAX_SEED, seededRandom } from "./random.ts";
import { formatRanges, missingFrom, slotsIn } from "./ranges.ts";
import { inRanges, keyInRanges, keySlot, SLOT_COUNT } from "./slots.ts";

const seeds = fc.integer({ min: 0, max: MAX_SEED });
const draw = (random: { next(): number }, count = 20) => Array.from({ length: count }, () => random.next());

describe("seededRandom", () => {
  it("gives the same numbers for the same seed, others for another", () => {
    fc.assert(
      fc.property(seeds, seeds, (one, other) => {
        expect(draw(seededRandom(one))).toEqual(draw(seededRandom(one)));
        if (one !== other) expect(draw(seededRandom(one))).not.toEqual(draw(seededRandom(other)));
      }),
    );
  });

  it("gives numbers that a machine of another kind would give as well", () => {
    expect(draw(seededRandom(1), 3)).toEqual([0.6270739405881613, 0.002735721180215478, 0.5274470399599522]);
    expect(seededRandom(1).hex(8)).toHaveLength(8);
  });

  it("stays within its bounds", () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 1, max: 1_000_000 }), (seed, limit) => {
        const random = seededRandom(seed);
        for (let n = 0; n < 50; n += 1) {
          const drawn = random.below(limit);
          expect(Number.isInteger(drawn) && drawn >= 0 && drawn < limit).toBe(true);
        }
        expect(random.hex(40)).toMatch(/^[0-9a-f]{40}$/);
      }),
    );
  });

  it("reaches every value about equally often", () => {
    const random = seededRandom(7);
    const counts = Array<number>(10).fill(0);
    for (let n = 0; n < 10_000; n += 1) counts[random.below(10)] = (counts[random.below(10)] ?? 0) + 1;
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(200);
  });

  it("forks streams by label that neither depend on nor disturb the parent", () => {
    const parent = seededRandom(3);
    const before = draw(parent.fork("plan"));
    const undisturbed = draw(seededRandom(3));
    expect(draw(parent)).toEqual(undisturbed);
    expect(draw(parent.fork("plan"))).toEqual(before);
    expect(draw(parent.fork("drill"))).not.toEqual(before);
    expect(draw(seededRandom(4).fork("plan"))).not.toEqual(before);
  });
});

describe("ranges", () => {
  it("are written as people write them", () => {
    expect(
      formatRanges([
        [0, 5460],
        [7000, 7000],
      ]),
    ).toBe("0-5460, 7000");
    expect(formatRanges([])).toBe("");
  });

  it("and what they miss hold every slot exactly once", () => {
    const cuts = fc.uniqueArray(fc.integer({ min: 0, max: 99 }), { maxLength: 20 });
    fc.assert(
      fc.property(cuts, (slots) => {
        const ranges = slots.map((slot): SlotRange => [slot, slot]);
        const missing = missingFrom(ranges, 100);
        expect(slotsIn(ranges) + slotsIn(missing)).toBe(100);
        for (let slot = 0; slot < 100; slot += 1) {
          expect(inRanges(slot, missing)).toBe(!slots.includes(slot));
        }
      }),
    );
  });

  it("that overlap or stand in any order are counted once", () => {
    expect(
      missingFrom(
        [
          [50, 70],
          [0, 60],
        ],
        100,
      ),
    ).toEqual([[71, 99]]);
    expect(missingFrom([], 3)).toEqual([[0, 2]]);
    expect(missingFrom([[0, 2]], 3)).toEqual([]);
  });
});

describe("slots", () => {
  it.each([
    ["123456789", 12_739], // the CRC16 check value of the cluster's specification, 0x31C3
    ["", 0],
    ["foo{bar}baz", 5061],
    ["{bar}", 5061],
    ["foo{}{bar}", 8363], // an empty tag is none, and no other is looked for
    ["foo{{bar}}zap", 4015],
    ["{user1000}.following", 3443],
    ["{user1000}.followers", 3443],
    ["foo{bar}{zap}", 5061], // the first tag counts
  ])("of %j is %i", (key, slot) => {
    expect(keySlot(key)).toBe(slot);
  });

  it("finds a key for any range", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: SLOT_COUNT - 1 }), fc.nat({ max: 500 }), (first, length) => {
        const last = Math.min(SLOT_COUNT - 1, first + length);
        expect(inRanges(keySlot(keyInRanges("t", [[first, last]])), [[first, last]])).toBe(true);
      }),
      { numRuns: 20 },
    );
    expect(() => keyInRanges("t", [])).toThrow(RangeError);
  }, 30_000);
});

describe("didYouMean", () => {
  it("names what is near, and keeps still otherwise", () => {
    expect(didYouMean("kil", ["kill", "pause"])).toBe(' Did you mean "kill"?');
    expect(didYouMean("ha-failovr", ["cluster-failover", "ha-failover"])).toBe(
      ' Did you mean "ha-failover"?',
    );
    expect(didYouMean("earthquake", ["kill", "pause"])).toBe("");
    expect(didYouMean("kill", [])).toBe("");
  });
});

it("a majority is more than half", () => {
  expect([1, 2, 3, 4, 5].map(majority)).toEqual([1, 2, 2, 3, 3]);
});
