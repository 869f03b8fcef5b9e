import type { FailoverResult, Result } from "../model/result.ts";
import type { Facts } from "./facts.ts";

/**
 * What only a log tells: of a node that was promoted, of those that gave their votes, of one that was started again.
 */
const OF_PROMOTED = { ha: ["promoted"], cluster: ["election", "voted", "promoted"] } as const;

/**
 * The nodes whose logs could not be read, or do not tell all, and the phases that are missing because of it, or are
 * known by looks only.
 */
export function unreadLogs(facts: Facts, failovers: readonly FailoverResult[]): Result["unreadLogs"] {
  const why: Readonly<Record<string, string>> = Object.assign({}, ...facts.observations("logs-unread"));
  return Object.entries(why).map(([node, reason]) => ({
    node,
    why: String(reason),
    missing: [...new Set(failovers.flatMap((failover) => missingOf(facts, failover, node)))],
  }));
}

function missingOf(facts: Facts, { phases, promoted, fault }: FailoverResult, node: string): string[] {
  const told = (name: string) => phases.some((phase) => phase.name === name && phase.seenBy === "log");
  const { kind, nodes } = facts.header.topology;
  const planned = nodes.find(({ name }) => name === node)?.role;
  const isVoter = kind === "cluster" && planned === "primary" && !fault?.targets.includes(node);
  return [
    ...(promoted?.to === node ? OF_PROMOTED[kind].filter((name) => !told(name)) : []),
    ...(isVoter && told("election") && !told("voted") ? ["voted"] : []),
    ...(fault?.targets.includes(node) && phases.some(({ name }) => name === "healed") ? ["restarted"] : []),
  ];
}
