import type { LogEventData } from "../model/observed.ts";
import type { Facts } from "./facts.ts";

/** A node that said that it takes no commands since slots are not served. */
export interface SaidFail {
  readonly node: string;
  readonly at: number;
  /** Its own words, or what our looks showed. */
  readonly words: string;
}

/**
 * The first node that said `cluster_state:fail` in a time, or wrote so into its log: that is what `cluster-require-full-coverage` does. A
 * node that has just been started says so as well, for another reason, and does not count.
 */
export function firstSaidFail(facts: Facts, from: number, to: number): SaidFail | undefined {
  const lines = facts.observations("log-event") as LogEventData[];
  const started = lines.filter(({ event }) => event === "restarted");
  const isNew = (node: string, at: number) =>
    started.some((line) => line.node === node && at - line.at < 5e9 && at > line.at - line.errorMs * 1e6) ||
    facts.topology.some(
      ({ event, subject, to: now, at: then }) =>
        event === "reachable" && subject === node && now === "yes" && at >= then && at - then < 100e6,
    );
  const line = lines.find(
    ({ event, node, at, detail = "" }) =>
      event === "cluster-down" && at >= from && at <= to && /slot/.test(detail) && !isNew(node, at),
  );
  const seen = facts.topology.find(
    ({ event, source, to: state, at }) =>
      event === "state" && state === "fail" && at >= from && at <= to && !isNew(source, at),
  );
  if (line) return { node: line.node, at: line.at, words: line.detail ?? "" };
  return seen && { node: seen.source, at: seen.at, words: "cluster_state:fail" };
}
