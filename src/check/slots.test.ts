import { describe, expect, it } from "vitest";
import type { FinalNode } from "./facts.ts";
import { factsOf } from "./facts.ts";
import { clusterFailover, clusterRun, type HandMadeRun, haFailover, SHARDS } from "./history.test-data.ts";
import { slots } from "./slots.ts";

const check = (run: HandMadeRun) => slots.check(factsOf(run.build()));

const sound = (): Partial<FinalNode>[] =>
  SHARDS.map((range, n) => ({ node: `node-${n + 1}`, role: "primary", slots: [range], state: "ok" }));
const clusterWith = (change: (nodes: Partial<FinalNode>[]) => Partial<FinalNode>[]) =>
  clusterRun().finalNodes(900, change(sound())).end(1000);

describe("slots", () => {
  it("is judged in a cluster only", () => {
    expect(slots.applies(factsOf(haFailover().build()))).toBe(false);
    expect(slots.applies(factsOf(clusterFailover().build()))).toBe(true);
  });

  it("passes if every slot is served by one node and all are well", () => {
    expect(check(clusterWith((nodes) => nodes))).toMatchObject({
      verdict: "pass",
      evidence: { owners: ["node-1 0-5460", "node-2 5461-10922", "node-3 10923-16383"] },
    });
  });

  it("slots-uncovered: names those that nobody serves", () => {
    const found = check(
      clusterWith((nodes) =>
        nodes.map((node) => (node.node === "node-2" ? { ...node, slots: [[5461, 10_000]] } : node)),
      ),
    );
    expect(found).toMatchObject({
      verdict: "fail",
      evidence: { reason: "slots-uncovered", uncovered: "10001-10922" },
    });
  });

  it("slots-uncovered: does not take the word of a node that does not answer, or of a replica", () => {
    for (const change of [{ reachable: false }, { role: "replica" as const }]) {
      const found = check(
        clusterWith((nodes) => nodes.map((node) => (node.node === "node-1" ? { ...node, ...change } : node))),
      );
      expect(found).toMatchObject({ evidence: { reason: "slots-uncovered", uncovered: "0-5460" } });
    }
  });

  it("slots-claimed-twice: names both who serve them", () => {
    const found = check(
      clusterWith((nodes) => [
        ...nodes,
        { node: "node-4", role: "primary", slots: [[5460, 5460]], state: "ok" },
      ]),
    );
    expect(found).toMatchObject({ verdict: "fail", evidence: { reason: "slots-claimed-twice" } });
    expect(found.summary).toBe("node-1 and node-4 both serve the same slots");
  });

  it("cluster-unwell: one node that says cluster_state:fail is enough", () => {
    const found = check(
      clusterWith((nodes) => [...nodes, { node: "node-6", role: "replica", state: "fail" }]),
    );
    expect(found).toMatchObject({
      verdict: "fail",
      summary: expect.stringContaining("node-6: fail"),
      evidence: { reason: "cluster-unwell" },
    });
  });
});
