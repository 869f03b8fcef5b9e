import type { Observed } from "../model/observed.ts";
import { rightBefore } from "./app/coverage.ts";
import { firstLine } from "./app/probes.ts";
import { type Checker, type EvidenceTable, type Found, plural, type Requirement } from "./checker.ts";
import { asks } from "./expectations.ts";
import { type Facts, toSeconds } from "./facts.ts";

type Life = Observed["app"];

const START = `Let the drill start it: "app: { command: … }"`;
const JUDGED = ["app.alive", "app.restarts", "app.logNever"];

/** Did an instance of the application end by itself? */
export const appAlive: Checker = {
  name: "app-alive",
  summary:
    "no instance of the application ended by itself; restarts and log lines within the scenario's limits",
  judges: JUDGED.map((path) => ({ path, add: START })),
  applies: (facts) =>
    facts.header.app !== undefined &&
    (facts.observations("app").length > 0 || JUDGED.some((path) => asks(facts, path))),
  requires: (facts) => [rightBefore(facts), watched(facts)],
  check(facts) {
    const { alive = true, restarts: most = Infinity, logNever } = facts.header.expect.app ?? {};
    const exits = exitsOf(facts);
    const restarts = restartsOf(facts);
    const lines = facts.observations("app-line");
    const forbidden = lines.filter(({ why }) => why === "never");
    const evidence = {
      exits: exits.length,
      restarts: restarts.length,
      tables: [...exitTable(exits), ...lineTable(lines)],
      notes: exits.length === 0 ? unhandledNote(lines) : [],
    };
    const fail = (reason: string, summary: string): Found => ({
      verdict: "fail",
      summary,
      evidence: { reason, ...evidence },
    });
    const [first] = exits;
    if (alive && first) return fail("died", diedText(facts, exits));
    if (restarts.length > most) {
      const summary = `the application was started again ${timesText(restarts.length)}; at most ${most} may be`;
      return fail("too-many-restarts", summary);
    }
    const [line] = forbidden;
    if (line) {
      const summary =
        `${plural(forbidden.length, "line")} of its log ${forbidden.length === 1 ? "matches" : "match"} ${logNever}: ` +
        `"${firstLine(line.text)}" (${line.instance}, ${toSeconds(line.at)})`;
      return fail("log-line-never", summary);
    }
    return { verdict: "pass", summary: aliveText(facts, exits, restarts), evidence };
  },
  accepted: (facts) => {
    const { alive, restarts } = facts.header.expect.app ?? {};
    const [exits, starts] = [exitsOf(facts).length, restartsOf(facts).length];
    const allowedBy =
      restarts === undefined ? "expect.app.restarts, which is not set" : "expect.app.restarts";
    return [
      {
        what: "application-exits",
        count: alive === false ? exits : 0,
        told: `${plural(exits, "exit")} of the application`,
        allowedBy: "expect.app.alive: false",
      },
      {
        what: "application-restarts",
        count: starts,
        told: `${plural(starts, "restart")} of the application`,
        allowedBy,
      },
    ];
  },
  appWords: (facts, { evidence }) =>
    evidence.reason !== "before-probe-failed" && exitsOf(facts).length > 0 ? ["DIED"] : [],
};

/** Ended by itself, in order. */
export function exitsOf(facts: Facts): readonly Life[] {
  return facts.observations("app").filter(({ event }) => event === "exited");
}

/** Starts after the first, whoever asked for them. */
export function restartsOf(facts: Facts): readonly Life[] {
  return facts.observations("app").filter(({ event, start = 1 }) => event === "started" && start > 1);
}

function watched(facts: Facts): Requirement {
  return {
    reason: "life-not-observed",
    needs: "the application's process, from its start on",
    met: facts.observations("app").some(({ event }) => event === "started" || event === "ready"),
    seen: "the drill did not start the application, so nobody saw whether it ended, or what it logged",
    add: START,
  };
}

function diedText(facts: Facts, exits: readonly Life[]): string {
  const [first] = exits as readonly [Life];
  const more = exits.length > 1 ? ` (${plural(exits.length, "exit")} in all)` : "";
  const faultAt = facts.faults[0]?.injectAt ?? Infinity;
  const when = first.at < faultAt ? ", before any fault" : "";
  const lines = (first.lastLines ?? []).filter((line) => line.trim() !== "");
  const said = lines.findLast((line) => TELLING.test(line)) ?? lines.at(-1);
  const last = said === undefined ? "" : `: ${firstLine(said)}`;
  return `${first.instance} ended by itself at ${toSeconds(first.at)}${when} (${howOf(first)})${more}${last}`;
}

/** A line that says why, which is seldom the last one. */
const TELLING = /error|exception|panic|fatal|cannot|not found/i;

function howOf({ code, signal }: Life): string {
  return signal ? `signal ${signal}` : `exit code ${code ?? "unknown"}`;
}

function aliveText({ header }: Facts, exits: readonly Life[], restarts: readonly Life[]): string {
  const instances = header.app?.instances ?? 1;
  const all = instances === 1 ? "the application" : `all ${instances} instances`;
  const more = restarts.length > 0 ? `, started again ${timesText(restarts.length)}` : "";
  return exits.length > 0
    ? `${plural(exits.length, "exit")} of the application, which the scenario allows${more}`
    : `${all} stayed alive${more}`;
}

function timesText(count: number): string {
  return count === 1 ? "once" : `${count} times`;
}

function exitTable(exits: readonly Life[]): EvidenceTable[] {
  if (exits.length === 0) return [];
  const rows = exits.map((one) => [
    one.instance,
    toSeconds(one.at),
    howOf(one),
    (one.lastLines ?? []).slice(-3).map(firstLine).join(" ⏎ "),
  ]);
  return [
    { title: "Instances that ended by themselves", columns: ["instance", "at", "how", "said last"], rows },
  ];
}

/** Lines that are shown; the history has them all. */
const MOST_LINES = 8;

function lineTable(lines: readonly Observed["app-line"][]): EvidenceTable[] {
  if (lines.length === 0) return [];
  const worst = lines.filter(({ why }) => why !== "error");
  const shown = [...worst, ...lines.filter(({ why }) => why === "error")].slice(0, MOST_LINES);
  const rows = shown
    .toSorted((a, b) => a.at - b.at)
    .map(({ at, instance, why, text }) => [toSeconds(at), instance, why, firstLine(text)]);
  const left = lines.length - shown.length;
  const title = `Lines of its log that matter${left > 0 ? ` (${left} more in the history)` : ""}`;
  return [{ title, columns: ["at", "instance", "why", "line"], rows }];
}

function unhandledNote(lines: readonly Observed["app-line"][]): string[] {
  const unhandled = lines.filter(({ why }) => why === "unhandled-error");
  const [first] = unhandled;
  if (!first) return [];
  const many = plural(unhandled.length, "unhandled error");
  return [`${many} in its log, the first at ${toSeconds(first.at)}: ${firstLine(first.text)}`];
}
