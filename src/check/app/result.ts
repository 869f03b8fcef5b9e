import type { AppResult, AppWord, ProbeResult } from "../../model/app-result.ts";
import { outageMs } from "../../service/outage-interval.ts";
import { type Facts, toMs } from "../facts.ts";
import { lastLooks, tallyOfConnections } from "./connections.ts";
import { probeLatency } from "./latency.ts";
import { answersOf, type ProbeView, probeViews } from "./probes.ts";
import { recoveredAfterMs } from "./recovery.ts";
import { appWriteFates } from "./writes.ts";

/** The worst first. */
const IN_ORDER: readonly AppWord[] = ["STUCK", "DIED", "LOST", "DUPLICATED", "RECOVERED"];

/**
 * What `result.json` says of the application; undefined: there was none.
 *
 * @param words as the checkers found them, in any order
 */
export function appResultOf(facts: Facts, words: readonly AppWord[]): AppResult | undefined {
  const { app } = facts.header;
  if (app === undefined) return undefined;
  const stuck = words.includes("STUCK");
  const restarts = facts
    .observations("app")
    .filter(({ event, start = 1 }) => event === "started" && start > 1).length;
  return {
    started: app.started ?? null,
    instances: app.instances,
    // What hung did not recover, whatever else went well again.
    words: IN_ORDER.filter((word) => words.includes(word) && !(stuck && word === "RECOVERED")),
    recoveredAfterMs: recoveredAfterMs(facts),
    restarts,
    memory: memoryOf(facts),
    probes: probeViews(facts).map((view) => probeResult(facts, view)),
    connections: lastLooks(facts, { from: 0, to: facts.endedAt }).map(
      ({ node, role, connections, supersededAt }) => {
        const { count, libraries, commands, blocked, longestIdleS } = tallyOfConnections(connections ?? []);
        return {
          node,
          role: role ?? null,
          superseded: supersededAt !== undefined,
          answered: connections !== null,
          count,
          libraries: [...libraries],
          commands: [...commands],
          blocked,
          longestIdleS,
        };
      },
    ),
  };
}

function probeResult(facts: Facts, view: ProbeView): ProbeResult {
  const { probe, operations, sent, outages } = view;
  const count = (outcome: string) => operations.filter((one) => one.outcome === outcome).length;
  const { p50Ms, p99Ms, maxMs } = probeLatency(facts, view);
  const finite = (ms: number | null) => (ms === null || !Number.isFinite(ms) ? null : toMs(ms * 1e6));
  const fates = appWriteFates(facts).find((one) => one.probe === probe);
  const canLose = fates !== undefined && fates.detectors.length > 0;
  return {
    name: probe.name,
    asks: probe.asks,
    is: probe.is,
    sent: operations.length,
    ok: count("ok"),
    failed: count("fail"),
    unknown: count("info"),
    outageMs: sent.length === 0 ? null : outageMs(outages),
    outages: outages.map(({ startAt, endAt, disturbed }) => ({
      startMs: toMs(startAt),
      endMs: endAt === undefined ? null : toMs(endAt),
      failed: disturbed,
    })),
    p50Ms: finite(p50Ms),
    p99Ms: finite(p99Ms),
    maxMs: finite(maxMs),
    lost: canLose ? fates.lost.length : null,
    duplicated: fates?.seesTwice ? fates.duplicated.length : null,
    answers: answersOf(view),
  };
}

/** Of all instances together: each as it was last seen. */
function memoryOf(facts: Facts): AppResult["memory"] {
  const now = new Map<string, number>();
  const sums: number[] = [];
  const instances = new Set(facts.observations("app-memory").map(({ instance }) => instance));
  for (const { instance, rssBytes } of facts.observations("app-memory")) {
    now.set(instance, rssBytes);
    if (now.size === instances.size) sums.push([...now.values()].reduce((a, b) => a + b, 0));
  }
  const [first, last] = [sums[0], sums.at(-1)];
  if (first === undefined || last === undefined) return null;
  return { firstBytes: first, maxBytes: sums.reduce((a, b) => Math.max(a, b)), lastBytes: last };
}
