import { worstVerdict } from "../../model/outcome.ts";
import type { CheckResult, Result } from "../../model/result.ts";
import { acceptedWords, replicationNotes } from "../accepted-words.ts";
import { appWords } from "../app-words.ts";
import { formatCount, formatMs, formatNumber } from "../numbers.ts";
import { outageWords } from "../outage-words.ts";
import { stallWords } from "../stall-words.ts";
import { evidenceNotes, evidenceTables } from "../terminal/evidence.ts";
import { printable } from "../terminal/format.ts";
import { unreadWords } from "../unread-words.ts";
import { applicationParts } from "./markdown-app.ts";
import { details, escapedText, inlineCode, markdownTable } from "./markdown-text.ts";

const MARKS = { pass: "✓ pass", fail: "✗ **fail**", unknown: "? **unknown**" } as const;
const ROWS_MAX = 20;

/** A summary for a person who reads it in a pull request or on the page of a pipeline's run. */
export function renderMarkdown(results: readonly Result[]): string {
  const shown = printable(results);
  const verdict = worstVerdict(shown.map((result) => result.verdict));
  const hasApp = shown.some(({ app }) => app !== undefined);
  const head = ["write outage", "read outage", "writes lost", "promoted", "99% within"];
  return `${[
    `## valkey-drill: ${MARKS[verdict]}`,
    markdownTable(
      ["drill", "verdict", ...(hasApp ? ["application"] : []), ...head],
      shown.map((result) => [
        escapedText(result.scenario),
        `${MARKS[result.verdict]}${escapedText(acceptedWords(result))}`,
        ...(hasApp ? [appWords(result) || "—"] : []),
        outageWords(result, "write"),
        outageWords(result, "read"),
        `${formatNumber(result.writes.lost)} of ${formatNumber(result.writes.acknowledged)}`,
        promoted(result),
        formatMs(result.latency.p99Ms),
      ]),
      [2, 3, 4, 6].map((column) => column + (hasApp ? 1 : 0)),
    ),
    ...shown.flatMap(oneDrill),
  ].join("\n\n")}\n`;
}

function oneDrill(result: Result): string[] {
  const { scenario, topology, client, checks, replay, failover, history } = result;
  const accepted = acceptedWords(result);
  const bad = checks.filter((check) => check.verdict !== "pass");
  const good = checks.filter((check) => check.verdict === "pass");
  const nodes = formatCount(topology.nodes.length, "node");
  return [
    `### ${[MARKS[result.verdict], appWords(result), escapedText(scenario)].filter(Boolean).join(" ")}`,
    ...(accepted === "" ? [] : [`${MARKS[result.verdict]}${escapedText(accepted)}`]),
    ...replicationNotes(result).map((note) => `→ ${escapedText(note)}`),
    `${topology.kind === "ha" ? "HA" : "Cluster"}, ${nodes}, Valkey ${escapedText(topology.valkey)}, ${escapedText(topology.driver)} driver, ${escapedText(client.name)} ${escapedText(client.version)}`,
    ...stallWords(result).map((words) => `> ${escapedText(words)}`),
    ...applicationParts(result),
    ...(bad.length > 0 ? [bad.map(problem).join("\n")] : []),
    ...(failover.phases.length > 1 ? [details("Failover, phase by phase", phases(result))] : []),
    ...unreadWords(result).map((words) => `- ! ${escapedText(words)}`),
    ...(good.length > 0 ? [details(`${formatCount(good.length, "check")} passed`, checkTable(good))] : []),
    ...notes(checks),
    ...(history?.note ? [`! ${escapedText(history.note)}`] : []),
    `Again: ${inlineCode(replay)}`,
  ];
}

function problem(check: CheckResult): string {
  const reason = typeof check.evidence.reason === "string" ? ` (${inlineCode(check.evidence.reason)})` : "";
  const tables = evidenceTables(check.evidence).map(({ title, columns, rows }) =>
    [
      `\n  ${escapedText(title)}\n`,
      ...markdownTable(
        columns,
        rows.slice(0, ROWS_MAX).map((row) => row.map(escapedText)),
      ).split("\n"),
    ].join("\n  "),
  );
  return [
    `- ${MARKS[check.verdict]} **${escapedText(check.name)}**${reason}: ${escapedText(check.summary)}`,
    ...tables,
  ].join("\n");
}

function phases({ failover }: Result): string {
  const rows = failover.phases.map(({ name, atMs, errorMs, tookMs, since, path, governedBy }) => [
    path ? `**${escapedText(name)}**` : escapedText(name),
    formatMs(atMs) + (errorMs ? ` ±${Math.ceil(errorMs)}` : ""),
    since === null ? "" : `+${formatMs(tookMs)}${path ? "" : ` after ${escapedText(since)}`}`,
    governedBy?.unavoidableMs ? formatMs(governedBy.unavoidableMs) : "",
    governedBy?.setting ? escapedText([governedBy.setting, governedBy.value].filter(Boolean).join(" ")) : "",
  ]);
  return markdownTable(["phase", "since fault", "step", "at least", "set by"], rows, [1, 2, 3]);
}

function checkTable(checks: readonly CheckResult[]): string {
  return markdownTable(
    ["check", "found"],
    checks.map(({ name, summary }) => [escapedText(name), escapedText(summary)]),
  );
}

function notes(checks: readonly CheckResult[]): string[] {
  const all = checks.flatMap(({ evidence }) => evidenceNotes(evidence));
  return all.length === 0 ? [] : [all.map((note) => `- → ${escapedText(note)}`).join("\n")];
}

function promoted({ failover }: Result): string {
  return failover.promoted === null
    ? "—"
    : `${escapedText(failover.promoted.from)} → ${escapedText(failover.promoted.to)}`;
}
