import { worstVerdict } from "../../model/outcome.ts";
import type { Result } from "../../model/result.ts";
import { acceptedWords } from "../accepted-words.ts";
import { appWords } from "../app-words.ts";
import { painter } from "./colour.ts";
import { formatCount, formatMs, formatNumber, printable, verdictLook } from "./format.ts";
import { type Cell, hanging, indent, spaced, tableLines } from "./layout.ts";
import { drawnWidth, type TerminalOptions } from "./result.ts";

const MARGIN = 2;

/** One line for each of several drills, and a last one for all of them. Ends with a line feed. */
export function renderSummary(results: readonly Result[], options: TerminalOptions): string {
  const paint = painter(options.colour);
  const hasApp = results.some(({ app }) => app !== undefined);
  const rows = printable(results).map((result): Cell[] => {
    const look = verdictLook(result.verdict, paint);
    return [
      { text: `${look.mark} ${look.word}`, paint: look.paint },
      ...(hasApp ? [{ text: appWords(result) || "—", paint: look.paint }] : []),
      result.scenario,
      result.outage.writeMs === null ? "—" : formatMs(result.outage.writeMs),
      result.outage.readMs === null ? "—" : formatMs(result.outage.readMs),
      { text: formatNumber(result.writes.lost), paint: result.writes.lost > 0 ? paint.bad : paint.faint },
      formatMs(result.durationMs),
    ];
  });
  const right = { align: "right" as const };
  const columns = [
    {},
    ...(hasApp ? [{ title: "application" }] : []),
    { title: "drill" },
    { title: "write outage", ...right },
    { title: "read outage", ...right },
    { title: "writes lost", ...right },
    { title: "took", ...right, paint: paint.faint },
  ];
  const width = drawnWidth(options.width) - MARGIN;
  const table = tableLines(columns, rows, { width, head: paint.faint });
  const passed = results.filter(({ accepted = [] }) => accepted.length > 0);
  const overall = verdictLook(worstVerdict(results.map((result) => result.verdict)), paint);
  const count = (verdict: Result["verdict"]) => results.filter((result) => result.verdict === verdict).length;
  const tally = [
    `${count("pass")} passed`,
    ...(count("fail") > 0 ? [`${count("fail")} failed`] : []),
    ...(count("unknown") > 0 ? [`${count("unknown")} unknown`] : []),
  ];
  const lines = [
    ...indent(table, MARGIN),
    ...indent(
      printable(passed).flatMap((result) =>
        hanging(`${result.scenario}: `, `PASS${acceptedWords(result)}`, width),
      ),
      MARGIN,
    ),
    "",
    `${overall.paint(paint.strong(`${overall.mark} ${overall.word}`))}  ${formatCount(results.length, "drill")}: ${tally.join(", ")}`,
  ];
  return `${spaced(lines.join("\n"))}\n`;
}
