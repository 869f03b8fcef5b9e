import { describe, expect, it } from "vitest";
import { factsOf } from "../facts.ts";
import { type HandMadeRun, haRun, withHaStart } from "../history.test-data.ts";
import { promotion } from "../promotion.ts";

/* Why Sentinels promoted nobody, from hand-made histories; those of real Sentinels stand in recorded-causes.test.ts. */

const EXPECT = { expect: { promoted: true } };
const M = "master drill 127.0.0.1 20000";
const slave = (n: number) => `slave 127.0.0.1:2000${n} 127.0.0.1 2000${n} @ drill 127.0.0.1 20000`;
const judged = (run: HandMadeRun) => promotion.check(factsOf(run.build()));
const evidence = (run: HandMadeRun) => judged(run).evidence;
/** The primary is gone at 2000 ms, and all agree on it at 3100. */
const lost = (endMs = 12_000, sentinels = 3) =>
  withHaStart(haRun(EXPECT, sentinels))
    .fault({ targets: ["primary"], atMs: 2000 })
    .node(2010, "primary", "reachable", "no")
    .end(endMs);
const detected = (endMs?: number) =>
  lost(endMs)
    .sentinel(3000, `+sdown ${M}`)
    .sentinel(3100, `+odown ${M} #quorum 2/2`)
    .sentinel(3110, `+try-failover ${M}`);
const ms = (at: number) => at * 1e6;

describe("no replica that may be promoted", () => {
  const aborted = (endMs?: number) => detected(endMs).sentinel(3200, `-failover-abort-no-good-slave ${M}`);
  const priority = (run: HandMadeRun, node: string, atMs: number, value: string) =>
    run.observe(atMs, "node-setting", { node, at: ms(atMs), setting: "replica-priority", value });

  it("since all have replica-priority 0, by their own account", () => {
    const run = aborted();
    for (const node of ["replica-1", "replica-2"]) priority(run, node, 10, "0");
    expect(judged(run).summary).toContain("replica-1 and replica-2 have replica-priority 0");
    expect(evidence(run)).toMatchObject({
      reason: "no-good-replica",
      said: `sentinel-1: -failover-abort-no-good-slave ${M}`,
      saidAtMs: 1200,
      setting: "replica-priority",
      value: "0",
      also: [{ reason: "waiting-to-retry", setting: "failover-timeout", value: "10000 ms" }],
      notes: [expect.stringContaining("above 0"), expect.stringContaining("failover-timeout")],
    });
  });

  it("since one has priority 0, one did not answer: each by its own reason", () => {
    const run = priority(aborted(), "replica-1", 10, "0").node(2500, "replica-2", "reachable", "no");
    const { replicas, setting } = evidence(run) as { replicas: unknown; setting: string };
    expect(replicas).toEqual([
      { replica: "replica-1", why: "has replica-priority 0" },
      { replica: "replica-2", why: "did not answer" },
    ]);
    expect(setting).toBe("replica-priority");
  });

  it("names no setting where a priority of 0 was changed in time", () => {
    const run = priority(priority(aborted(), "replica-1", 10, "0"), "replica-1", 2500, "100");
    expect(evidence(run)).not.toHaveProperty("setting", "replica-priority");
  });

  it("since their links had been down for longer than ten times down-after-milliseconds", () => {
    const early = (run: HandMadeRun) => {
      for (const node of ["replica-1", "replica-2"]) run.node(100, node, "link", "down");
      return run;
    };
    expect(evidence(early(aborted()))).not.toHaveProperty("setting"); // 3.1 s: 10 s are allowed
    const late = early(
      withHaStart(haRun(EXPECT))
        .fault({ targets: ["primary"], atMs: 20_000 })
        .node(20_010, "primary", "reachable", "no")
        .sentinel(21_000, `+sdown ${M}`)
        .sentinel(21_100, `+odown ${M} #quorum 2/2`)
        .sentinel(21_200, `-failover-abort-no-good-slave ${M}`)
        .end(25_000),
    );
    expect(judged(late).summary).toContain("had had no link to the primary for 21.10 s");
    expect(evidence(late)).toMatchObject({ setting: "down-after-milliseconds", value: "1000 ms" });
  });

  it("since the Sentinels held them to be down, though they answered us", () => {
    const run = aborted()
      .sentinel(2800, `+sdown ${slave(1)}`)
      .sentinel(2800, `+sdown ${slave(2)}`);
    expect(judged(run).summary).toContain("replica-1 and replica-2 were held to be down by a Sentinel");
  });

  it("is only what came before, where replicas were good again for longer and the Sentinels waited", () => {
    const back = (endMs: number) => {
      const run = aborted(endMs);
      for (const node of ["replica-1", "replica-2"])
        run.node(2020, node, "reachable", "no").node(3400, node, "reachable", "yes");
      return run;
    };
    expect(evidence(back(12_000))).toMatchObject({
      reason: "waiting-to-retry",
      setting: "failover-timeout",
      also: [{ reason: "no-good-replica" }],
    });
    expect(evidence(back(4000))).toMatchObject({ reason: "no-good-replica" });
  });
});

describe("a replica that did not take over", () => {
  const timedOut = () =>
    detected(30_000)
      .sentinel(3300, `+selected-slave ${slave(1)}`)
      .sentinel(13_400, `-failover-abort-slave-timeout ${M}`);

  it("since it does not know a command of Sentinel's", () => {
    const missing = { node: "replica-1", commands: ["CONFIG"] };
    expect(evidence(timedOut().observe(5, "commands-missing", missing))).toMatchObject({
      reason: "promotion-refused",
      chosen: "replica-1",
      commandsMissing: ["CONFIG"],
      setting: "rename-command",
    });
  });

  it("since it refused: the errors that it answered with", () => {
    const refused = { node: "replica-1", at: ms(13_410), errors: { NOPERM: 3, ERR: 1 } };
    expect(evidence(timedOut().observe(13_410, "refusals", refused))).toMatchObject({
      reason: "promotion-refused",
      errors: { NOPERM: 3 },
    });
  });

  it("for no reason that anybody told, or another's", () => {
    expect(evidence(timedOut())).toMatchObject({
      reason: "promotion-timed-out",
      setting: "failover-timeout",
      value: "10000 ms",
    });
    const other = { node: "replica-2", commands: ["CONFIG"] };
    expect(evidence(timedOut().observe(5, "commands-missing", other))).toMatchObject({
      reason: "promotion-timed-out",
    });
  });
});

describe("too few Sentinels", () => {
  const quorum = (run: HandMadeRun, sentinel: string, atMs: number, said?: string) =>
    run.observe(atMs, "sentinel-quorum", { sentinel, at: ms(atMs), reachable: said !== undefined, said });

  it("by what they answered, whatever the target of a fault", () => {
    const run = detected().sentinel(6000, `-failover-abort-not-elected ${M}`);
    for (const name of ["sentinel-1", "sentinel-2", "sentinel-3"])
      quorum(run, name, 10, "OK 3 usable Sentinels");
    expect(evidence(run)).toMatchObject({ reason: "not-elected", sentinelsAlive: 3, needed: 2 });
    for (const name of ["sentinel-2", "sentinel-3"]) quorum(run, name, 1500);
    expect(evidence(run)).toMatchObject({ reason: "sentinel-quorum-lost", sentinelsAlive: 1, needed: 2 });
    quorum(run, "sentinel-1", 3500, "NOQUORUM 1 usable Sentinels.");
    expect(evidence(run)).toMatchObject({ said: "sentinel-1: NOQUORUM 1 usable Sentinels.", saidAtMs: 1500 });
  });

  it("for a while: that is told beside what kept them afterwards", () => {
    const run = lost()
      .fault({
        targets: ["sentinel-1", "sentinel-2"],
        primaries: [],
        atMs: 1000,
        healAtMs: 5000,
        healedAtMs: 5100,
      })
      .sentinel(6000, `+sdown ${M}`)
      .sentinel(6100, `+odown ${M} #quorum 2/2`)
      .sentinel(6200, `-failover-abort-no-good-slave ${M}`);
    const found = evidence(run) as { reason: string; also: { reason: string }[] };
    expect(found.reason).toBe("no-good-replica");
    expect(found.also.map(({ reason }) => reason)).toContain("sentinel-quorum-lost");
  });

  it("since they were in TILT, which they left too late", () => {
    const tilt = (run: HandMadeRun) => {
      for (const name of ["sentinel-1", "sentinel-2"]) run.sentinel(1900, "+tilt #tilt mode entered", name);
      return run;
    };
    expect(evidence(tilt(lost()))).toMatchObject({
      reason: "sentinel-tilt",
      inTilt: ["sentinel-1", "sentinel-2"],
      said: "sentinel-2: +tilt #tilt mode entered",
    });
    const left = tilt(lost());
    for (const name of ["sentinel-1", "sentinel-2"]) left.sentinel(2500, "-tilt #tilt mode exited", name);
    expect(evidence(left)).toMatchObject({ reason: "not-detected" });
  });

  it("held the primary to be down: fewer than the quorum", () => {
    expect(evidence(lost().sentinel(3000, `+sdown ${M}`))).toMatchObject({
      reason: "quorum-not-reached",
      heldDownBy: ["sentinel-1"],
      setting: "quorum",
      value: "2",
    });
  });
});

describe("the primary", () => {
  it("answered again before anybody was promoted", () => {
    expect(evidence(detected().sentinel(3500, `-odown ${M}`))).toMatchObject({ reason: "answered-again" });
    const briefly = lost().sentinel(3000, `+sdown ${M}`).sentinel(3100, `-sdown ${M}`);
    expect(evidence(briefly)).toMatchObject({ reason: "answered-again" });
  });

  it("was not held to be down by anybody", () => {
    expect(evidence(lost())).toMatchObject({
      reason: "not-detected",
      setting: "down-after-milliseconds",
      value: "1000 ms",
    });
  });
});

it("what came after the next fault that disrupted the service is another matter", () => {
  const run = detected()
    .fault({ targets: ["replica-1"], primaries: ["replica-1"], atMs: 5000 })
    .node(5010, "replica-1", "reachable", "no")
    .sentinel(6000, `-failover-abort-no-good-slave ${M}`);
  expect(evidence(run)).toMatchObject({ reason: "not-promoted", said: `sentinel-1: +try-failover ${M}` });
});
