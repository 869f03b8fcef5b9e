import { describe, expect, it } from "vitest";
import { covered } from "./coverage.ts";
import { factsOf } from "./facts.ts";
import {
  clusterFailover,
  clusterRun,
  type HandMadeRun,
  haFailover,
  haRun,
  withHaStart,
} from "./history.test-data.ts";
import { promotion } from "./promotion.ts";

const EXPECT = { expect: { promoted: true } };
const check = (run: HandMadeRun) => covered(promotion, factsOf(run.build()));

describe("promotion", () => {
  it("is judged only where the scenario expects one", () => {
    expect(promotion.applies(factsOf(haFailover().build()))).toBe(true);
    expect(promotion.applies(factsOf(haFailover({ expect: {} }).build()))).toBe(false);
  });

  it("passes, naming who took whose place and after how long", () => {
    expect(check(haFailover())).toMatchObject({
      verdict: "pass",
      summary: "replica-1 in place of primary after 1.40 s",
      evidence: { promotions: [{ from: "primary", to: "replica-1", atMs: 1400 }] },
    });
    expect(check(clusterFailover())).toMatchObject({
      verdict: "pass",
      evidence: { promotions: [{ from: "node-1", to: "node-4", atMs: 3000 }] },
    });
  });

  it("fails if a living primary was replaced as well: a second failover that no loss asked for", () => {
    expect(check(haFailover().node(5000, "replica-2", "role", "primary"))).toMatchObject({
      verdict: "fail",
      evidence: { reason: "second-failover" },
    });
    // The old primary calls itself one when it comes back, until it is told otherwise: that is no promotion.
    expect(check(haFailover().node(5000, "primary", "role", "primary"))).toMatchObject({ verdict: "pass" });
  });

  it("fails if a replica was promoted though no primary was lost", () => {
    const run = withHaStart(haRun(EXPECT)).node(500, "replica-1", "role", "primary").end(1000);
    expect(check(run)).toMatchObject({
      verdict: "fail",
      summary: "replica-1 was promoted in place of primary, though no fault had taken primary",
      evidence: { reason: "needless-failover" },
    });
  });

  it("where nobody shall take over, passes if nobody did and fails if somebody was promoted", () => {
    const none = { expect: { promoted: false } };
    const faulted = withHaStart(haRun(none)).fault({ targets: ["replica-1"], primaries: [], atMs: 500 });
    expect(check(faulted.end(1000))).toMatchObject({ verdict: "pass" });
    expect(check(haFailover(none))).toMatchObject({
      verdict: "fail",
      evidence: { reason: "unexpected-promotion" },
    });
  });

  it("is unknown where no primary was lost", () => {
    const faulted = withHaStart(haRun(EXPECT)).fault({ targets: ["replica-1"], primaries: [], atMs: 500 });
    expect(check(faulted.end(1000))).toMatchObject({
      verdict: "unknown",
      evidence: { reason: "no-primary-lost" },
    });
  });

  it("fails if one of two primaries lost at once was not replaced, and names that one", () => {
    const run = clusterFailover()
      .fault({ targets: ["node-2", "node-3"], shards: [2, 3], atMs: 6500 })
      .node(6510, "node-2", "reachable", "no")
      .node(6510, "node-3", "reachable", "no")
      .flag(7000, "node-4", "node-3", "fail")
      .node(7200, "node-5", "role", "primary");
    expect(check(run)).toMatchObject({
      verdict: "fail",
      summary: expect.stringContaining("node-3"),
      evidence: { reason: "not-promoted", lost: ["node-3"] },
    });
  });
});

describe("why nobody was promoted in HA", () => {
  const lost = (run: HandMadeRun) =>
    withHaStart(run)
      .fault({ targets: ["primary"], atMs: 2000 })
      .node(2010, "primary", "reachable", "no")
      .end(9000);
  const odown = "+odown master drill 127.0.0.1 20000";

  it.each<[reason: string, run: HandMadeRun]>([
    [
      "no-sentinel-alive",
      lost(haRun(EXPECT)).fault({
        targets: ["sentinel-1", "sentinel-2", "sentinel-3"],
        primaries: [],
        atMs: 1000,
      }),
    ],
    [
      "sentinel-quorum-lost",
      lost(haRun(EXPECT)).fault({ targets: ["sentinel-1", "sentinel-3"], primaries: [], atMs: 1000 }),
    ],
    [
      "no-replica",
      lost(haRun(EXPECT))
        .fault({ targets: ["replica-1", "replica-2"], primaries: [], atMs: 1000 })
        .node(1010, "replica-1", "reachable", "no")
        .node(1010, "replica-2", "reachable", "no"),
    ],
    ["not-detected", lost(haRun(EXPECT))],
    ["not-promoted", lost(haRun(EXPECT)).sentinel(3000, odown)],
  ])("%s", (reason, run) => {
    expect(check(run)).toMatchObject({ verdict: "fail", evidence: { reason, lost: ["primary"] } });
  });

  it("a quorum that agrees is not enough: a majority of all Sentinels must vote", () => {
    const run = lost(haRun(EXPECT, 5)).fault({
      targets: ["sentinel-1", "sentinel-2", "sentinel-3"],
      primaries: [],
      atMs: 1000,
    });
    expect(check(run)).toMatchObject({
      evidence: { reason: "sentinel-quorum-lost", sentinels: 5, sentinelsAlive: 2, needed: 3 },
    });
  });

  it("does not count as down what had been healed before", () => {
    const run = lost(haRun(EXPECT)).fault({
      targets: ["sentinel-1", "sentinel-2", "sentinel-3"],
      primaries: [],
      atMs: 500,
      healAtMs: 900,
      healedAtMs: 950,
    });
    expect(check(run)).toMatchObject({ evidence: { reason: "not-detected" } });
  });
});

describe("why nobody was promoted in a cluster", () => {
  const lost = () =>
    clusterRun(EXPECT)
      .fault({ targets: ["node-1"], shards: [1], atMs: 2000 })
      .node(2010, "node-1", "reachable", "no")
      .end(9000);

  it.each<[reason: string, run: HandMadeRun]>([
    [
      "shard-without-replica",
      lost()
        .fault({ targets: ["node-4"], primaries: [], atMs: 1000 })
        .node(1010, "node-4", "reachable", "no"),
    ],
    ["not-detected", lost().flag(3000, "node-2", "node-1", "pfail")],
    ["not-promoted", lost().flag(3000, "node-2", "node-1", "fail")],
  ])("%s", (reason, run) => {
    expect(check(run)).toMatchObject({ verdict: "fail", evidence: { reason, lost: ["node-1"] } });
  });

  it("in the words of the replica that could not", () => {
    const why = {
      node: "node-4",
      at: 5e9,
      errorMs: 1,
      event: "cannot-failover",
      detail: "Waiting for votes.",
    };
    const run = lost().flag(3000, "node-2", "node-1", "fail").observe(8000, "log-event", why);
    expect(check(run)).toMatchObject({
      evidence: { reason: "votes-missing", said: "node-4: Waiting for votes." },
    });
  });
});
