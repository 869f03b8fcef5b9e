import type { Answers } from "./answer-span.ts";
import { type Facts, type FaultWindow, shardOfNode } from "./facts.ts";
import { WRITABLE_DELAY_MS } from "./pace.ts";
import { processStarts } from "./process-starts.ts";
import { shardsHit } from "./shards-hit.ts";
import type { Span } from "./span.ts";

/**
 * The times in which a primary of the shards that were hit could take no commands by its own account, whether the probe
 * asked it or not: it said `cluster_state:fail`, or its log tells that it was reading its data.
 */
export function statedRefusals(facts: Facts, fault: FaultWindow, span: Span): Answers[] {
  if (facts.header.topology.kind !== "cluster") return loading(facts, fault, span);
  return [...failing(facts, fault, span), ...loading(facts, fault, span)].toSorted((a, b) => a.from - b.from);
}

function failing(facts: Facts, fault: FaultWindow, { from, to }: Span): Answers[] {
  const hit = shardsHit(facts, fault);
  const role = new Map(facts.header.topology.nodes.map(({ name, role: planned }) => [name, planned]));
  const since = new Map<string, number>();
  const found: Answers[] = [];
  const end = (node: string, at: number) => {
    const begun = since.get(node);
    since.delete(node);
    if (begun === undefined || at <= from) return;
    const stated = { seenBy: "look" as const };
    const times = { from: Math.max(begun, from), to: Math.min(at, to) };
    found.push({ class: "CLUSTERDOWN", ...times, count: 0, node, stated });
  };
  for (const { event, subject = "", to: now, at } of facts.topology) {
    if (at > to) break;
    if (event === "role" && (now === "primary" || now === "replica")) role.set(subject, now);
    const gone = event === "reachable" && now === "no";
    const fails = event === "state" && now === "fail" && role.get(subject) === "primary";
    if (gone || (event === "state" && now === "ok")) end(subject, at);
    else if (fails && hit.includes(shardOfNode(facts, subject) ?? -1) && !since.has(subject))
      since.set(subject, startBefore(facts, subject, at));
  }
  for (const node of [...since.keys()]) end(node, to);
  return found;
}

/** One that was started a moment before said so from then on; our first look at it came later. */
function startBefore(facts: Facts, node: string, at: number): number {
  const start = processStarts(facts).findLast((one) => one.node === node && one.at <= at);
  return start && at - start.at < WRITABLE_DELAY_MS * 1e6 ? start.at : at;
}

function loading(facts: Facts, { targets }: FaultWindow, { from, to }: Span): Answers[] {
  const lines = facts.observations("log-event").filter(({ node }) => targets.includes(node));
  return lines.flatMap((line, index) => {
    if (line.event !== "restarted") return [];
    const loaded = lines
      .slice(index + 1)
      .find(({ node, event }) => node === line.node && (event === "loaded" || event === "restarted"));
    if (loaded?.event !== "loaded" || loaded.at <= from || line.at >= to) return [];
    const [begun, ended] = [Math.max(line.at, from), Math.min(loaded.at, to)];
    const stated = { seenBy: "log" as const, errorMs: loaded.errorMs };
    return [{ class: "LOADING", from: begun, to: ended, count: 0, node: line.node, stated }];
  });
}
