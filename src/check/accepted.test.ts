import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { readHistory } from "../history/reader.ts";
import { INTACT } from "../history/sample.test-data.ts";
import type { Expectations } from "../model/event.ts";
import {
  type HandMadeRun,
  haFailover,
  haFailoverWithoutLoad,
  haRun,
  okBy,
  withHaStart,
} from "./history.test-data.ts";
import { judge } from "./judge.ts";

const accepted = (run: HandMadeRun) => judge(run.build()).accepted;
const lostAt = (n: number) => `write:100:${n}`;

/** Three writes that were acknowledged right before the fault are gone. */
function losing(expected: Expectations): HandMadeRun {
  const run = haFailover({ expect: { promoted: true, ...expected } });
  for (const n of [94, 95]) run.finally(lostAt(n), null); // acknowledged at 1981 and 2001 ms
  run.finally(lostAt(94), null);
  return run;
}

/** The primary was seen alive when another was promoted, and took writes for a second. */
function splitting(splitBrain: Expectations["splitBrain"]): HandMadeRun {
  const run = withHaStart(haRun({ expect: splitBrain === undefined ? {} : { splitBrain } }))
    .probe({ from: 100, to: 1000, ends: () => okBy("primary") })
    .node(1000, "replica-1", "role", "primary")
    .probe({ from: 1010, to: 2000, everyMs: 100, ends: () => okBy("primary") })
    .node(2100, "primary", "role", "replica")
    .node(2110, "primary", "link", "up")
    .finalNodes(2900, [
      { node: "primary", role: "replica", follows: "replica-1", keys: 3, digest: "d" },
      { node: "replica-1", role: "primary", keys: 3, digest: "d" },
      { node: "replica-2", role: "replica", follows: "replica-1", keys: 3, digest: "d" },
    ])
    .step(2500, "steady load for 2.4 s")
    .end(3000);
  return run;
}

describe("what a drill that passes let go", () => {
  it("is nothing where nothing was", () => {
    expect(judge(haFailover().build())).toMatchObject({ verdict: "pass", accepted: [] });
  });

  it("is each lost write, by the number that allows it", () => {
    expect(accepted(losing({ lostAcknowledgedWrites: 5 }))).toEqual([
      {
        what: "lost-writes",
        count: 1,
        allowedBy: "expect.lostAcknowledgedWrites",
        text: "1 lost write allowed by expect.lostAcknowledgedWrites",
      },
    ]);
  });

  it("is each that was not seen replicated, by the default", () => {
    expect(accepted(losing({}))).toMatchObject([
      { what: "lost-writes", count: 1, allowedBy: "expect.lostAcknowledgedWrites, which is not set" },
    ]);
    expect(accepted(losing({ lostAcknowledgedWrites: "replicated" }))?.[0]?.text).toBe(
      "1 lost write allowed by expect.lostAcknowledgedWrites",
    );
  });

  it("is not told of a drill that does not pass", () => {
    const failed = judge(losing({ lostAcknowledgedWrites: 0 }).build());
    expect(failed).toMatchObject({ verdict: "fail", accepted: [] });
    expect(failed.writes.lost).toBe(1);
  });

  it("is what a superseded primary took", () => {
    const found = judge(splitting({ writes: 50 }).build());
    expect(found.verdict).toBe("pass");
    expect(found.accepted).toContainEqual({
      what: "split-brain-writes",
      count: 10,
      allowedBy: "expect.splitBrain",
      text: "10 writes taken by a superseded primary allowed by expect.splitBrain",
    });
    expect(found.accepted).toContainEqual(
      expect.objectContaining({
        what: "needless-failovers",
        count: 1,
        text: "1 needless failover allowed by expect.promoted, which is not set",
      }),
    );
    expect(judge(splitting(undefined).build())).toMatchObject({ verdict: "fail", accepted: [] });
  });

  it("is a primary that was lost and not replaced", () => {
    const run = withHaStart(haRun({ expect: { promoted: false } }))
      .fault({ targets: ["primary"], atMs: 1000, healAtMs: 1500, healedAtMs: 1510 })
      .node(1010, "primary", "reachable", "no")
      .node(1520, "primary", "reachable", "yes")
      .step(1000, "kill primary")
      .step(1510, "heal kill")
      .end(3000);
    expect(judge(run.build())).toMatchObject({
      verdict: "pass",
      accepted: [
        {
          what: "no-failover",
          count: 1,
          text: "1 lost primary that no replica replaced allowed by expect.promoted: false",
        },
      ],
    });
  });

  it("is a fault that was left out", () => {
    const skipped = { fault: "kill", target: "primary", why: "nobody is", begun: false, optional: true };
    const run = haRun().step(1, "one").observe(2, "fault-skipped", skipped).end(10);
    expect(accepted(run)).toMatchObject([{ what: "faults-left-out", count: 1, allowedBy: "optional: true" }]);
  });

  it("is a history that nobody could verify", () => {
    const history = haFailover().build();
    const old = { ...INTACT, state: "unverifiable" as const, schemaVersion: 1 };
    expect(judge({ ...history, integrity: old }).accepted).toEqual([
      { what: "unverified-history", count: 1, allowedBy: null, text: "a history that could not be verified" },
    ]);
  });

  it("is what counters and lists lost, and every stale read", async () => {
    const path = fileURLToPath(new URL("unreplicated.fixture.jsonl", import.meta.url));
    const found = judge({ ...(await readHistory(path)), integrity: INTACT });
    expect(found.verdict).toBe("pass");
    expect(found.accepted?.map(({ what, count }) => [what, count])).toEqual([
      ["lost-counter-operations", 8],
      ["lost-append-operations", 8],
      ["stale-reads", 46],
      ["own-writes-unread", 8],
    ]);
    expect(found.replication).toMatchObject([{ primary: "primary", fault: "primary killed" }]);
  });
});

describe("replication before a primary was lost", () => {
  const replication = (run: HandMadeRun) => judge(run.build()).replication;

  it("is told, without a word where it was not behind", () => {
    expect(replication(haFailover())).toEqual([
      { fault: "kill primary", atMs: 2000, primary: "primary", unseenMs: 19, writes: 1, note: null },
    ]);
    expect(replication(withHaStart(haRun()).end(10))).toEqual([]);
  });

  it("says for how long nothing was seen on a replica, and how many writes were acknowledged", () => {
    const run = haFailoverWithoutLoad()
      .probe({ from: 100, to: 1990, ends: () => okBy("primary") })
      .watermark(900, 890, "primary", ["replica-2"])
      .watermark(1950, 1940, "replica-1", ["replica-2"]); // of another primary
    expect(replication(run)).toMatchObject([
      {
        unseenMs: 1099,
        writes: 55,
        note: "in the 1.10 s before kill primary, nothing that primary acknowledged was seen on a replica: 55 writes",
      },
    ]);
  });

  it("counts from the first write, where nothing ever was seen", () => {
    const run = haFailoverWithoutLoad().probe({ from: 1000, to: 1990, ends: () => okBy("primary") });
    expect(replication(run)).toMatchObject([{ unseenMs: 999, writes: 50 }]);
  });
});
