import { describe, expect, it } from "vitest";
import type { ClusterMap, FinalNode, FinalSentinel, WriteAccount } from "../model/observed.ts";
import type { SlotRange } from "../model/plan.ts";
import { covered } from "./coverage.ts";
import { factsOf } from "./facts.ts";
import {
  clusterFailover,
  clusterRun,
  type HandMadeRun,
  haFailover,
  haRun,
  SHARDS,
  withHaStart,
} from "./history.test-data.ts";
import { topology } from "./topology.ts";

const check = (run: HandMadeRun) => covered(topology, factsOf(run.build()));

describe("the end of a cluster", () => {
  const node = (n: number) => `node-${n}`;
  const map = (changes: Partial<ClusterMap> = {}): ClusterMap => {
    const primaries = SHARDS.map((range, n) => ({ node: node(n + 1), slots: [range], epoch: n + 1 }));
    return {
      primaries,
      told: primaries.map(({ node, slots }) => ({ node, slots })),
      currentEpoch: 3,
      ...changes,
    };
  };
  const sound = (): Partial<FinalNode>[] =>
    SHARDS.map((range, n) => ({
      node: node(n + 1),
      role: "primary",
      slots: [range],
      state: "ok",
      map: map(),
    }));
  const ended = (nodes: Partial<FinalNode>[]) => clusterRun().finalNodes(900, nodes).end(1000);
  const changed = (n: number, change: Partial<FinalNode>) =>
    sound().map((one) => (one.node === node(n) ? { ...one, ...change } : one));
  /** node-2 believes something else of node-1. */
  const otherwise = (change: Partial<{ slots: SlotRange[]; epoch: number }>) =>
    changed(2, {
      map: map({
        primaries: map().primaries.map((one) => (one.node === "node-1" ? { ...one, ...change } : one)),
      }),
    });

  it("passes if every slot is served by one node, all agree, and all are well", () => {
    expect(check(ended(sound()))).toMatchObject({
      verdict: "pass",
      summary:
        "all 16384 slots served by 3 nodes, each by one; 3 nodes agree on who serves them, at which epochs; every " +
        "node says cluster_state:ok",
      evidence: { owners: ["node-1 0-5460", "node-2 5461-10922", "node-3 10923-16383"] },
    });
  });

  it.each<[reason: string, says: string, nodes: Partial<FinalNode>[]]>([
    ["slots-uncovered", "slots 10001-10922 are", changed(2, { slots: [[5461, 10_000]] })],
    ["slots-uncovered", "slots 0-5460 are", changed(1, { reachable: false })],
    ["slots-uncovered", "slots 0-5460 are", changed(1, { role: "replica" })],
    [
      "slots-claimed-twice",
      "node-1 and node-4 both",
      [...sound(), { node: "node-4", role: "primary", slots: [[5460, 5460]], state: "ok" }],
    ],
    ["not-rejoined", "node-4 came back", [...sound(), { node: "node-4", role: "primary", state: "ok" }]],
    ["cluster-unwell", "node-6: fail", [...sound(), { node: "node-6", role: "replica", state: "fail" }]],
    ["slots-not-agreed", "node-1, node-3 against node-2", otherwise({ slots: [[0, 5459]] })],
    ["epochs-differ", "epoch of node-1: 1, 7", otherwise({ epoch: 7 })],
    [
      "epoch-twice",
      "node-1 and node-2 have the same configuration epoch, 2",
      sound().map((one) => ({
        ...one,
        map: map({ primaries: map().primaries.map((p) => ({ ...p, epoch: Math.max(2, p.epoch) })) }),
      })),
    ],
    ["epoch-behind", "node-3 is at epoch 2", changed(3, { map: map({ currentEpoch: 2 }) })],
    ["clients-told-otherwise", "node-2 sends clients elsewhere", changed(2, { map: map({ told: [] }) })],
  ])("%s: %s", (reason, says, nodes) => {
    const found = check(ended(nodes));
    expect(found).toMatchObject({ verdict: "fail", evidence: { reason } });
    expect((found.evidence.problems as string[]).join("; ")).toContain(says);
    expect(found.summary).toContain(says);
  });

  it("does not ask a node that a fault still has hold of what it believes", () => {
    const run = (healedAtMs?: number) =>
      ended(otherwise({ epoch: 7 })).fault({
        targets: ["node-2"],
        atMs: 500,
        healAtMs: healedAtMs,
        healedAtMs,
      });
    expect(check(run()).verdict).toBe("pass");
    expect(check(run(600))).toMatchObject({ evidence: { reason: "epochs-differ" } });
    // Over by itself, as a rolling restart is: nobody healed it, and the nodes are as they should be.
    const over = ended(otherwise({ epoch: 7 })).fault({ targets: ["node-2"], atMs: 500, healedAtMs: 600 });
    expect(check(over)).toMatchObject({ evidence: { reason: "epochs-differ" } });
  });

  it("says so where nobody was asked", () => {
    const found = check(ended(sound().map((one) => ({ ...one, map: undefined }))));
    expect(found).toMatchObject({
      verdict: "pass",
      evidence: { notes: [expect.stringContaining("no node told")] },
    });
    expect(found.summary).not.toContain("agree");
  });
});

describe("the end of HA", () => {
  const nodes: Partial<FinalNode>[] = [
    { node: "primary", role: "primary" },
    { node: "replica-1", role: "replica", follows: "primary" },
  ];
  const ended = (change: Partial<FinalNode>, ...sentinels: Partial<FinalSentinel>[]) => {
    const run = withHaStart(haRun()).finalNodes(900, [{ ...nodes[0], ...change }, nodes[1] ?? {}]);
    sentinels.forEach((one, n) => {
      const whole = { sentinel: `sentinel-${n + 1}`, reachable: true, primary: "primary", epoch: 0, ...one };
      run.observe(900, "final-sentinel", whole);
    });
    return run.end(1000);
  };

  it("passes if there is one primary, and the Sentinels that answer name it", () => {
    expect(check(ended({}, {}, {}, { reachable: false, primary: undefined }))).toMatchObject({
      verdict: "pass",
      summary: "primary is the only primary; 2 Sentinels name it",
    });
    expect(check(ended({}))).toMatchObject({ verdict: "pass", summary: "primary is the only primary" });
  });

  it.each<[reason: string, run: HandMadeRun]>([
    ["no-primary", ended({ reachable: false }, {})],
    ["no-primary", ended({ role: "replica", follows: "replica-1" }, {})],
    ["sentinels-disagree", ended({}, {}, { primary: "replica-1" })],
    ["sentinels-disagree", ended({}, {}, { epoch: 1 })],
    ["sentinels-name-another", ended({}, { primary: "replica-1" }, { primary: "replica-1" })],
    [
      "two-primaries",
      withHaStart(haRun())
        .finalNodes(900, [nodes[0] ?? {}, { ...nodes[1], role: "primary" }])
        .end(1000),
    ],
  ])("%s", (reason, run) => {
    expect(check(run)).toMatchObject({ verdict: "fail", evidence: { reason } });
  });

  it("is not judged where nobody looked; then only what came before is", () => {
    const run = withHaStart(haRun()).end(10);
    expect(topology.applies(factsOf(run.build()))).toBe(false);
    expect(check(ended({ reachable: false }, {}).end(1001, "interrupted"))).toMatchObject({
      verdict: "unknown",
    });
    run.node(6, "replica-1", "role", "primary");
    expect(check(run)).toMatchObject({ verdict: "unknown", evidence: { reason: "not-inspected" } });
  });
});

describe("two primaries at once", () => {
  interface Story {
    /** Who answers the write that is sent at that time; `undefined`: nobody knows. */
    readonly by?: (atMs: number) => string | undefined;
    readonly expected?: "expected" | { ms?: number; writes?: number };
    readonly accounts?: readonly Partial<WriteAccount & { atMs: number }>[];
    readonly wakesAtMs?: number;
  }
  /**
   * primary stands still from 2000 on, replica-1 is promoted at 4000; primary wakes at 5000 and is a replica at 7000.
   */
  const story = ({ by = () => "primary", expected, accounts = [], wakesAtMs = 5000 }: Story = {}) => {
    const run = withHaStart(haRun({ expect: { splitBrain: expected } }))
      .fault({ fault: "pause", targets: ["primary"], atMs: 2000, healAtMs: wakesAtMs, healedAtMs: wakesAtMs })
      .node(2400, "primary", "reachable", "no")
      .node(4000, "replica-1", "role", "primary")
      .node(wakesAtMs + 10, "primary", "reachable", "yes")
      .node(wakesAtMs + 10, "primary", "role", "primary")
      .node(7000, "primary", "role", "replica")
      .node(7000, "primary", "follows", "replica-1");
    for (let at = 4100; at < 8000; at += 100) {
      const node = at < wakesAtMs ? "replica-1" : at < 7000 ? by(at) : "replica-1";
      run.operation({ f: "write", key: `k${at}`, value: "v" }, at, { outcome: "ok", node });
    }
    for (const { atMs = 0, ...account } of accounts) {
      const base = { node: "primary", role: "primary", calls: 0, offset: 0, runId: "r" };
      run.observe(atMs, "write-account", {
        ...base,
        askedAt: atMs * 1e6 - 1e5,
        answeredAt: atMs * 1e6,
        ...account,
      });
    }
    return run
      .finalNodes(8000, [
        { node: "primary", role: "replica", follows: "replica-1" },
        { node: "replica-1", role: "primary" },
      ])
      .end(8100);
  };
  const BEFORE = { atMs: 1990, calls: 100, offset: 1000 };

  it("fails for the first write that the superseded one took, and tells how many, for how long", () => {
    expect(check(story())).toMatchObject({
      verdict: "fail",
      summary:
        "two primaries took writes at once: primary took 20 writes in 1.90 s after replica-1 had been promoted in " +
        "its place (limit: 0 writes)",
      evidence: { reason: "split-brain" },
    });
    expect(check(story({ by: (at) => (at === 5500 ? "primary" : "replica-1") }))).toMatchObject({
      verdict: "fail",
      summary: expect.stringContaining("primary took 1 write in 491 ms"),
    });
  });

  it("passes if it took none, and tells how long it might have", () => {
    expect(check(story({ by: () => "replica-1" }))).toMatchObject({
      verdict: "pass",
      summary:
        "replica-1 is the only primary; primary called itself primary beside replica-1 for 1.99 s and took no write",
      evidence: { notes: [expect.stringContaining("could have written to it"), expect.anything()] },
    });
    expect(check(haFailover())).toMatchObject({ verdict: "pass" });
    expect(check(clusterFailover())).toMatchObject({ verdict: "pass" });
  });

  it("tells of several in one sentence", () => {
    const run = clusterFailover()
      .node(6001, "node-1", "reachable", "yes")
      .node(6001, "node-1", "role", "primary");
    run.node(6104, "node-5", "role", "primary").node(6116, "node-5", "role", "replica");
    run.node(6116, "node-5", "follows", "node-2"); // called off
    expect(check(run).summary).toContain(
      "node-1, node-2 called themselves primary beside the new ones for up to 12 ms and took no write",
    );
  });

  it("knows the limits that the scenario sets", () => {
    expect(check(story({ expected: { writes: 20 } })).verdict).toBe("pass");
    expect(check(story({ expected: { writes: 19 } })).evidence.reason).toBe("split-brain");
    expect(check(story({ expected: { writes: 20, ms: 1900 } })).verdict).toBe("pass");
    expect(check(story({ expected: { writes: 20, ms: 1890 } })).evidence.reason).toBe("split-brain");
    expect(check(story({ expected: { ms: 5000 } })).evidence.reason).toBe("split-brain");
  });

  it("fails where a split brain is expected and none was seen", () => {
    expect(check(story({ expected: "expected" })).verdict).toBe("pass");
    expect(check(story({ expected: "expected", by: () => "replica-1" }))).toMatchObject({
      verdict: "fail",
      evidence: { reason: "no-split-brain" },
    });
  });

  it("counts what was sent before the promotion, if the node stood still then", () => {
    const queued = (atMs: number, afterMs: number) =>
      story({ by: () => "replica-1" }).operation({ f: "write", key: "q", value: "v" }, atMs, {
        outcome: "ok",
        afterMs,
        node: "primary",
      });
    expect(check(queued(3900, 1120))).toMatchObject({ verdict: "fail" }); // done when it woke
    expect(check(queued(1900, 300)).verdict).toBe("pass"); // acknowledged before the promotion
  });

  it("does not count what was on its way when a living primary was superseded", () => {
    const run = withHaStart(haRun())
      .node(4000, "replica-1", "role", "primary")
      .operation({ f: "write", key: "k", value: "v" }, 3999, { outcome: "ok", afterMs: 3, node: "primary" })
      .node(4100, "primary", "role", "replica")
      .finalNodes(8000, [{ node: "replica-1", role: "primary" }])
      .end(8100);
    expect(check(run)).toMatchObject({ verdict: "pass" });
    expect(check(run).evidence.notes).toContainEqual(expect.stringContaining("those are not counted"));
  });

  it("counts neither reads nor what was refused nor what changed nothing", () => {
    const run = story({ by: () => "replica-1" });
    run.operation({ f: "read", key: "k" }, 5500, { outcome: "ok", node: "primary", value: null });
    run.operation({ f: "write", key: "r", value: "v" }, 5500, { outcome: "fail", node: "primary" });
    run.operation({ f: "acquire", key: "l" }, 5500, { outcome: "ok", node: "primary", value: null });
    expect(check(run).verdict).toBe("pass");
    run.operation({ f: "acquire", key: "l" }, 5500, { outcome: "ok", node: "primary", value: "7" });
    expect(check(run).verdict).toBe("fail");
  });

  describe("where the client does not tell who answered", () => {
    const silent = (more: Story = {}) => check(story({ by: () => undefined, ...more }));

    it("is unknown, never none", () => {
      expect(silent()).toMatchObject({ verdict: "unknown", evidence: { reason: "writes-not-attributed" } });
      expect(silent({ expected: "expected" })).toMatchObject({ verdict: "unknown" });
      expect(silent({ expected: { writes: 20 } }).verdict).toBe("pass"); // even if they were all its own
      expect(silent({ expected: { writes: 19 } }).verdict).toBe("unknown");
    });

    it("takes the servers' word that there was none", () => {
      const still = { ...BEFORE, role: "replica" as const, atMs: 7001 };
      expect(silent({ accounts: [BEFORE, still] }).verdict).toBe("pass");
      expect(silent({ accounts: [BEFORE, { ...still, calls: 101 }] }).verdict).toBe("unknown");
    });

    it("does not suspect one that a fault held down", () => {
      const run = story({ by: () => undefined, wakesAtMs: 6900 }); // 6910 to 7000: one write that nobody knows of
      expect(check(run)).toMatchObject({ summary: expect.stringContaining("who acknowledged 1 write") });
    });
  });

  describe("by the servers' own count", () => {
    const rowOf = (more: Story) =>
      (check(story(more)).evidence.tables as { rows: unknown[][] }[])[0]?.rows[0]?.at(-1);

    it("tells what it wrote while it was a primary, to whomever", () => {
      const accounts = [
        BEFORE,
        { atMs: 5100, calls: 150, offset: 3000 },
        { atMs: 6990, calls: 180, offset: 4000 },
      ];
      expect(rowOf({ accounts })).toBe("80 calls, 3,000 bytes");
      const demoted = { atMs: 7001, calls: 185, offset: 9000, role: "replica" as const };
      expect(rowOf({ accounts: [...accounts, demoted] })).toBe("80 to 85 calls");
      expect(rowOf({ accounts: [] })).toBe("unknown");
    });

    it("counts from nothing after a restart", () => {
      const accounts = [BEFORE, { atMs: 5100, calls: 7, offset: 0, runId: "s" }];
      expect(rowOf({ accounts })).toBe("7 calls");
    });

    it("is unknown if somebody has reset the counters", () => {
      expect(rowOf({ accounts: [BEFORE, { atMs: 6990, calls: 20, offset: 3000 }] })).toBe("unknown");
    });

    it("is unknown if clients were told of more than the server counted", () => {
      const limits = { expected: { writes: 100 } };
      const last = (calls: number) => ({ atMs: 6990, calls, offset: 3000 });
      expect(check(story({ ...limits, accounts: [BEFORE, last(120)] })).verdict).toBe("pass");
      expect(check(story({ ...limits, accounts: [BEFORE, last(119)] }))).toMatchObject({
        verdict: "unknown",
        evidence: { reason: "accounts-differ" },
      });
      const demoted = { atMs: 7001, calls: 119, offset: 9000, role: "replica" as const };
      expect(check(story({ ...limits, accounts: [BEFORE, demoted] })).evidence.reason).toBe(
        "accounts-differ",
      );
    });

    it("notes what it did that nobody was told of in time", () => {
      const accounts = [BEFORE, { atMs: 6990, calls: 150, offset: 3000 }];
      expect(check(story({ accounts })).evidence.notes).toContainEqual(
        expect.stringContaining("30 of them were acknowledged to no client"),
      );
    });
  });
});
