import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatMs, formatMsLike } from "./format.ts";
import { hanging, spaced, tableLines, unbroken, wrap } from "./layout.ts";

describe("wrap", () => {
  it("keeps to the width and loses no text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme-ascii" }), fc.integer({ min: 1, max: 40 }), (text, width) => {
        const lines = wrap(text, width);
        expect(lines.every((line) => line.length <= width)).toBe(true);
        expect(lines.join("").replaceAll(" ", "")).toBe(text.replaceAll(" ", ""));
      }),
    );
  });

  it("holds together what must not be broken", () => {
    expect(wrap(`a ${unbroken("b c")}`, 4).map(spaced)).toEqual(["a", "b c"]);
  });

  it("puts later lines under the first", () => {
    expect(hanging("ab ", "one two", 7)).toEqual(["ab one", "   two"]);
  });
});

describe("tableLines", () => {
  it("aligns, and wraps the widest column to fit", () => {
    const lines = tableLines(
      [{ title: "n", align: "right" }, { title: "text" }],
      [
        ["10", "some words here"],
        ["7", "x"],
      ],
      {
        width: 16,
      },
    );
    expect(lines).toEqual([" n   text", "10   some words", "     here", " 7   x"]);
  });

  it("is empty without rows", () => {
    expect(tableLines([{}], [], { width: 80 })).toEqual([]);
  });
});

describe("formatMs", () => {
  it.each([
    [0, "0 ms"],
    [0.4123, "0.41 ms"],
    [4.13, "4.1 ms"],
    [1630.2, "1,630 ms"],
    [24_130, "24.1 s"],
    [185_000, "3 min 5 s"],
    [179_999, "3 min 0 s"],
  ])("%d is %s", (ms, text) => expect(formatMs(ms)).toBe(text));

  it("keeps one unit for a column", () => {
    expect([0, 4207].map(formatMsLike(14_220))).toEqual(["0.00 s", "4.21 s"]);
    expect([0, 4207].map(formatMsLike(4207))).toEqual(["0 ms", "4,207 ms"]);
  });
});
