import { describe, expect, it } from "vitest";
import type { LogEventData } from "../../model/observed.ts";
import { factsOf } from "../facts.ts";
import { clusterRun, type HandMadeRun, withClusterStart } from "../history.test-data.ts";
import { promotion } from "../promotion.ts";

const EXPECT = { expect: { promoted: true } };
const judged = (run: HandMadeRun) => promotion.check(factsOf(run.build()));
const evidence = (run: HandMadeRun) => judged(run).evidence;
const lost = () =>
  withClusterStart(clusterRun(EXPECT))
    .fault({ targets: ["node-1"], shards: [1], atMs: 2000 })
    .node(2010, "node-1", "reachable", "no")
    .end(12_000);
const detected = () => lost().flag(4000, "node-2", "node-1", "pfail").flag(4200, "node-3", "node-1", "fail");
const said = (
  run: HandMadeRun,
  node: string,
  atMs: number,
  rest: Omit<LogEventData, "node" | "at" | "errorMs">,
) => run.observe(11_900, "log-event", { node, at: atMs * 1e6, errorMs: 1, ...rest });
const cannot = (run: HandMadeRun, atMs: number, detail: string, node = "node-4") =>
  said(run, node, atMs, { event: "cannot-failover", detail });
const mustNot = (run: HandMadeRun, node: string, value = "yes") =>
  run.observe(50, "node-setting", { node, at: 50e6, setting: "cluster-replica-no-failover", value });

describe("why nobody was promoted in a cluster, from all that was said", () => {
  it("the replicas must not fail over, by the flag that they have", () => {
    expect(evidence(mustNot(detected(), "node-4"))).toMatchObject({
      reason: "replicas-must-not-fail-over",
      setting: "cluster-replica-no-failover",
      value: "yes",
      said: "node-4: flag nofailover in CLUSTER NODES",
    });
    // Another shard's replica says nothing of this one.
    expect(evidence(mustNot(detected(), "node-5"))).toMatchObject({ reason: "not-promoted" });
    expect(evidence(mustNot(detected(), "node-4", "no"))).toMatchObject({ reason: "not-promoted" });
  });

  it("the replica's data is too old, in its own words", () => {
    const words =
      "Disconnected from primary for longer than allowed. Please check the 'cluster-replica-validity-factor' " +
      "configuration option.";
    expect(evidence(cannot(detected(), 4300, words))).toMatchObject({
      reason: "replica-data-too-old",
      setting: "cluster-replica-validity-factor",
      said: `node-4: ${words}`,
      saidAtMs: 2300,
    });
  });

  it("votes are missing: how many came, and who refused for which reason", () => {
    const run = cannot(detected(), 5000, "Waiting for votes, but majority still not reached.");
    said(run, "node-4", 5000, {
      event: "votes-counted",
      detail: "Needed quorum: 2. Number of votes received so far: 1",
    });
    said(run, "node-2", 4990, { event: "vote-denied", subject: "node-4", detail: "its primary is up" });
    expect(judged(run).summary).toContain("node-2 refused it (its primary is up)");
    expect(evidence(run)).toMatchObject({
      reason: "votes-missing",
      votes: "Needed quorum: 2. Number of votes received so far: 1",
      refusedBy: ["node-2"],
    });
  });

  it("of several words those that held the longest come first", () => {
    const run = cannot(detected(), 4250, "Waiting the delay before I can start a new failover.");
    cannot(run, 4900, "Waiting for votes, but majority still not reached.");
    cannot(run, 8900, "Failover attempt expired.");
    const found = evidence(run) as { reason: string; also: { reason: string }[] };
    expect(found.reason).toBe("votes-missing");
    expect(found.also.map(({ reason }) => reason)).toEqual(["election-waiting"]);
  });

  it("what another shard's replica said, or what it said before the fault, does not count", () => {
    const run = cannot(detected(), 5000, "Failover attempt expired.", "node-5");
    cannot(run, 1500, "Failover attempt expired.");
    expect(evidence(run)).toMatchObject({ reason: "not-promoted" });
  });

  it("a replica that came back later was running: that the shard had none is not the cause", () => {
    const gone = lost().node(1500, "node-4", "reachable", "no");
    expect(evidence(gone)).toMatchObject({ reason: "shard-without-replica", shards: [1] });
    const back = detected().node(1500, "node-4", "reachable", "no").node(5000, "node-4", "reachable", "yes");
    expect(evidence(cannot(back, 5300, "Disconnected from primary for longer than allowed."))).toMatchObject({
      reason: "replica-data-too-old",
    });
  });

  it("a shard's replicas are those that follow its primary, wherever they were planned", () => {
    const moved = detected()
      .node(100, "node-5", "follows", "node-1")
      .node(100, "node-4", "follows", "node-2");
    expect(evidence(mustNot(moved, "node-5"))).toMatchObject({
      reason: "replicas-must-not-fail-over",
      replicas: ["node-5"],
    });
    const none = detected().node(100, "node-4", "follows", "node-2");
    expect(evidence(none)).toMatchObject({ reason: "shard-without-replica" });
  });

  it("a majority of the primaries was gone", () => {
    const run = lost()
      .node(2010, "node-2", "reachable", "no")
      .flag(4000, "node-3", "node-1", "pfail")
      .node(4100, "node-3", "state", "fail");
    expect(evidence(run)).toMatchObject({
      reason: "primaries-majority-lost",
      primaries: 3,
      primariesAlive: 1,
      needed: 2,
      said: "node-3: cluster_state:fail",
    });
    // It was back in time: then it is told beside the cause.
    const back = run.node(6000, "node-2", "reachable", "yes").flag(7000, "node-2", "node-1", "fail");
    const found = evidence(cannot(back, 7500, "Disconnected from primary for longer than allowed.")) as {
      reason: string;
      also: { reason: string }[];
    };
    expect(found.reason).toBe("replica-data-too-old");
    expect(found.also.map(({ reason }) => reason)).toEqual(["primaries-majority-lost"]);
  });

  it("the primary answered again first", () => {
    expect(evidence(detected().flag(4500, "node-3", "node-1", "ok"))).toMatchObject({
      reason: "answered-again",
    });
  });

  it("a log tells that it failed, where our looks did not see it", () => {
    const run = said(lost(), "node-2", 4100, { event: "failed", subject: "node-1" });
    expect(evidence(mustNot(run, "node-4"))).toMatchObject({ reason: "replicas-must-not-fail-over" });
    expect(evidence(lost())).toMatchObject({
      reason: "not-detected",
      setting: "cluster-node-timeout",
      value: "2000 ms",
    });
  });
});
