import fc from "fast-check";
import { build } from "hdr-histogram-js";
import { describe, expect, it } from "vitest";
import { Histogram, rowAtShare } from "./histogram.ts";

const SHARES = [0.001, 0.5, 0.9, 0.99, 0.999, 1];
const values = fc.array(
  fc.oneof(
    fc.nat({ max: 3000 }),
    fc.nat({ max: 600_000_000 }),
    fc.nat({ max: 40 }).map((n) => 2 ** n - 1),
  ),
  { minLength: 1, maxLength: 300 },
);

function filled(digits: 2 | 3, all: readonly number[]): Histogram {
  const histogram = new Histogram(digits);
  for (const value of all) histogram.add(value);
  return histogram;
}

describe("a histogram", () => {
  it.each([2, 3] as const)(
    "of %i digits has the percentiles of HdrHistogram, but none above the largest",
    (digits) => {
      fc.assert(
        fc.property(values, (all) => {
          const theirs = build({
            lowestDiscernibleValue: 1,
            highestTrackableValue: 2 ** 41,
            numberOfSignificantValueDigits: digits,
          });
          for (const value of all) theirs.recordValue(value);
          const ours = filled(digits, all);
          expect({ total: ours.total, max: ours.max }).toEqual({ total: all.length, max: Math.max(...all) });
          for (const share of SHARES)
            expect(ours.atShare(share)).toBe(Math.min(ours.max, theirs.getValueAtPercentile(share * 100)));
        }),
      );
    },
  );

  it("is never below the true percentile, nor above it by more than its digits allow", () => {
    fc.assert(
      fc.property(values, (all) => {
        const sorted = all.toSorted((a, b) => a - b);
        const ours = filled(3, all);
        for (const share of SHARES) {
          const exact = sorted[Math.max(1, Math.ceil(all.length * share - 1e-9)) - 1] as number;
          expect(ours.atShare(share)).toBeGreaterThanOrEqual(exact);
          expect(ours.atShare(share)).toBeLessThanOrEqual(exact * 1.001);
        }
      }),
    );
  });

  it("added to another is as if all had been counted in one", () => {
    fc.assert(
      fc.property(values, values, (one, other) => {
        const added = filled(2, one);
        added.merge(filled(2, other));
        const both = filled(2, [...one, ...other]);
        expect({ total: added.total, max: added.max }).toEqual({ total: both.total, max: both.max });
        for (const share of SHARES) expect(added.atShare(share)).toBe(both.atShare(share));
      }),
    );
  });

  it("of nothing has no percentile, and does not mix digits", () => {
    expect(new Histogram(3).atShare(0.5)).toBeNull();
    expect(() => new Histogram(3).merge(new Histogram(2))).toThrow(RangeError);
  });
});

describe("the row of a share", () => {
  it("is the first by which so many are reached", () => {
    expect(rowAtShare([1, 0, 1, 2], 4, 0.5)).toBe(2);
    expect(rowAtShare([1, 0, 1, 2], 4, 0.51)).toBe(3);
    expect(rowAtShare([0, 1], 1, 0)).toBe(1);
    expect(rowAtShare([], 0, 0.5)).toBeUndefined();
    expect(rowAtShare([999, 1], 1000, 0.999)).toBe(0);
  });
});
