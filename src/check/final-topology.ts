import { groupBy } from "../base/group-by.ts";
import { formatRanges, missingFrom } from "../base/ranges.ts";
import { SLOT_COUNT } from "../base/slots.ts";
import type { ClusterMap, FinalNode, MappedPrimary } from "../model/observed.ts";
import { plural } from "./checker.ts";
import type { Facts } from "./facts.ts";

/** What is wrong with the topology as it was found at the end. */
export interface Problem {
  readonly reason: string;
  readonly text: string;
  readonly evidence?: Readonly<Record<string, unknown>>;
}

/** The state in which a drill left its nodes: what is wrong with it, worst first, and what is right. */
export interface FinalState {
  readonly problems: readonly Problem[];
  readonly sound: readonly string[];
  readonly notes: readonly string[];
  readonly evidence: Readonly<Record<string, unknown>>;
}

export function finalState(facts: Facts): FinalState {
  return facts.header.topology.kind === "ha" ? ofHa(facts) : ofCluster(facts);
}

function ofHa(facts: Facts): FinalState {
  const primaries = facts.finalNodes
    .filter(({ reachable, role }) => reachable && role === "primary")
    .map(({ node }) => node);
  const all = facts.observations("final-sentinel");
  const held = heldAtTheEnd(facts);
  const sentinels = all.filter(({ reachable, sentinel }) => reachable && !held.has(sentinel));
  const words = sentinels.map(({ sentinel, primary, epoch }) => `${sentinel}: ${primary}, epoch ${epoch}`);
  const accounts = new Set(sentinels.map(({ primary, epoch }) => `${primary} ${epoch}`));
  const named = sentinels[0]?.primary;

  const problems: Problem[] = [];
  if (primaries.length === 0) problems.push({ reason: "no-primary", text: "nobody is primary" });
  if (primaries.length > 1) {
    problems.push({
      reason: "two-primaries",
      text: `${primaries.join(" and ")} both say that they are the primary`,
    });
  }
  if (accounts.size > 1) {
    problems.push({
      reason: "sentinels-disagree",
      text: `the Sentinels do not agree on the primary (${words.join("; ")})`,
    });
  } else if (named !== undefined && primaries.length > 0 && !primaries.includes(named)) {
    problems.push({
      reason: "sentinels-name-another",
      text: `the Sentinels send clients to ${named}, which is no primary`,
    });
  }
  const agreed =
    sentinels.length === 0
      ? []
      : [`${plural(sentinels.length, "Sentinel")} name${sentinels.length === 1 ? "s" : ""} it`];
  return {
    problems,
    sound: [`${primaries[0]} is the only primary`, ...agreed],
    notes: sentinels.length === 0 ? ["no Sentinel told at the end whom it sends clients to"] : [],
    evidence: { sentinels: words },
  };
}

function ofCluster(facts: Facts): FinalState {
  const answering = facts.finalNodes.filter((node) => node.reachable);
  const serving = answering.filter((node) => node.role === "primary" && node.slots.length > 0);
  const owners = serving.map(({ node, slots }) => `${node} ${formatRanges(slots)}`);
  const held = heldAtTheEnd(facts);
  const mapped = answering.filter(({ node, map }) => map !== undefined && !held.has(node));
  const views = mapped.map(({ node, map }) => ({ node, map: map as ClusterMap }));
  const sound = [
    `all ${SLOT_COUNT} slots served by ${plural(serving.length, "node")}, each by one`,
    ...(views.length > 0
      ? [`${plural(views.length, "node")} agree on who serves them, at which epochs`]
      : []),
    "every node says cluster_state:ok",
  ];
  return {
    problems: [...coverage(answering, serving), ...agreement(views), ...epochs(views), ...unwell(answering)],
    sound,
    notes: views.length > 0 ? [] : ["no node told at the end who serves what by its own account"],
    evidence: { owners },
  };
}

/** Every slot by exactly one; a primary that serves none came back and was not taken in. */
function coverage(answering: readonly FinalNode[], serving: readonly FinalNode[]): Problem[] {
  const problems: Problem[] = [];
  const uncovered = missingFrom(
    serving.flatMap(({ slots }) => slots),
    SLOT_COUNT,
  );
  if (uncovered.length > 0) {
    problems.push({
      reason: "slots-uncovered",
      text: `slots ${formatRanges(uncovered)} are served by nobody`,
      evidence: { uncovered: formatRanges(uncovered) },
    });
  }
  const claims = serving.flatMap(({ node, slots }) => slots.map((range) => ({ node, range })));
  const twice = claims.filter(({ node, range: [first, last] }) =>
    claims.some((other) => other.node !== node && other.range[0] <= last && other.range[1] >= first),
  );
  if (twice.length > 0) {
    const names = [...new Set(twice.map(({ node }) => node))];
    problems.push({
      reason: "slots-claimed-twice",
      text: `${names.join(" and ")} both serve the same slots`,
      evidence: { twice },
    });
  }
  for (const { node, role, slots } of answering) {
    if (role !== "primary" || slots.length > 0) continue;
    const text = `${node} came back, but neither serves slots nor follows a primary`;
    problems.push({ reason: "not-rejoined", text });
  }
  return problems;
}

interface View {
  readonly node: string;
  readonly map: ClusterMap;
}

/** Do all nodes believe the same, and do they tell clients what they believe? */
function agreement(views: readonly View[]): Problem[] {
  const problems: Problem[] = [];
  const beliefs = groupBy(views, ({ map }) => written(map.primaries));
  if (beliefs.size > 1) {
    const accounts = [...beliefs].map(([map, believers]) => ({
      nodes: believers.map(({ node }) => node).join(", "),
      map,
    }));
    const text =
      `the nodes do not agree on who serves ` +
      `which slots: ${accounts.map(({ nodes }) => nodes).join(" against ")}`;
    problems.push({ reason: "slots-not-agreed", text, evidence: { accounts } });
  }
  for (const { node, map } of views) {
    if (written(map.told) === written(map.primaries)) continue;
    const text = `${node} sends clients elsewhere than to whom it holds to serve the slots`;
    const evidence = { believes: written(map.primaries), tells: written(map.told) };
    problems.push({ reason: "clients-told-otherwise", text, evidence });
  }
  return problems;
}

/**
 * Configuration epochs order claims to slots: each primary needs one of its own, that all agree on, and no node may
 * know of a later one than it counts itself.
 * https://valkey.io/topics/cluster-spec/#configuration-handling-propagation-and-failovers
 */
function epochs(views: readonly View[]): Problem[] {
  const problems: Problem[] = [];
  const claims = views.flatMap(({ map }) => map.primaries);
  for (const [owner, own] of groupBy(claims, ({ node }) => node)) {
    const different = [...new Set(own.map(({ epoch }) => epoch))].sort((a, b) => a - b);
    if (different.length <= 1) continue;
    const text = `the nodes do not agree on the configuration epoch of ${owner}: ${different.join(", ")}`;
    problems.push({ reason: "epochs-differ", text });
  }
  for (const [epoch, own] of groupBy(claims, (claim) => claim.epoch)) {
    const different = [...new Set(own.map(({ node }) => node))].sort();
    if (different.length <= 1) continue;
    const text = `${different.join(" and ")} have the same configuration epoch, ${epoch}`;
    problems.push({ reason: "epoch-twice", text });
  }
  for (const { node, map } of views) {
    const latest = Math.max(...map.primaries.map(({ epoch }) => epoch));
    if (map.currentEpoch >= latest) continue;
    const text = `${node} is at epoch ${map.currentEpoch}, behind one that it knows of, ${latest}`;
    problems.push({ reason: "epoch-behind", text });
  }
  return problems;
}

function unwell(answering: readonly FinalNode[]): Problem[] {
  const words = answering.filter(({ state }) => state !== "ok").map(({ node, state }) => `${node}: ${state}`);
  if (words.length === 0) return [];
  const text = `not every node says cluster_state:ok (${words.join(", ")})`;
  return [{ reason: "cluster-unwell", text, evidence: { unwell: words } }];
}

/** The nodes that a fault still has hold of: what they believe may differ. */
function heldAtTheEnd(facts: Facts): Set<string> {
  return new Set(
    facts.faults.filter(({ healedAt }) => healedAt === undefined).flatMap(({ targets }) => targets),
  );
}

/** `node-1 0-5460; node-2 …` */
function written(primaries: readonly Omit<MappedPrimary, "epoch">[]): string {
  return primaries.map(({ node, slots }) => `${node} ${formatRanges(slots)}`).join("; ");
}
