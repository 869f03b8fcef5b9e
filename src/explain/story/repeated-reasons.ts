import { groupBy } from "../../base/group-by.ts";
import type { ReasonTold } from "../../model/explanation.ts";
import { called, type Known } from "./told.ts";
import { lasted } from "./words.ts";

const AGAIN_MS = 600_000;

/** What happened more often than it should: failovers of the same nodes, and full copies by one primary. */
export function repeatedReasons(known: Known): ReasonTold[] {
  return [...again(known), ...resyncStorm(known)];
}

/** The same nodes failed over shortly before: the primary's place goes to and fro. */
function again({ incident, others, quote }: Known): ReasonTold[] {
  const { system, firstAt, promoted, primary } = incident;
  const before = others.filter(
    (one) =>
      one.system === system &&
      one.promoted !== undefined &&
      one.firstAt < firstAt &&
      firstAt - one.firstAt < AGAIN_MS &&
      (system.kind === "ha" || one.promoted === primary || one.primary === promoted),
  );
  if (before.length === 0 || promoted === undefined) return [];
  const last = before.at(-1);
  const gap = lasted(firstAt - (last?.promotedAt ?? firstAt));
  const text = `it is failover number ${before.length + 1} within ten minutes, ${gap} after the one before`;
  const lines = system.events.filter(
    ({ at, kind }) => kind === "promoted" && before.some((one) => one.promotedAt === at),
  );
  return [{ reason: "flapping", text, setting: null, value: null, lines: quote.of(lines) }];
}

/** So many full copies by one primary are a storm. */
const STORM = 3;

function resyncStorm(known: Known): ReasonTold[] {
  const { incident, quote, settings } = known;
  const given = known.events.filter(({ kind }) => kind === "full-sync-given");
  const [most = []] = [...groupBy(given, ({ node }) => node).values()].toSorted(
    (a, b) => b.length - a.length,
  );
  const times = most.reduce((sum, { repeated }) => sum + (repeated?.times ?? 1), 0);
  const [first] = most;
  if (!first || times < Math.max(STORM, mostCopies(incident))) return [];
  const text =
    `${called(known, first.node)} sent all its data ${times} times: every copy costs a fork, its network ` +
    `and the replica's time`;
  const setting = "repl-backlog-size";
  const refused = known.events.filter(
    ({ kind, node }) => kind === "partial-sync-refused" && node === first.node,
  );
  return [
    {
      reason: "full-resync-storm",
      text,
      setting,
      value: settings.value(setting) ?? null,
      lines: quote.of([...most.slice(0, 4), ...refused.slice(0, 2)]),
    },
  ];
}

/** One copy for each replica is what a new primary may cost. */
function mostCopies({ system }: Known["incident"]): number {
  return system.kind === "ha" ? system.nodes.filter(({ kind }) => kind !== "sentinel").length : STORM;
}
