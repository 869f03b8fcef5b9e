import { worstVerdict } from "../../model/outcome.ts";
import type { CheckResult, Result } from "../../model/result.ts";
import { acceptedWords, replicationNotes } from "../accepted-words.ts";
import { formatCount, formatMs, formatNumber } from "../numbers.ts";
import { outageWords } from "../outage-words.ts";
import { stallWords } from "../stall-words.ts";
import { evidenceNotes, evidenceTables } from "../terminal/evidence.ts";
import { printable } from "../terminal/format.ts";
import { unreadWords } from "../unread-words.ts";

const MARKS = { pass: "✓ pass", fail: "✗ **fail**", unknown: "? **unknown**" } as const;
const ROWS_MAX = 20;

/** A summary for a person who reads it in a pull request or on the page of a pipeline's run. */
export function renderMarkdown(results: readonly Result[]): string {
  const shown = printable(results);
  const verdict = worstVerdict(shown.map((result) => result.verdict));
  return `${[
    `## valkey-drill: ${MARKS[verdict]}`,
    table(
      ["drill", "verdict", "write outage", "read outage", "writes lost", "promoted", "99% within"],
      shown.map((result) => [
        text(result.scenario),
        `${MARKS[result.verdict]}${text(acceptedWords(result))}`,
        outageWords(result, "write"),
        outageWords(result, "read"),
        `${formatNumber(result.writes.lost)} of ${formatNumber(result.writes.acknowledged)}`,
        promoted(result),
        formatMs(result.latency.p99Ms),
      ]),
      [2, 3, 4, 6],
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
    `### ${MARKS[result.verdict]} ${text(scenario)}`,
    ...(accepted === "" ? [] : [`${MARKS[result.verdict]}${text(accepted)}`]),
    ...replicationNotes(result).map((note) => `→ ${text(note)}`),
    `${topology.kind === "ha" ? "HA" : "Cluster"}, ${nodes}, Valkey ${text(topology.valkey)}, ${text(topology.driver)} driver, ${text(client.name)} ${text(client.version)}`,
    ...stallWords(result).map((words) => `> ${text(words)}`),
    ...(bad.length > 0 ? [bad.map(problem).join("\n")] : []),
    ...(failover.phases.length > 1 ? [details("Failover, phase by phase", phases(result))] : []),
    ...unreadWords(result).map((words) => `- ! ${text(words)}`),
    ...(good.length > 0 ? [details(`${formatCount(good.length, "check")} passed`, checkTable(good))] : []),
    ...notes(checks),
    ...(history?.note ? [`! ${text(history.note)}`] : []),
    `Again: ${code(replay)}`,
  ];
}

function problem(check: CheckResult): string {
  const reason = typeof check.evidence.reason === "string" ? ` (${code(check.evidence.reason)})` : "";
  const tables = evidenceTables(check.evidence).map(({ title, columns, rows }) =>
    [
      `\n  ${text(title)}\n`,
      ...table(
        columns,
        rows.slice(0, ROWS_MAX).map((row) => row.map(text)),
      ).split("\n"),
    ].join("\n  "),
  );
  return [
    `- ${MARKS[check.verdict]} **${text(check.name)}**${reason}: ${text(check.summary)}`,
    ...tables,
  ].join("\n");
}

function phases({ failover }: Result): string {
  const rows = failover.phases.map(({ name, atMs, errorMs, tookMs, since, path, governedBy }) => [
    path ? `**${text(name)}**` : text(name),
    formatMs(atMs) + (errorMs ? ` ±${Math.ceil(errorMs)}` : ""),
    since === null ? "" : `+${formatMs(tookMs)}${path ? "" : ` after ${text(since)}`}`,
    governedBy?.unavoidableMs ? formatMs(governedBy.unavoidableMs) : "",
    governedBy?.setting ? text([governedBy.setting, governedBy.value].filter(Boolean).join(" ")) : "",
  ]);
  return table(["phase", "since fault", "step", "at least", "set by"], rows, [1, 2, 3]);
}

function checkTable(checks: readonly CheckResult[]): string {
  return table(
    ["check", "found"],
    checks.map(({ name, summary }) => [text(name), text(summary)]),
  );
}

function notes(checks: readonly CheckResult[]): string[] {
  const all = checks.flatMap(({ evidence }) => evidenceNotes(evidence));
  return all.length === 0 ? [] : [all.map((note) => `- → ${text(note)}`).join("\n")];
}

function promoted({ failover }: Result): string {
  return failover.promoted === null ? "—" : `${text(failover.promoted.from)} → ${text(failover.promoted.to)}`;
}

function details(summary: string, body: string): string {
  return `<details><summary>${summary}</summary>\n\n${body}\n\n</details>`;
}

function table(
  columns: readonly string[],
  rows: readonly (readonly string[])[],
  right: readonly number[] = [],
): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const rule = columns.map((_, index) => (right.includes(index) ? "---:" : "---"));
  return [line(columns.map(text)), line(rule), ...rows.map(line)].join("\n");
}

/** Text from servers is shown as it is: neither markup, nor a link, nor somebody who is notified. */
function text(raw: string): string {
  return raw
    .replaceAll(/\s+/g, " ")
    .replaceAll(/[&<>|@]/g, (char) => `&#${char.codePointAt(0)};`)
    .replaceAll(/[\\`*_{}[\]#~]/g, "\\$&")
    .replaceAll("://", ":\u200b//");
}

/** As code, in more backticks than the text has in a row. */
function code(raw: string): string {
  const longest = Math.max(0, ...[...raw.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  const pad = raw.startsWith("`") || raw.endsWith("`") ? " " : "";
  return `${fence}${pad}${raw.replaceAll(/\s+/g, " ")}${pad}${fence}`;
}
