import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ROOT } from "./support/structure.ts";

/*
 * README.ko.md is README.md in Korean. Prose cannot be compared by a program; all that surrounds it can, so a change of
 * one page that was not carried over to the other is found here.
 */

const english = readFileSync(join(ROOT, "README.md"), "utf8");
const korean = readFileSync(join(ROOT, "README.ko.md"), "utf8");

const ENGLISH_LANGUAGES = "English | [한국어](README.ko.md)";
const KOREAN_LANGUAGES = "[English](README.md) | 한국어";

/** What two pages must have in common, whatever language they are in. */
const PARTS: Record<string, (page: string) => unknown[]> = {
  "heading levels": headingLevels,
  "code blocks": codeBlocks,
  "rows of tables": tableRows,
  links: linkTargets,
};

describe("README.ko.md", () => {
  it("is built as README.md is", () => {
    expect(differences(english, korean)).toEqual([]);
  });

  it("leads to the other language, and back", () => {
    expect(english.split("\n")).toContain(ENGLISH_LANGUAGES);
    expect(korean.split("\n")).toContain(KOREAN_LANGUAGES);
  });
});

describe("the function that compares pages", () => {
  const row = /^\| `ha-failover` \|.*\n/m;

  it.each([
    ["a heading of another level", "heading levels", korean.replace(/^## /m, "### ")],
    ["a heading that is missing", "heading levels", korean.replace(/^## .*\n/m, "")],
    [
      "a letter changed in a block of code",
      "code blocks",
      korean.replace("npm ci && npm start", "npm start"),
    ],
    ["a block of code in another language", "code blocks", korean.replace("```console", "```sh")],
    ["a row that is missing", "rows of tables", korean.replace(row, "")],
    ["a row in addition", "rows of tables", korean.replace(row, "$&$&")],
    ["a link to somewhere else", "links", korean.replace("](docs/guide.md)", "](docs/guide.ko.md)")],
    ["a link that is missing", "links", korean.replace("](CHANGELOG.md)", "]")],
  ])("finds %s", (_, part, changed) => {
    expect(changed).not.toBe(korean);
    expect(differences(korean, changed)).toEqual([expect.stringMatching(new RegExp(`^${part}: `))]);
  });

  it("finds nothing where only prose differs, or the line of languages", () => {
    const changed = korean
      .replace(KOREAN_LANGUAGES, ENGLISH_LANGUAGES)
      .replace(/^## .*$/m, "## Something else");
    expect(changed).not.toBe(korean);
    expect(differences(korean, changed)).toEqual([]);
  });
});

/** One line for each part that is not the same on both pages, with the first place where it is not. */
function differences(one: string, other: string): string[] {
  return Object.entries(PARTS).flatMap(([part, of]) => {
    const [left, right] = [of(one), of(other)];
    const length = Math.max(left.length, right.length);
    const place = Array.from({ length }, (_, index) => index).find((index) => left[index] !== right[index]);
    if (place === undefined) return [];
    return [`${part}: ${JSON.stringify(left[place])} and ${JSON.stringify(right[place])} at ${place + 1}`];
  });
}

function headingLevels(page: string): number[] {
  return [...withoutCode(page).matchAll(/^(#+) /gm)].map(([, marks = ""]) => marks.length);
}

function codeBlocks(page: string): string[] {
  return [...page.matchAll(/^```[\s\S]*?^```$/gm)].map(([block]) => block);
}

/** How many lines each table has, in order. */
function tableRows(page: string): number[] {
  return [...withoutCode(page).matchAll(/(^\|.*\n)+/gm)].map(([table]) => table.split("\n").length - 1);
}

/** Every target once, in the order of the alphabet: another language puts links into another order. */
function linkTargets(page: string): string[] {
  const prose = withoutCode(page).replace(ENGLISH_LANGUAGES, "").replace(KOREAN_LANGUAGES, "");
  return [...new Set([...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = ""]) => target))].sort();
}

function withoutCode(page: string): string {
  return page.replaceAll(/^```[\s\S]*?^```$/gm, "");
}
