import type { ProbeResult } from "../../model/app-result.ts";
import type { Result } from "../../model/result.ts";
import {
  answerWords,
  appLife,
  appSentences,
  CONNECTION_COLUMNS,
  connectionCells,
  probeCounts,
  probeOutageWords,
} from "../app-words.ts";
import { formatMs, formatNumber } from "../numbers.ts";
import { escapedText, inlineCode, markdownTable } from "./markdown-text.ts";

const COLUMNS = ["probe", "sent", "ok", "failed", "unknown", "outage", "99% within", "lost", "duplicated"];
/** Of the columns those that hold numbers. */
const NUMBERS = [1, 2, 3, 4, 5, 6, 7, 8];

/** The application under the drill, its probes as a table, and where its connections were, if it is stuck. */
export function applicationParts({ app }: Result): string[] {
  if (app === undefined) return [];
  const { started, words, probes, connections } = app;
  const what = started === null ? "that ran already" : inlineCode(started);
  const sentences = appSentences(app).map(({ word, text }) => `- **${word}**: ${escapedText(text)}`);
  return [
    `Application ${what}: ${escapedText(appLife(app).join(", "))}`,
    ...(sentences.length > 0 ? [sentences.join("\n")] : ["- What became of it is not known."]),
    ...(probes.length > 0
      ? [markdownTable([...COLUMNS, "asked", "answers"], probes.map(probeRow), NUMBERS)]
      : []),
    ...(words.includes("STUCK") && connections.length > 0
      ? [
          "Its connections, when the drill looked last:",
          markdownTable(
            CONNECTION_COLUMNS,
            connections.map((at) => [at.node, ...connectionCells(at)].map(escapedText)),
            [2, 4, 5],
          ),
        ]
      : []),
  ];
}

function probeRow(probe: ProbeResult): string[] {
  const { name, asks, p99Ms, lost, duplicated } = probe;
  const fate = (count: number | null) => (count === null ? "—" : formatNumber(count));
  return [
    escapedText(name),
    ...probeCounts(probe),
    probeOutageWords(probe),
    p99Ms === null ? "—" : formatMs(p99Ms),
    fate(lost),
    fate(duplicated),
    escapedText(asks),
    escapedText(answerWords(probe)),
  ];
}
