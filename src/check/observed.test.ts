import { describe, expect, it } from "vitest";
import type { Checker } from "./checker.ts";
import { covered } from "./coverage.ts";
import { factsOf } from "./facts.ts";
import { clusterRun, OK, REFUSED } from "./history.test-data.ts";
import { keySpread } from "./key-spread.ts";
import { replicaReads } from "./replica-reads.ts";
import { staleRoute } from "./stale-route.ts";

/* The checkers whose workload has measured something itself: one observation in, a verdict out. */

const judge = (checker: Checker, ...observed: unknown[]) => {
  const run = clusterRun();
  observed.forEach((data, n) => {
    run.observe(n, checker.name, data);
  });
  return covered(checker, factsOf(run.end(10).build()));
};

it.each([keySpread, replicaReads, staleRoute])("$name is judged only where it was measured", (checker) => {
  expect(checker.applies(factsOf(clusterRun().end(1).build()))).toBe(false);
  expect(checker.applies(factsOf(clusterRun().observe(0, checker.name, {}).end(1).build()))).toBe(true);
});

describe("replica-reads", () => {
  const round = (changes: object = {}) => ({
    reads: 10,
    answered: 10,
    matched: 10,
    servedBy: { primary: { role: "primary", gets: 0 }, "replica-1": { role: "replica", gets: 10 } },
    usedReplicasAfterMs: 0,
    ...changes,
  });

  it("passes if all were answered rightly, and the replicas counted them", () => {
    expect(judge(replicaReads, round(), round())).toMatchObject({
      verdict: "pass",
      summary: expect.stringMatching(/^20 reads/),
    });
  });

  it.each([
    ["wrong-reply", { matched: 9 }],
    [
      "not-served-by-replicas",
      { servedBy: { primary: { role: "primary", gets: 1 }, "replica-1": { role: "replica", gets: 9 } } },
    ],
  ])("%s", (reason, changes) => {
    expect(judge(replicaReads, round(), round(changes))).toMatchObject({
      verdict: "fail",
      evidence: { reason },
    });
  });
});

describe("stale-route", () => {
  const seen = (changes: object = {}) => ({
    slot: 7,
    from: "node-1",
    to: "node-2",
    writes: 20,
    arrived: 20,
    clientMoved: 20,
    clientAsk: 0,
    serverMoved: { "node-1": 20, "node-2": 0 },
    ...changes,
  });

  it("passes if client and servers counted the same redirects and all values arrived", () => {
    expect(judge(staleRoute, seen())).toMatchObject({ verdict: "pass" });
  });

  it.each([
    ["values-missing", { arrived: 19 }],
    ["no-redirect", { clientMoved: 0, serverMoved: { "node-1": 0, "node-2": 0 } }],
    ["counts-differ", { clientMoved: 21 }],
  ])("%s", (reason, changes) => {
    expect(judge(staleRoute, seen(changes))).toMatchObject({ verdict: "fail", evidence: { reason } });
  });
});

describe("key-spread", () => {
  // Slots by CRC16: b 3300, f 3168, c 7365, a 15495, e 15363.
  const seen = (change: (nodes: Nodes) => unknown = (nodes) => nodes, more: object = {}) => ({
    written: 5,
    groups: [["{b}:1"], ["{c}:1"]],
    nodes: change([
      {
        node: "node-1",
        ranges: [[0, 5460]],
        keys: [
          ["{b}:1", 3300],
          ["f", 3168],
        ],
      },
      { node: "node-2", ranges: [[5461, 10_922]], keys: [["{c}:1", 7365]] },
      {
        node: "node-3",
        ranges: [[10_923, 16_383]],
        keys: [
          ["a", 15_495],
          ["e", 15_363],
        ],
      },
    ]),
    ...more,
  });
  type Nodes = { node: string; ranges: number[][]; keys: [string, number][] }[];
  const withKeys = (node: string, keys: [string, number][]) => (nodes: Nodes) =>
    nodes.map((one) => (one.node === node ? { ...one, keys } : one));

  it("passes if every key is where its slot belongs, and tells the shares", () => {
    const found = judge(keySpread, seen());
    expect(found).toMatchObject({
      verdict: "pass",
      summary: "5 keys on the right shard; 2 hash tags kept together",
    });
    expect(found.evidence).toMatchObject({
      tables: [{ rows: [["node-1", "0-5460", 2, "40.0 %", "33.3 %"], {}, {}] }],
    });
  });

  it.each<[reason: string, observed: object]>([
    ["keys-missing", seen(withKeys("node-3", [["a", 15_495]]))],
    [
      "keys-missing",
      seen(
        withKeys("node-2", [
          ["{c}:1", 7365],
          ["a", 15_495],
        ]),
      ),
    ], // one key on two nodes
    [
      "keys-misplaced",
      seen((nodes) =>
        withKeys(
          "node-2",
          [],
        )(
          withKeys("node-3", [
            ["a", 15_495],
            ["e", 15_363],
            ["{c}:1", 7365],
          ])(nodes),
        ),
      ),
    ],
    [
      "slots-disputed",
      seen(
        withKeys("node-1", [
          ["{b}:1", 3300],
          ["f", 3169],
        ]),
      ),
    ],
    ["tags-torn", seen(undefined, { groups: [["{b}:1", "f"]] })],
    ["shard-empty", seen(withKeys("node-2", []), { written: 4, groups: [] })],
  ])("%s", (reason, observed) => {
    expect(judge(keySpread, observed)).toMatchObject({ verdict: "fail", evidence: { reason } });
  });

  it("operations-failed: whatever the servers hold", () => {
    const base = { client: "spread", workload: "key-spread", f: "write" };
    const run = clusterRun()
      .operation({ ...base, key: "a", value: "1" }, 1, OK)
      .operation({ ...base, key: "b", value: "1" }, 2, REFUSED)
      .observe(3, "key-spread", seen())
      .end(4);
    expect(covered(keySpread, factsOf(run.build()))).toMatchObject({
      verdict: "fail",
      evidence: { reason: "operations-failed", errors: ["write: READONLY"] },
    });
  });

  it("wrong-reply: a hash tag read together gave another value than was written", () => {
    const mget = { client: "spread", workload: "key-spread", f: "mget", key: "{b}:1", value: '["1","2"]' };
    const answered = (value: string) =>
      clusterRun().operation(mget, 1, { outcome: "ok", value }).observe(2, "key-spread", seen()).end(3);
    expect(covered(keySpread, factsOf(answered('["1","2"]').build())).verdict).toBe("pass");
    expect(covered(keySpread, factsOf(answered('["1",null]').build()))).toMatchObject({
      verdict: "fail",
      evidence: { reason: "wrong-reply" },
    });
  });
});
