import type { ExplainedIncident, Explanation, Proof, QuotedLine } from "../../model/explanation.ts";
import { details, escapedText, fencedCode, inlineCode, markdownTable } from "../files/markdown-text.ts";
import { formatMs } from "../numbers.ts";
import { printable } from "../terminal/format.ts";
import { errorWords, governedWords, placesOf, reasonWords, withoutFolder } from "./places.ts";

/** What logs tell, for a ticket. Ends with a line feed. */
export function renderExplanationMarkdown(given: Explanation): string {
  const { explanation, folder } = withoutFolder(printable(given));
  const { summary, incidents, unknown, contradictions, warnings, skipped } = explanation;
  return `${[
    "## What happened",
    escapedText(summary),
    ...(folder === "" ? [] : [`Files are in ${inlineCode(folder)}.`]),
    ...incidents.flatMap((incident) => incidentParts(incident, incidents.length)),
    ...(explanation.proof ? proofParts(explanation.proof) : []),
    ...list("What cannot be known", unknown),
    ...list(
      "Contradictions",
      contradictions.map(({ text, lines }) => `${text} (${placesOf(lines)})`),
    ),
    ...list("Warnings", warnings),
    ...list(
      "Left out",
      skipped.map(({ file, why }) => `${file}: ${why}`),
    ),
  ].join("\n\n")}\n`;
}

function incidentParts(incident: ExplainedIncident, count: number): string[] {
  const { id, title, system, story, phases, reasons, losses, advice, settings, rehearsal } = incident;
  const inferred = settings.filter(({ from }) => from === "inferred");
  return [
    `### ${count > 1 ? `${id}. ` : ""}${escapedText(title)}`,
    escapedText(system),
    story.map(({ text, lines }, index) => `${index + 1}. ${told(text, lines)}`).join("\n"),
    ...(phases.length > 1
      ? [
          "#### Phases",
          markdownTable(
            ["phase", "since begin", "step", "at least", "set by"],
            phases.map((phase) => [
              phase.path ? `**${escapedText(phase.name)}**` : escapedText(phase.name),
              `${formatMs(phase.atMs)} ${errorWords(phase)}`.trim(),
              phase.since === null ? "" : `+${formatMs(phase.tookMs)}`,
              phase.governedBy?.unavoidableMs ? formatMs(phase.governedBy.unavoidableMs) : "",
              escapedText(governedWords(phase)),
            ]),
            [1, 2, 3],
          ),
        ]
      : []),
    ...list(
      "",
      inferred.map(({ name, value, text }) => `${name} ${value} was inferred (*): ${text}`),
    ),
    ...quoted(
      "Why",
      reasons.map((one) => [reasonWords(one), one.lines]),
    ),
    ...quoted(
      "What may be lost",
      losses.map(({ certainty, text, lines }) => [`${certainty}: ${text}`, lines]),
    ),
    ...quoted(
      "What to change",
      advice.map(({ text, lines }) => [text, lines]),
    ),
    details("The drill that rehearses it", fencedCode(rehearsal.scenario, "yaml")),
  ];
}

function proofParts({ incident, same, rows }: Proof): string[] {
  return [
    `#### The drill of incident ${incident} ${same ? "went as the incident did" : "went otherwise"}`,
    markdownTable(
      ["", "incident", "drill"],
      rows.map((row) =>
        [row.what, row.incident, row.drill + (row.same === false ? " (differs)" : "")].map(escapedText),
      ),
    ),
  ];
}

function told(text: string, lines: readonly QuotedLine[]): string {
  const places = placesOf(lines);
  return places === "" ? escapedText(text) : `${escapedText(text)} <sub>${escapedText(places)}</sub>`;
}

function quoted(title: string, items: readonly [text: string, lines: readonly QuotedLine[]][]): string[] {
  if (items.length === 0) return [];
  return [`#### ${title}`, items.map(([text, lines]) => `- ${told(text, lines)}`).join("\n")];
}

function list(title: string, texts: readonly string[]): string[] {
  if (texts.length === 0) return [];
  const items = texts.map((text) => `- ${escapedText(text)}`).join("\n");
  return title === "" ? [items] : [`#### ${title}`, items];
}
