import type { FinalNode } from "../model/observed.ts";
import { type Checker, plural } from "./checker.ts";
import type { Facts } from "./facts.ts";
import { unlessStalledAtEnd } from "./unless-stalled.ts";

/**
 * At the end: is every node back, and do replicas hold exactly what their primary holds? Who is primary, `topology`
 * judges.
 */
export const replicas: Checker = {
  name: "replicas",
  summary:
    "nodes that were healed are back as replicas, and every replica's data equal its primary's (DEBUG DIGEST)",
  // With every replica held down by a fault there is nothing to compare: no finding, rather than an empty "pass".
  applies: (facts) => expectedUp(facts).some(({ reachable, role }) => !reachable || role !== "primary"),
  stalled: unlessStalledAtEnd,
  requires(facts) {
    const planned = facts.header.topology.nodes.some(({ role }) => role === "replica");
    const compared = expectedUp(facts).some(({ role }) => role === "replica");
    return [
      {
        reason: "no-replica-left",
        needs: "a replica that is up at the end",
        met: !planned || compared,
        seen: "no replica was up at the end, so none could be compared with its primary",
        add: `Heal what holds the replicas down, and add "- await: { condition: rejoined, within: 40s }" at the end`,
      },
    ];
  },
  check(facts) {
    const nodes = expectedUp(facts);
    const healed = facts.faults
      .filter((fault) => fault.healedAt !== undefined)
      .flatMap((fault) => fault.primaries);
    const problems = nodes.flatMap((node) => problemOf(node, facts));
    const first = problems.find(({ reason }) => reason !== "not-compared") ?? problems[0]; // what is sure comes first
    const evidence = { nodes: facts.finalNodes.map(flat) };
    if (first) {
      const verdict = first.reason === "not-compared" ? "unknown" : "fail";
      return {
        verdict,
        summary: first.text,
        evidence: { reason: first.reason, problems: problems.map((p) => p.text), ...evidence },
      };
    }
    const equal = nodes.filter((node) => node.role === "replica");
    const rejoined = equal.filter(({ node }) => healed.includes(node)).map(({ node }) => node);
    const back = rejoined.length > 0 ? `${rejoined.join(", ")} rejoined as replica; ` : "";
    return {
      verdict: "pass",
      summary:
        `${back}${plural(equal.length, "replica")} hold${equal.length === 1 ? "s" : ""} exactly the data of ` +
        `the primary${facts.header.topology.kind === "cluster" ? " of the shard" : ""}`,
      evidence,
    };
  },
};

/** The nodes that should be up at the end: all but those that a fault still holds down. */
function expectedUp(facts: Facts): FinalNode[] {
  const unhealed = facts.faults.filter((fault) => fault.healedAt === undefined);
  const faulted = new Set(unhealed.flatMap((fault) => fault.targets));
  return facts.finalNodes.filter(({ node, reachable }) => reachable || !faulted.has(node));
}

/** A node in one row. */
function flat({ node, reachable, role, follows, linkUp, keys, digest }: FinalNode) {
  const follow = role === "replica" ? `${follows ?? "nobody"}, link ${linkUp ? "up" : "down"}` : "";
  return {
    node,
    role: reachable ? role : "no answer",
    follows: follow,
    keys: keys ?? "",
    digest: digest?.slice(0, 12) ?? "",
  };
}

function isPlanned(facts: Facts, name: string | undefined): boolean {
  return facts.header.topology.nodes.some((node) => node.name === name);
}

interface Problem {
  readonly reason: string;
  readonly text: string;
}

function problemOf(node: FinalNode, facts: Facts): Problem[] {
  const say = (reason: string, text: string) => [{ reason, text: `${node.node} ${text}` }];
  if (!node.reachable) return say("node-down", "does not answer at the end");
  if (node.error !== undefined) return say("not-compared", `could not be inspected: ${node.error}`);
  if (node.role !== "replica") return [];
  if (!node.linkUp) return say("replica-not-linked", "has no link to its primary");
  const primary = facts.finalNodes.find((other) => other.node === node.follows);
  if (!primary && isPlanned(facts, node.follows))
    return say("not-compared", `could not be compared with ${node.follows}, which nobody looked at`);
  if (!primary) return say("replica-of-nobody", "follows no known node");
  if (primary.digest === undefined || node.digest === undefined)
    return say("not-compared", "could not be compared with its primary");
  if (primary.digest === node.digest) return [];
  return say(
    "replica-differs",
    `holds ${node.keys} keys, ${primary.node} holds ${primary.keys}: their data differ`,
  );
}
