import type { ExplainedIncident, Explanation, Proof, QuotedLine } from "../../model/explanation.ts";
import { type Paint, painter } from "../terminal/colour.ts";
import { formatMs, formatRest, printable } from "../terminal/format.ts";
import { hanging, indent, MARGIN, tableLines, unbroken, wrap } from "../terminal/layout.ts";
import { drawnWidth, type TerminalOptions } from "../terminal/result.ts";
import { errorWords, governedWords, placesOf, readWords, settingWords, withoutFolder } from "./places.ts";

/** What logs tell, for a person at a terminal. Ends with a line feed. */
export function renderExplanation(given: Explanation, options: TerminalOptions): string {
  const { explanation, folder } = withoutFolder(printable(given));
  const paint = painter(options.colour);
  const width = drawnWidth(options.width) - MARGIN;
  const { incidents, verdict, summary } = explanation;
  const mark = verdict === "explained" ? paint.good("✓") : paint.doubt("?");
  return `${[
    ...hanging(`${mark} `, summary, width),
    ...hanging("  ", aboutLine(explanation), width).map(paint.faint),
    ...(folder === "" ? [] : hanging("  ", `files are in ${folder}`, width).map(paint.faint)),
    ...incidents.flatMap((incident) => ["", ...incidentLines(incident, incidents.length, paint, width)]),
    ...(explanation.proof ? proofLines(explanation.proof, paint, width) : []),
    ...section("What cannot be known", explanation.unknown, paint, width),
    ...section(
      "Contradictions",
      explanation.contradictions.map(({ text, lines }) => `${text} (${placesOf(lines)})`),
      paint,
      width,
    ),
    ...section("Warnings", explanation.warnings, paint, width),
    ...section("Left out", skippedWords(explanation), paint, width),
  ].join("\n")}\n`;
}

function aboutLine(explanation: Explanation): string {
  const [lines, nodes, ...more] = readWords(explanation);
  return [`${lines}, ${nodes}`, ...more].join(" · ");
}

function incidentLines(incident: ExplainedIncident, count: number, paint: Paint, width: number): string[] {
  const { id, title, story, reasons, losses, advice, settings, rehearsal, system } = incident;
  const inferred = settings.filter(({ from }) => from === "inferred");
  const below = width - MARGIN;
  return [
    ...hanging("", paint.strong(count > 1 ? `${id}. ${title}` : title), width),
    paint.faint(`  ${system}`),
    ...story.flatMap(({ text, lines }, index) => told(`${index + 1}`.padStart(4), text, lines, paint, width)),
    ...(incident.phases.length > 1
      ? ["", paint.strong("  Phases"), ...indent(phaseTable(incident, paint, below - MARGIN), 2 * MARGIN)]
      : []),
    ...(inferred.length > 0
      ? inferred.flatMap(({ name, value, text }) =>
          hanging(paint.faint("    * "), `${name} ${value} was inferred: ${text}`, width),
        )
      : []),
    ...listed(
      "Why",
      reasons.map(
        ({ text, setting, value, lines }) => [withSetting(text, { setting, value }), lines] as const,
      ),
      paint,
      width,
    ),
    ...listed(
      "What may be lost",
      losses.map(({ certainty, text, lines }) => [`${certainty}: ${text}`, lines] as const),
      paint,
      width,
    ),
    ...listed(
      "What to change",
      advice.map(({ text, lines }) => [text, lines] as const),
      paint,
      width,
    ),
    ...(rehearsal.notes.length > 0
      ? [
          "",
          paint.strong("  The drill that rehearses it (--scenario FILE)"),
          ...rehearsal.notes.flatMap((note) => hanging(paint.accent("    → "), note, width)),
        ]
      : []),
  ];
}

function withSetting(text: string, given: { setting: string | null; value: string | null }): string {
  const words = settingWords(given);
  return words === "" ? text : `${text} (${words})`;
}

function told(
  label: string,
  text: string,
  lines: readonly QuotedLine[],
  paint: Paint,
  width: number,
): string[] {
  const places = placesOf(lines);
  const margin = label.length + 1;
  return [
    ...hanging(`${label} `, text, width),
    ...(places === ""
      ? []
      : wrap(places, width - margin).map((line) => " ".repeat(margin) + paint.faint(line))),
  ];
}

function listed(
  title: string,
  items: readonly (readonly [text: string, lines: readonly QuotedLine[]])[],
  paint: Paint,
  width: number,
): string[] {
  if (items.length === 0) return [];
  return [
    "",
    paint.strong(`  ${title}`),
    ...items.flatMap(([text, lines]) => told("   →", text, lines, paint, width)),
  ];
}

function proofLines({ incident, run, same, rows }: Proof, paint: Paint, width: number): string[] {
  const mark = same ? paint.good("✓") : paint.bad("✗");
  const title = `The drill of incident ${incident} ${same ? "went as the incident did" : "went otherwise"}`;
  return [
    "",
    ...hanging(`${mark} `, paint.strong(title), width),
    ...indent(
      tableLines(
        [{}, { title: "incident" }, { title: "drill" }, {}],
        rows.map((row) => [
          row.what,
          row.incident,
          row.drill,
          row.same === false ? { text: "differs", paint: paint.bad } : "",
        ]),
        { width: width - 2 * MARGIN, head: paint.faint },
      ),
      MARGIN,
    ),
    ...hanging("  ", `run folder: ${run}`, width).map(paint.faint),
  ];
}

/** So many inputs that were left out are named. */
const SKIPPED_SHOWN = 4;

function skippedWords({ skipped }: Explanation): string[] {
  const shown = skipped.slice(0, SKIPPED_SHOWN).map(({ file, why }) => `${file}: ${why}`);
  const more = formatRest(skipped.length, shown.length);
  return more === undefined ? shown : [...shown, more];
}

function section(title: string, texts: readonly string[], paint: Paint, width: number): string[] {
  if (texts.length === 0) return [];
  return ["", paint.strong(title), ...texts.flatMap((text) => hanging(paint.doubt("  ! "), text, width))];
}

function phaseTable({ phases }: ExplainedIncident, paint: Paint, width: number): string[] {
  return tableLines(
    [
      {},
      { title: "since begin", align: "right", paint: paint.strong },
      { paint: paint.faint },
      { title: "step", align: "right" },
      { title: "at least", align: "right", paint: paint.doubt },
      { title: "set by" },
    ],
    phases.map((phase) => [
      phase.path ? phase.name : { text: phase.name, paint: paint.faint },
      unbroken(formatMs(phase.atMs)),
      errorWords(phase),
      phase.since === null ? "" : unbroken(`+${formatMs(phase.tookMs)}`),
      phase.governedBy?.unavoidableMs ? unbroken(formatMs(phase.governedBy.unavoidableMs)) : "",
      governedWords(phase),
    ]),
    { width, head: paint.faint },
  );
}
