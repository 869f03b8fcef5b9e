import { type Verdict, worstVerdict } from "../../model/outcome.ts";
import type { Result } from "../../model/result.ts";
import { acceptedWords, shortAcceptedWords } from "../accepted-words.ts";
import { appWords } from "../app-words.ts";
import { formatCount } from "../numbers.ts";
import { outageWords } from "../outage-words.ts";
import { printable } from "../terminal/format.ts";
import { element, escaped } from "./svg.ts";

/**
 * Colours that white text can be read on (4.5 to 1) and that a colour-blind person tells apart; each has its word too.
 */
const LOOKS: Readonly<Record<Verdict, { mark: string; fill: string }>> = {
  pass: { mark: "✓", fill: "#00664b" },
  fail: { mark: "✗", fill: "#a83f00" },
  unknown: { mark: "?", fill: "#5a5a5a" },
};
const HEIGHT = 20;
const PADDING = 7;
/** Mean width of a character in the font below; `textLength` makes it exact in any other. */
const CHAR = 6;

/** A badge for a README: the verdict, and how long writes failed. */
export function renderBadge(results: readonly Result[]): string {
  const verdict = worstVerdict(results.map((result) => result.verdict));
  const { mark, fill } = LOOKS[verdict];
  const left = "valkey-drill";
  const shown = printable(results);
  const right = `${mark} ${verdict}${accepted(shown, shortAcceptedWords)}${about(shown)}`;
  const title = `${left}: ${mark} ${verdict}${accepted(shown, acceptedWords)}${about(shown)}`;
  const [leftWidth, rightWidth] = [left, right].map((text) => text.length * CHAR + 2 * PADDING) as [
    number,
    number,
  ];
  const label = (text: string, x: number, width: number) =>
    element("text", { x: x + width / 2, y: 14, textLength: width - 2 * PADDING }, escaped(text));
  return `${element(
    "svg",
    {
      xmlns: "http://www.w3.org/2000/svg",
      width: leftWidth + rightWidth,
      height: HEIGHT,
      role: "img",
      "aria-label": title,
    },
    element("title", {}, escaped(title)),
    element("rect", { width: leftWidth + rightWidth, height: HEIGHT, rx: 3, fill: "#3b3b3b" }),
    element("path", { d: rightPart(leftWidth, rightWidth), fill }),
    element(
      "g",
      {
        fill: "#fff",
        "text-anchor": "middle",
        "font-family": "Verdana,DejaVu Sans,sans-serif",
        "font-size": 11,
      },
      label(left, 0, leftWidth),
      label(right, leftWidth, rightWidth),
    ),
  )}\n`;
}

/** Of several drills only of how many it is told. */
function accepted(results: readonly Result[], words: (result: Result) => string): string {
  const [only] = results;
  if (only !== undefined && results.length === 1) return words(only);
  const some = results.filter((result) => acceptedWords(result) !== "").length;
  return some > 0 ? `, with losses or the like allowed in ${some}` : "";
}

function about(results: readonly Result[]): string {
  const [only] = results;
  if (only === undefined || results.length > 1) return ` · ${formatCount(results.length, "drill")}`;
  const { writes, failover } = only;
  const words = appWords(only);
  const parts = [
    ...(words === "" ? [] : [words]),
    ...(failover.phases.length > 0 ? [`write outage ${outageWords(only, "write")}`] : []),
    ...(writes.lost > 0 && acceptedWords(only) === "" ? [`${formatCount(writes.lost, "write")} lost`] : []),
  ];
  return parts.map((part) => ` · ${part}`).join("");
}

/** Round at its right end only. */
function rightPart(x: number, width: number): string {
  return `M${x} 0h${width - 3}a3 3 0 0 1 3 3v14a3 3 0 0 1 -3 3h${3 - width}z`;
}
