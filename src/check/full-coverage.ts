import type { Facts } from "./facts.ts";
import { processStarts } from "./process-starts.ts";

/** A node that said that it takes no commands since slots are not served. */
export interface SaidFail {
  readonly node: string;
  readonly at: number;
  /** Its own words, or what our looks showed. */
  readonly words: string;
}

/**
 * The first node that said `cluster_state:fail` in a time, or wrote so into its log: that is what
 * `cluster-require-full-coverage` does. A node that has just been started says so as well, for another reason, and does
 * not count.
 */
export function firstSaidFail(facts: Facts, from: number, to: number): SaidFail | undefined {
  const lines = facts.observations("log-event");
  const isNew = (node: string, at: number) =>
    processStarts(facts).some((start) => start.node === node && Math.abs(at - start.at) < JUST_STARTED_NS) ||
    facts.topology.some(
      ({ event, subject, to: now, at: then }) =>
        event === "reachable" && subject === node && now === "yes" && at >= then && at - then < SAME_LOOK_NS,
    );
  const line = lines.find(
    ({ event, node, at, detail = "" }) =>
      event === "cluster-down" && at >= from && at <= to && /slot/.test(detail) && !isNew(node, at),
  );
  if (line) return { node: line.node, at: line.at, words: firstSentence(line.detail) };
  const seen = facts.topology.find(
    ({ event, source, to: state, at }) =>
      event === "state" && state === "fail" && at >= from && at <= to && !isNew(source, at),
  );
  return seen && { node: seen.source, at: seen.at, words: "cluster_state:fail" };
}

/** A node that was started says so for 2 s at least, whatever it misses. */
const JUST_STARTED_NS = 5e9;
/** Its first look after it had not answered. */
const SAME_LOOK_NS = 100e6;

function firstSentence(text = ""): string {
  return text.split(". ")[0] ?? text;
}
