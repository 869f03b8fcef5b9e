import type { Facts } from "./facts.ts";
import { once } from "./once.ts";

/** A process of a node that began anew. */
export interface ProcessStart {
  readonly node: string;
  readonly at: number;
  /** By its own log; where that was not read, by our looks, which come late. */
  readonly seenBy: "log" | "look";
  readonly errorMs?: number;
}

/** Two accounts of one start are no further apart: a node that is started answers us soon. */
const SAME_START_NS = 10e9;

/** Every start of a data node after the first, in order. */
export const processStarts = once((facts: Facts): readonly ProcessStart[] => {
  const lines = facts.observations("log-event").filter(({ event }) => event === "restarted");
  const logged = lines.map(({ node, at, errorMs }): ProcessStart => ({ node, at, errorMs, seenBy: "log" }));
  const looked = facts
    .observations("process-began")
    .filter(
      ({ node, at }) => !logged.some((one) => one.node === node && Math.abs(at - one.at) < SAME_START_NS),
    )
    .map(({ node, at }): ProcessStart => ({ node, at, seenBy: "look" }));
  return [...logged, ...looked].toSorted((a, b) => a.at - b.at);
});
