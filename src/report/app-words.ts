import type { AppResult, AppWord, ProbeResult } from "../model/app-result.ts";
import type { Result } from "../model/result.ts";
import { formatBytes, formatCount, formatMs, formatNumber } from "./numbers.ts";

/*
 * What became of an application under the drill, as every report says it. No import but types and numbers: a page has
 * it too.
 */

/** `STUCK, LOST`: the worst first. Empty where there was no application, or nobody knows. */
export function appWords({ app }: { readonly app?: Pick<AppResult, "words"> | undefined }): string {
  return app === undefined ? "" : app.words.join(", ");
}

/**
 * Nothing was sent to the servers but what the application sent: there is nothing to say of their writes and latency.
 */
export function isOnlyOfApp({ app, operations }: Pick<Result, "app" | "operations">): boolean {
  return app !== undefined && operations.total === 0;
}

/** Of many runs: `RECOVERED ×8, STUCK + LOST ×2`, the most frequent first. */
export function countedWords(apps: readonly Pick<AppResult, "words">[]): string {
  const counts = new Map<string, number>();
  for (const { words } of apps) {
    const text = words.join(" + ") || "not known";
    counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  const sorted = [...counts].sort(([, a], [, b]) => b - a);
  return sorted.map(([text, count]) => `${text} ×${formatNumber(count)}`).join(", ");
}

/** Each word with what it means in this run. */
export function appSentences(app: AppResult): { readonly word: AppWord; readonly text: string }[] {
  return app.words.map((word) => ({ word, text: MEANINGS[word](app) }));
}

const MEANINGS: Readonly<Record<AppWord, (app: AppResult) => string>> = {
  RECOVERED: ({ recoveredAfterMs }) =>
    recoveredAfterMs === null
      ? "every probe went well again"
      : `every probe went well again, at most ${formatMs(recoveredAfterMs)} after a fault`,
  STUCK: ({ probes }) => {
    const out = probes.filter(isOut).map(({ name }) => name);
    return out.length === 0
      ? "the servers recovered, the application did not"
      : `the servers recovered, but ${out.join(", ")} did not go well again`;
  },
  DIED: () => "it did not stay alive",
  LOST: ({ probes }) => {
    const lost = total(probes, "lost");
    return `${formatCount(lost, "acknowledged write is", "acknowledged writes are")} gone`;
  },
  DUPLICATED: ({ probes }) => {
    const twice = total(probes, "duplicated");
    return `${formatCount(twice, "write was", "writes were")} done more than once`;
  },
};

function total(probes: readonly ProbeResult[], of: "lost" | "duplicated"): number {
  return probes.reduce((sum, probe) => sum + (probe[of] ?? 0), 0);
}

/** It was in an outage when it was last seen. */
export function isOut({ outages }: Pick<ProbeResult, "outages">): boolean {
  return outages.some(({ endMs }) => endMs === null);
}

/** Sent, ok, failed, unknown; of a probe that is not sent at a rate there is nothing to count. */
export function probeCounts({ sent, ok, failed, unknown }: ProbeResult): string[] {
  return [sent, ok, failed, unknown].map((count) => (sent === 0 ? "—" : formatNumber(count)));
}

/** How long a probe had no success, or why there is no number. One that is not sent at a fixed rate has none. */
export function probeOutageWords(probe: Pick<ProbeResult, "is" | "outageMs" | "outages">): string {
  const { is, outageMs } = probe;
  if (outageMs === null && !isOut(probe)) return is === "write" || is === "read" ? "not measured" : "—";
  if (outageMs === null) return "not over";
  if (outageMs === 0 && !isOut(probe)) return "none";
  return `${formatMs(outageMs)}${isOut(probe) ? " (another not over)" : ""}`;
}

/** `201 ×1,150, ECONNREFUSED ×50`: the most frequent first, and how many kinds are left out. */
export function answerWords({ answers }: Pick<ProbeResult, "answers">, most = 6): string {
  const shown = answers.slice(0, most).map(({ answer, count }) => `${answer} ×${formatNumber(count)}`);
  const rest = answers.length - shown.length;
  return [...shown, ...(rest > 0 ? [`${formatCount(rest, "other answer")}`] : [])].join(", ");
}

/** A probe's figures in one line: `482 sent, 446 ok, 4 failed, 32 unknown; outage 1,803 ms; …`. */
export function probeLine(probe: ProbeResult): string {
  const { sent, ok, failed, unknown, p99Ms, lost, duplicated } = probe;
  const counts = Object.entries({ sent, ok, failed, unknown }).map(
    ([name, count]) => `${formatNumber(count)} ${name}`,
  );
  if (sent === 0) return "not sent at a rate";
  const outage = probeOutageWords(probe);
  const fates = Object.entries({ lost, duplicated }).flatMap(([name, count]) =>
    count === null ? [] : [`${formatNumber(count)} ${name}`],
  );
  const answers = answerWords(probe);
  return [
    counts.join(", "),
    ...(outage === "—" ? [] : [`outage ${outage}`]),
    ...(p99Ms === null ? [] : [`99% within ${formatMs(p99Ms)}`]),
    ...(fates.length > 0 ? [fates.join(", ")] : []),
    ...(answers === "" ? [] : [`answers ${answers}`]),
  ].join("; ");
}

/** How many instances there were, how often they were started anew, and how much memory they took. */
export function appLife({ instances, restarts, memory }: AppResult): string[] {
  return [
    formatCount(instances, "instance"),
    restarts === 0 ? "no restart" : formatCount(restarts, "restart"),
    ...(memory === null
      ? []
      : [
          `memory ${formatBytes(memory.firstBytes)} at first, ${formatBytes(memory.maxBytes)} at most, ` +
            `${formatBytes(memory.lastBytes)} at last`,
        ]),
  ];
}

/** Where an application's connections were. */
export type AppConnections = AppResult["connections"][number];

/** `primary, superseded`: what a node was when it was looked at. */
export function roleWords({ role, superseded }: Pick<AppConnections, "role" | "superseded">): string {
  return `${role ?? "role not known"}${superseded ? ", superseded" : ""}`;
}

/** What the connections table shows of one node, beside its name; in the order of {@link CONNECTION_COLUMNS}. */
export function connectionCells(at: AppConnections): string[] {
  if (!at.answered) return [roleWords(at), "did not answer", "", "", "", ""];
  return [
    roleWords(at),
    at.count === 0 ? "none" : formatNumber(at.count),
    at.commands.join(", "),
    at.blocked === 0 ? "" : formatNumber(at.blocked),
    at.longestIdleS === null ? "" : `${formatNumber(at.longestIdleS)} s`,
    at.libraries.join(", "),
  ];
}

/** The same in a sentence, where a table has no room. */
export function connectionSentence(at: AppConnections): string {
  const { answered, count, commands, blocked, longestIdleS, libraries } = at;
  if (!answered) return `${roleWords(at)}: did not answer`;
  const parts = [
    count === 0 ? "no connection" : formatCount(count, "connection"),
    ...(libraries.length === 0 ? [] : [`of ${libraries.join(", ")}`]),
    ...(commands.length === 0 ? [] : [`last commands ${commands.join(", ")}`]),
    ...(blocked === 0 ? [] : [`${formatNumber(blocked)} blocked`]),
    ...(longestIdleS === null ? [] : [`idle for ${formatNumber(longestIdleS)} s`]),
  ];
  return `${roleWords(at)}: ${parts.join("; ")}`;
}

/** Headings of the connections table. */
export const CONNECTION_COLUMNS = [
  "node",
  "role",
  "connections",
  "last commands",
  "blocked",
  "idle for",
  "library",
] as const;
