import { describe, expect, it } from "vitest";
import type { FinalNode } from "../model/observed.ts";
import { covered } from "./coverage.ts";
import { factsOf } from "./facts.ts";
import { clusterFailover, type HandMadeRun, haFailover, haRun, withHaStart } from "./history.test-data.ts";
import { replicas } from "./replicas.ts";

const check = (run: HandMadeRun) => covered(replicas, factsOf(run.build()));

const PRIMARY: Partial<FinalNode> = { node: "primary", role: "primary", keys: 5, digest: "same" };
const REPLICA: Partial<FinalNode> = {
  node: "replica-1",
  role: "replica",
  follows: "primary",
  keys: 5,
  digest: "same",
};
const haWith = (...nodes: Partial<FinalNode>[]) => withHaStart(haRun()).finalNodes(900, nodes).end(1000);

describe("replicas", () => {
  it("is judged only where the nodes were looked at in the end", () => {
    expect(replicas.applies(factsOf(haRun().end(10).build()))).toBe(false);
    expect(replicas.applies(factsOf(haFailover().build()))).toBe(true);
  });

  it("passes, and tells who came back", () => {
    expect(check(haFailover())).toMatchObject({
      verdict: "pass",
      summary: "primary rejoined as replica; 2 replicas hold exactly the data of the primary",
    });
    expect(check(clusterFailover())).toMatchObject({
      verdict: "pass",
      summary: "node-1 rejoined as replica; 3 replicas hold exactly the data of the primary of the shard",
    });
  });

  it.each<[reason: string, verdict: string, nodes: Partial<FinalNode>[]]>([
    ["node-down", "fail", [PRIMARY, { node: "replica-1", reachable: false }]],
    ["replica-not-linked", "fail", [PRIMARY, { ...REPLICA, linkUp: false }]],
    ["not-compared", "unknown", [REPLICA]], // a look that was cut short: nobody looked at the primary
    ["replica-of-nobody", "fail", [PRIMARY, { ...REPLICA, follows: undefined }]],
    ["replica-differs", "fail", [PRIMARY, { ...REPLICA, digest: "other" }]],
    ["not-compared", "unknown", [PRIMARY, { ...REPLICA, digest: undefined }]],
    ["not-compared", "unknown", [PRIMARY, { ...REPLICA, error: "no answer within 10000 ms" }]],
  ])("%s: %s", (reason, verdict, nodes) => {
    expect(check(haWith(...nodes))).toMatchObject({ verdict, evidence: { reason } });
  });

  it("finds the same number of keys with other values", () => {
    expect(check(haWith(PRIMARY, { ...REPLICA, digest: "other", keys: 5 })).summary).toContain(
      "replica-1 holds 5",
    );
  });

  it("fails for a difference that is sure, though another node could not be compared", () => {
    const found = check(
      haWith(PRIMARY, { ...REPLICA, digest: undefined }, { ...REPLICA, node: "replica-2", digest: "other" }),
    );
    expect(found).toMatchObject({ verdict: "fail", evidence: { reason: "replica-differs" } });
    expect(found.evidence.problems).toHaveLength(2);
  });

  it("does not ask after a node that a fault still holds down", () => {
    const down = (healedAtMs?: number) =>
      haWith(PRIMARY, REPLICA, { node: "replica-2", reachable: false }).fault({
        targets: ["replica-2"],
        primaries: [],
        atMs: 500,
        healAtMs: healedAtMs,
        healedAtMs,
      });
    expect(check(down()).verdict).toBe("pass");
    expect(check(down(800))).toMatchObject({ verdict: "fail", evidence: { reason: "node-down" } });
  });

  it("is not judged where a fault holds down every replica: there is nothing to compare", () => {
    const gone = (node: string) => ({ node, reachable: false });
    const run = haWith(PRIMARY, gone("replica-1"), gone("replica-2"));
    expect(replicas.applies(factsOf(run.build()))).toBe(true); // nobody took them away: they should be there
    run.fault({ targets: ["replica-1", "replica-2"], primaries: [], atMs: 500 });
    expect(replicas.applies(factsOf(run.build()))).toBe(false);
  });
});
