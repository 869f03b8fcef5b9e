import { formatRanges, missingFrom } from "../base/ranges.ts";
import { SLOT_COUNT } from "../base/slots.ts";
import { type Checker, plural } from "./checker.ts";

/** At the end: is every slot served, by one primary, and do all nodes say that the cluster is well? */
export const slots: Checker = {
  name: "slots",
  summary: "all 16384 slots are served at the end, each by one primary, and every node says cluster_state:ok",
  applies: (facts) => facts.header.topology.kind === "cluster" && facts.finalNodes.length > 0,
  check(facts) {
    const answering = facts.finalNodes.filter((node) => node.reachable);
    const serving = answering.filter((node) => node.role === "primary" && node.slots.length > 0);
    const uncovered = missingFrom(
      serving.flatMap((node) => node.slots),
      SLOT_COUNT,
    );
    const claims = serving.flatMap((node) => node.slots.map((range) => ({ node: node.node, range })));
    const twice = claims.filter(({ node, range: [first, last] }) =>
      claims.some((other) => other.node !== node && other.range[0] <= last && other.range[1] >= first),
    );
    const unwell = answering
      .filter((node) => node.state !== "ok")
      .map(({ node, state }) => `${node}: ${state}`);
    const owners = serving.map(({ node, slots: own }) => `${node} ${formatRanges(own)}`);
    const fail = (reason: string, summary: string, more: object) =>
      ({ verdict: "fail", summary, evidence: { reason, ...more, owners } }) as const;

    if (uncovered.length > 0) {
      const summary = `slots ${formatRanges(uncovered)} are served by nobody`;
      return fail("slots-uncovered", summary, { uncovered: formatRanges(uncovered), unwell });
    }
    if (twice.length > 0) {
      const names = [...new Set(twice.map(({ node }) => node))];
      return fail("slots-claimed-twice", `${names.join(" and ")} both serve the same slots`, { twice });
    }
    if (unwell.length > 0)
      return fail("cluster-unwell", `not every node says cluster_state:ok (${unwell.join(", ")})`, {});
    return {
      verdict: "pass",
      summary: `all ${SLOT_COUNT} slots served by ${plural(serving.length, "node")}, each by one; every node says cluster_state:ok`,
      evidence: { owners },
    };
  },
};
