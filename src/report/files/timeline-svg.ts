import type { Verdict } from "../../model/outcome.ts";
import type { Result } from "../../model/result.ts";
import { acceptedWords } from "../accepted-words.ts";
import { appWords } from "../app-words.ts";
import { formatMsLike, formatNumber } from "../numbers.ts";
import { neverRecovered } from "../outage-words.ts";
import { printable } from "../terminal/format.ts";
import { wrap } from "../terminal/layout.ts";
import { element, escaped } from "./svg.ts";

const WIDTH = 860;
const MARGIN = 16;
const NAME_WIDTH = 170;
const TIMES_WIDTH = 150;
const ROW = 22;
const HEAD = 54;
const GAP = 18;
const BAR = 10;
const PROBLEM_CHARS = 60;
const LINE = 18;
/** As many as fit the width. */
const LINE_CHARS = 110;

const MARKS: Readonly<Record<Verdict, string>> = { pass: "✓ PASS", fail: "✗ FAIL", unknown: "? UNKNOWN" };

/**
 * Both themes in one file: an image in a README follows the reader's own. Colours: Okabe and Ito, for all kinds of
 * sight.
 */
const STYLE = `
svg { font: 13px ui-sans-serif, system-ui, "Segoe UI", "DejaVu Sans", sans-serif; fill: #1b1f24; }
.paper { fill: #fff; } .faint { fill: #57606a; } .strong { font-weight: 600; } .line { stroke: #d0d7de; }
.bar { fill: #0072b2; } .disrupted { fill: #d55e00; } .pass { fill: #00664b; } .fail { fill: #a83f00; } .unknown { fill: #57606a; }
@media (prefers-color-scheme: dark) {
  svg { fill: #e6edf3; } .paper { fill: #0d1117; } .faint { fill: #9198a1; } .line { stroke: #3d444d; }
  .bar { fill: #56b4e9; } .disrupted { fill: #ff9248; } .pass { fill: #3fc79a; } .fail { fill: #ff9248; } .unknown { fill: #9198a1; }
}`;

/** The failover of each drill, phase by phase, as a picture that can stand in a README. */
export function renderTimeline(results: readonly Result[]): string {
  const blocks = printable(results).map((result) => ({ result, rows: rowsOf(result) }));
  let y = MARGIN;
  const drawn = blocks.map(({ result, rows }) => {
    const block = drawBlock(result, rows, y);
    y += headOf(result) + rows.length * ROW + GAP;
    return block;
  });
  const height = y - GAP + MARGIN;
  const title = blocks
    .map(({ result }) => `${result.scenario}: ${verdictWords(result)}${acceptedWords(result)}`)
    .join("; ");
  return `${element(
    "svg",
    {
      xmlns: "http://www.w3.org/2000/svg",
      width: WIDTH,
      height,
      viewBox: `0 0 ${WIDTH} ${height}`,
      role: "img",
      "aria-label": `Failover, phase by phase. ${title}`,
    },
    element("title", {}, escaped(title)),
    element("style", {}, STYLE),
    element("rect", { class: "paper", width: WIDTH, height, rx: 6 }),
    ...drawn,
  )}\n`;
}

interface Row {
  readonly name: string;
  readonly fromMs: number;
  /** `null`: it went on to the end. */
  readonly toMs: number | null;
  readonly disrupted?: true;
}

function rowsOf(result: Result): Row[] {
  const { phases } = result.failover;
  const steps = phases.map(({ name, atMs, tookMs }) => ({ name, fromMs: atMs - tookMs, toMs: atMs }));
  const fromMs = phases.find(({ path }) => path)?.atMs ?? 0;
  const toMs = result.outage.writeMs;
  const seen = toMs !== null || neverRecovered(result, "write");
  return seen && phases.length > 0
    ? [
        { name: "writes failed", fromMs, toMs: toMs === null ? null : fromMs + toMs, disrupted: true },
        ...steps,
      ]
    : steps;
}

function drawBlock(result: Result, rows: readonly Row[], top: number): string {
  const firstMs = Math.min(0, ...rows.map(({ fromMs }) => fromMs));
  const lastMs = Math.max(1, ...rows.map(({ toMs }) => toMs ?? 0));
  const say = formatMsLike(lastMs);
  const head = headOf(result);
  const x0 = MARGIN + NAME_WIDTH + TIMES_WIDTH;
  const scale = (WIDTH - MARGIN - x0) / (lastMs - firstMs);
  const text = (x: number, y: number, content: string, kind?: string, anchor?: string) =>
    element("text", { x, y, class: kind, "text-anchor": anchor }, escaped(content));
  const lines = rows.map(({ name, fromMs, toMs, disrupted }, index) => {
    const y = top + head + index * ROW;
    const x = x0 + (fromMs - firstMs) * scale;
    return [
      text(MARGIN, y + 10, name, disrupted ? "disrupted strong" : undefined),
      text(
        MARGIN + NAME_WIDTH + 60,
        y + 10,
        toMs === null ? "to the end" : say(disrupted ? toMs - fromMs : toMs),
        "strong",
        "end",
      ),
      index === 0 || disrupted || toMs === null
        ? ""
        : text(MARGIN + NAME_WIDTH + TIMES_WIDTH - 16, y + 10, `+${say(toMs - fromMs)}`, "faint", "end"),
      element("rect", {
        class: disrupted ? "disrupted" : "bar",
        x: Math.min(x, WIDTH - MARGIN - 2),
        y: y + 1,
        width: Math.max(2, ((toMs ?? lastMs) - fromMs) * scale),
        height: BAR,
        rx: 2,
      }),
    ].join("");
  });
  const bottom = top + head + rows.length * ROW - 6;
  return [
    element(
      "text",
      { x: MARGIN, y: top + 14, class: "strong" },
      element("tspan", { class: result.verdict }, `${MARKS[result.verdict]}${spacedWords(result)}`),
      element("tspan", { dx: 10 }, escaped(result.scenario)),
    ),
    text(MARGIN, top + 34, about(result), "faint"),
    ...acceptedLines(result).map((line, n) => text(MARGIN, top + 34 + (n + 1) * LINE, line)),
    element("line", { class: "line", x1: x0 - 0.5, x2: x0 - 0.5, y1: top + head - 4, y2: bottom }),
    ...lines,
  ].join("\n");
}

/** `fail STUCK`: with what became of an application. */
function verdictWords(result: Result): string {
  return `${result.verdict}${spacedWords(result)}`;
}

function spacedWords(result: Result): string {
  const words = appWords(result);
  return words === "" ? "" : ` ${words}`;
}

/** What was let go, in lines that fit. */
function acceptedLines(result: Result): string[] {
  const words = acceptedWords(result).replace(/^, /, "");
  return words === "" ? [] : wrap(words, LINE_CHARS);
}

/** Where the rows of a block begin, below its top. */
function headOf(result: Result): number {
  return HEAD + acceptedLines(result).length * LINE;
}

function about({ topology, client, failover, writes, checks }: Result): string {
  const { promoted, phases } = failover;
  const lost = `${formatNumber(writes.lost)} of ${formatNumber(writes.acknowledged)} acknowledged writes lost`;
  const bad = checks.find((check) => check.verdict !== "pass");
  return [
    promoted === null ? "no promotion seen" : `${promoted.from} → ${promoted.to}`,
    ...(phases.length === 0 ? ["no fault hurt"] : []),
    lost,
    ...(bad === undefined
      ? [`Valkey ${topology.valkey}`, `${client.name} ${client.version}`]
      : [shortened(`${bad.name}: ${bad.summary}`)]),
  ].join(" · ");
}

function shortened(text: string): string {
  return text.length > PROBLEM_CHARS ? `${text.slice(0, PROBLEM_CHARS)}…` : text;
}
