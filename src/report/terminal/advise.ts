import type { Advice, PredictedLoss, PredictedOutage, Proof, Risk } from "../../model/advise.ts";
import { type Paint, painter } from "./colour.ts";
import { formatCount, formatMs, printable } from "./format.ts";
import { type Cell, hanging, indent, MARGIN, spaced, tableLines, unbroken, wrap } from "./layout.ts";
import { drawnWidth, type TerminalOptions } from "./result.ts";

/** What is expected of a failover, what may be lost, and what is risky. Ends with a line feed. */
export function renderAdvice(given: Advice, options: TerminalOptions): string {
  const paint = painter(options.colour);
  const width = drawnWidth(options.width) - MARGIN;
  const { topology, from, valkey, outage, losses, risks, replaced } = printable(given);
  const lines = [
    paint.strong(topology === "ha" ? "Primary, replicas and Sentinels" : "Cluster"),
    ...wrap(`${from.join(", ")} · for Valkey ${valkey}`, width).map(paint.faint),
    "",
    ...outageLines(outage, paint, width),
    "",
    paint.strong("What may be lost"),
    ...losses.flatMap((loss) => lossLines(loss, paint, width)),
    "",
    ...riskLines(risks, paint, width),
    ...(replaced.length === 0
      ? []
      : [
          "",
          paint.faint(
            `${formatCount(replaced.length, "directive")} would be replaced in a drill (--json lists them)`,
          ),
        ]),
  ];
  return `${spaced(indent(lines, MARGIN).join("\n"))}\n`;
}

function outageLines(
  { of, minMs, lowMs, highMs, endless, phases }: PredictedOutage,
  paint: Paint,
  width: number,
) {
  const head = endless
    ? wrap(`${endless}: writes do not come back by themselves. Once that is mended:`, width).map(paint.bad)
    : [];
  const rows = phases.map(({ name, minMs: min, lowMs: low, highMs: high, setting, value }): Cell[] => [
    name,
    ms(min),
    `${ms(low)} – ${ms(high)}`,
    setting === null ? "" : `${setting} ${unbroken(value ?? "")}`.trim(),
  ]);
  const right = { align: "right" as const };
  const columns = [
    { title: "phase" },
    { title: "at least", ...right },
    { title: "likely", ...right },
    { title: "set by" },
  ];
  const sum: Cell[] = [
    { text: "in all", paint: paint.strong },
    { text: ms(minMs), paint: paint.strong },
    { text: `${ms(lowMs)} – ${ms(highMs)}`, paint: paint.strong },
    "",
  ];
  return [
    paint.strong(`Writes fail when ${of} is lost`),
    ...head,
    ...indent(tableLines(columns, [...rows, sum], { width: width - MARGIN, head: paint.faint }), MARGIN),
  ];
}

const ms = (value: number) => (value === 0 ? "0" : formatMs(value));

function lossLines({ when, windowMs, what, scenario }: PredictedLoss, paint: Paint, width: number): string[] {
  const bound = windowMs === null ? "no bound" : windowMs === 0 ? "nothing" : `up to ${formatMs(windowMs)}`;
  return [
    ...hanging("  ", `when ${when}: ${bound}`, width),
    ...hanging("    ", what, width),
    ...hanging("    ", `→ valkey-drill run ${scenario}`, width).map(paint.faint),
  ];
}

function riskLines(risks: readonly Risk[], paint: Paint, width: number): string[] {
  if (risks.length === 0) return [paint.good("No risk that is known")];
  return [
    paint.strong(formatCount(risks.length, "risk")),
    ...risks.flatMap(({ level, setting, value, place, why, fix, scenario }) => {
      const [mark, colour] = level === "danger" ? ["✗", paint.bad] : (["!", paint.doubt] as const);
      const where = place === null ? "" : ` (${place})`;
      const [first = "", ...more] = hanging(`${mark} `, `${setting} ${value}${where}`, width);
      return [
        (colour as Paint["bad"])(first),
        ...more,
        ...hanging("  ", why, width),
        ...hanging("  better: ", fix, width),
        ...hanging("  ", `→ valkey-drill run ${scenario}`, width).map(paint.faint),
      ];
    }),
  ];
}

/** What one drill measured, beside what was predicted. Ends with a line feed. */
export function renderProof(given: Proof, options: TerminalOptions): string {
  const paint = painter(options.colour);
  const width = drawnWidth(options.width) - MARGIN;
  const { scenario, rules, verdict, predictedMs, measuredMs, within, lost, folder } = printable(given);
  const outage = measuredMs === null ? "no outage that was measured" : `outage ${formatMs(measuredMs)}`;
  const [mark, colour] =
    within === null
      ? (["·", paint.faint] as const)
      : within
        ? (["✓", paint.good] as const)
        : (["✗", paint.bad] as const);
  const beside =
    predictedMs === null ? "" : `; predicted ${formatMs(predictedMs[0])} to ${formatMs(predictedMs[1])}`;
  const shows = rules.length === 0 ? "" : ` (${rules.join(", ")})`;
  const text =
    `${scenario}${shows}: ${outage}${beside}; ${lost ?? "–"} acknowledged writes lost; the ` +
    `drill says ${verdict}`;
  const lines = [
    ...hanging(`${mark} `, text, width).map((line, index) => (index === 0 ? colour(line) : line)),
    ...(folder === null ? [] : hanging("  ", folder, width).map(paint.faint)),
  ];
  return `${indent(lines, MARGIN).join("\n")}\n`;
}
