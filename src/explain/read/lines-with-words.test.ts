import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LineFilter } from "./lines-with-words.ts";
import { tell, WORDS } from "./phrases/tell.ts";
import { recorded, VERSIONS } from "./recorded.test-data.ts";
import { wordTable } from "./word-search.ts";

describe("lines with words", () => {
  const letters = fc.string({ unit: fc.constantFrom("a", "b", "c", " "), maxLength: 12 });
  const word = fc.string({ unit: fc.constantFrom("a", "b", "c"), minLength: 1, maxLength: 4 });

  it("are those that hold one, however the bytes come", () => {
    fc.assert(
      fc.property(
        fc.array(word, { minLength: 1, maxLength: 6 }),
        fc.array(letters, { maxLength: 20 }),
        fc.nat({ max: 3 }),
        fc.integer({ min: 1, max: 7 }),
        fc.boolean(),
        (words, lines, firstLines, chunkSize, isWhole) => {
          const text = lines.join("\n") + (isWhole ? "\n" : "");
          const expected = text
            .split("\n")
            .slice(0, text.endsWith("\n") || text === "" ? -1 : undefined)
            .map((line, at) => [at + 1, line] as const)
            .filter(
              ([lineNo, line], _, { length }) =>
                lineNo <= firstLines || lineNo === length || words.some((one) => line.includes(one)),
            );
          const found = filtered(words, text, chunkSize, firstLines);
          const again = found.at(-2)?.[0] === found.at(-1)?.[0];
          expect(again ? found.slice(0, -1) : found).toEqual(expected);
        },
      ),
    );
  });

  it("that have no end are cut, and the next one is found", () => {
    const text = `${"x".repeat(300_000)} word\nshort word\n`;
    const found = filtered(["word"], text, 50_000, 0);
    expect(found).toEqual([
      [2, "short word"],
      [2, "short word"], // the last line comes in any case
    ]);
  });

  it("hold one wherever a recorded line tells anything", () => {
    for (const version of VERSIONS) {
      for (const scenario of ["ha-failover", "cluster-failover"] as const) {
        const texts = [...recorded(scenario, version).values()].flatMap((log) => log.split("\n"));
        const messages = texts.map((line) => line.replace(/^\S+ \d+ \w+ \d+ \S+ . /, ""));
        const told = messages.filter((text) => tell(text) !== undefined);
        expect(told.length).toBeGreaterThan(50);
        expect(told.filter((text) => !WORDS.some((one) => text.includes(one)))).toEqual([]);
      }
    }
    expect(WORDS.filter((one) => one.length < 4)).toEqual([]);
  });
});

function filtered(
  words: readonly string[],
  text: string,
  chunkSize: number,
  firstLines: number,
): [number, string][] {
  const found: [number, string][] = [];
  const take = (bytes: Buffer, from: number, to: number, lineNo: number) =>
    found.push([lineNo, bytes.toString("utf8", from, to)]);
  const filter = new LineFilter(wordTable(words), take, firstLines);
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += chunkSize) filter.push(bytes.subarray(at, at + chunkSize));
  filter.end();
  return found;
}
