import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { durability } from "./durability.ts";
import { factsOf } from "./facts.ts";
import { countFates, judgeWrites } from "./fates.ts";
import {
  clusterFailover,
  clusterRun,
  type HandMadeRun,
  haFailover,
  haFailoverWithoutLoad,
  haRun,
  OK,
  REFUSED,
  TIMED_OUT,
  withHaStart,
} from "./history.test-data.ts";

const check = (run: HandMadeRun) => durability.check(factsOf(run.build()));
const fatesOf = (run: HandMadeRun) =>
  Object.fromEntries(judgeWrites(factsOf(run.build())).map(({ operation, fate }) => [operation.key, fate]));

it("leaves out writes to keys that others write as well", () => {
  const history = haRun().probe({ from: 0, to: 100 }).build();
  const events = history.events.map((event) =>
    event.type === "invoke" ? { ...event, shared: true as const } : event,
  );
  expect(judgeWrites(factsOf(history))).toHaveLength(5);
  const facts = factsOf({ ...history, events });
  expect(judgeWrites(facts)).toEqual([]);
  expect(durability.applies(facts)).toBe(false);
});

describe("the fates of a write", () => {
  it("are seven", () => {
    const write = (run: HandMadeRun, key: string, ending = OK) =>
      run.operation({ f: "write", key, value: `v-${key}` }, 100, ending);
    const run = haRun();
    write(run, "survived");
    write(run, "lost").finally("lost", null);
    write(run, "recovered", TIMED_OUT).finally("recovered", "v-recovered");
    write(run, "absent", REFUSED);
    write(run, "absent-too", TIMED_OUT);
    write(run, "unknown").finally("unknown", undefined);
    write(run, "phantom", REFUSED).finally("phantom", "v-phantom");
    write(run, "changed").finally("changed", "somebody else's");
    write(run, "never-ended", "never").finally("never-ended", "v-never-ended");
    expect(fatesOf(run.end(200))).toEqual({
      survived: "survived",
      lost: "lost",
      recovered: "recovered",
      absent: "absent",
      "absent-too": "absent",
      unknown: "unknown",
      phantom: "phantom",
      changed: "changed",
      "never-ended": "recovered",
    });
    expect(countFates(judgeWrites(factsOf(run.build())))).toEqual({
      survived: 1,
      lost: 1,
      recovered: 2,
      absent: 2,
      unknown: 1,
      phantom: 1,
      changed: 1,
    });
  });
});

describe("durability", () => {
  it("passes if all that was acknowledged is there", () => {
    expect(check(haFailover())).toMatchObject({ verdict: "pass", evidence: { lost: [] } });
  });

  it("does not count reads", () => {
    expect(durability.applies(factsOf(haRun().probe({ f: "read", from: 0, to: 100 }).end(200).build()))).toBe(
      false,
    );
  });

  it.each([
    ["changed-values", "somebody else's", OK],
    ["phantom-writes", "v-key", REFUSED],
  ])("fails for %s", (reason, value, ending) => {
    const run = haFailover()
      .operation({ f: "write", key: "key", value: "v-key" }, 1000, ending)
      .finally("key", value);
    expect(check(run)).toMatchObject({ verdict: "fail", evidence: { reason, keys: ["key"] } });
  });

  it("fails if a write is gone that was seen on the replicas before the fault", () => {
    const run = haFailover().finally("write:100:20", null); // acknowledged at 501, watermark by 1980
    expect(check(run)).toMatchObject({
      verdict: "fail",
      evidence: {
        reason: "replicated-writes-lost",
        keys: ["write:100:20"],
        lost: [
          {
            key: "write:100:20",
            acknowledgedAtMs: 501,
            acknowledgedBeforeFaultMs: 1499,
            seenReplicated: true,
          },
        ],
      },
    });
  });

  it("fails so however many losses the scenario allows", () => {
    const run = haFailover({ expect: { lostAcknowledgedWrites: 100 } }).finally("write:100:20", null);
    expect(check(run)).toMatchObject({ evidence: { reason: "replicated-writes-lost" } });
  });

  describe("of a write acknowledged after the last watermark before the fault, and gone", () => {
    const lateLoss = (lostAcknowledgedWrites?: "replicated" | number) =>
      haFailoverWithoutLoad({ expect: { lostAcknowledgedWrites } })
        .watermark(1990, 1980, "primary", ["replica-1", "replica-2"])
        .operation({ f: "write", key: "early", value: "1" }, 1000)
        .operation({ f: "write", key: "late", value: "1" }, 1985)
        .finally("late", null);

    it("counts it as lost, but passes: asynchronous replication promises no more", () => {
      for (const expectation of [undefined, "replicated"] as const) {
        const found = check(lateLoss(expectation));
        expect(found).toMatchObject({ verdict: "pass", evidence: { fates: { survived: 1, lost: 1 } } });
        expect(found.summary).toContain(
          "1 of 2 writes acknowledged lost: in the last 14 ms before the fault",
        );
      }
    });

    it("fails where the scenario allows fewer", () => {
      expect(check(lateLoss(0))).toMatchObject({
        verdict: "fail",
        evidence: { reason: "acknowledged-writes-lost", keys: ["late"] },
      });
      expect(check(lateLoss(1)).verdict).toBe("pass");
    });
  });

  it("does not believe a watermark of a replica that was not the one promoted", () => {
    const run = haFailoverWithoutLoad()
      .watermark(1990, 1980, "primary", ["replica-2"])
      .operation({ f: "write", key: "k", value: "1" }, 1000)
      .finally("k", null);
    expect(check(run).verdict).toBe("pass"); // replica-1 was promoted, and nobody saw that it had the write
    run.watermark(1991, 1500, "primary", ["replica-1"]);
    expect(check(run)).toMatchObject({ evidence: { reason: "replicated-writes-lost" } });
  });

  it("does not believe a watermark that was written down after the fault", () => {
    const run = haFailoverWithoutLoad()
      .watermark(2500, 1999, "primary", ["replica-1", "replica-2"])
      .operation({ f: "write", key: "k", value: "1" }, 1000)
      .finally("k", null);
    expect(check(run).verdict).toBe("pass");
  });

  it("knows an acknowledgement that came while the fault struck for one of the primary that was lost", () => {
    const gone = (acknowledgedAtMs: number) =>
      haFailoverWithoutLoad()
        .watermark(1990, 1980, "primary", ["replica-1", "replica-2"])
        .watermark(6000, 5990, "replica-1", ["primary", "replica-2"]) // says nothing of what the old primary had
        .operation({ f: "write", key: "k", value: "1" }, acknowledgedAtMs - 1)
        .finally("k", null);
    expect(check(gone(2002))).toMatchObject({ verdict: "pass", evidence: { fates: { lost: 1 } } });
    // From the promotion on, at 3400, another acknowledges.
    expect(check(gone(3500))).toMatchObject({ evidence: { reason: "replicated-writes-lost" } });
  });

  it("does not believe another shard's watermark", () => {
    const run = (primary: string, replica: string) =>
      clusterFailover()
        .operation({ f: "write", key: "{b}:k", value: "1" }, 1985)
        .watermark(1995, 1990, primary, [replica])
        .finally("{b}:k", null);
    expect(check(run("node-2", "node-5")).verdict).toBe("pass");
    expect(check(run("node-1", "node-4"))).toMatchObject({
      evidence: { reason: "replicated-writes-lost", keys: ["{b}:k"] },
    });
  });

  it("judges what was lost without any primary being lost by the watermark of every replica", () => {
    const flushed = (replicas: string[]) =>
      withHaStart(haRun())
        .operation({ f: "write", key: "k", value: "1" }, 1000)
        .watermark(1200, 1100, "primary", replicas)
        .fault({
          fault: "flush",
          targets: ["primary", "replica-1", "replica-2"],
          primaries: ["primary"],
          atMs: 2000,
        })
        .finally("k", null)
        .end(3000);
    expect(check(flushed(["replica-1", "replica-2"]))).toMatchObject({
      verdict: "fail",
      evidence: { reason: "replicated-writes-lost" },
    });
    expect(check(flushed(["replica-1"])).verdict).toBe("pass");
  });

  it("and so after a failover, when another node is the primary", () => {
    const run = haFailoverWithoutLoad()
      .operation({ f: "write", key: "k", value: "1" }, 6000)
      .watermark(6200, 6100, "replica-1", ["primary", "replica-2"])
      .fault({ fault: "flush", targets: ["replica-1"], atMs: 7000 })
      .finally("k", null);
    expect(check(run)).toMatchObject({ verdict: "fail", evidence: { reason: "replicated-writes-lost" } });
  });

  it("is unknown if a key could not be read at the end", () => {
    const run = haFailover().finally("write:100:3", undefined);
    expect(check(run)).toMatchObject({
      verdict: "unknown",
      evidence: { reason: "keys-unread", fates: { unknown: 1 } },
    });
  });

  it("fails rather than be unknown if another key is known to be lost", () => {
    const run = haFailover().finally("write:100:3", undefined).finally("write:100:4", null);
    expect(check(run)).toMatchObject({ verdict: "fail", evidence: { reason: "replicated-writes-lost" } });
  });
});

describe("any legal run", () => {
  /** Writes in the 2 s before the kill of the primary, each with an ending; the last watermark is at 1500. */
  const writes = fc.array(
    fc.record({ atMs: fc.integer({ min: 0, max: 1900 }), ending: fc.constantFrom(OK, REFUSED, TIMED_OUT) }),
    { minLength: 1, maxLength: 40 },
  );
  const runOf = (made: readonly { atMs: number; ending: typeof OK }[], clustered: boolean) => {
    const run = clustered
      ? clusterRun()
          .fault({ targets: ["node-1"], shards: [1], atMs: 2000 })
          .node(2010, "node-1", "reachable", "no")
          .node(3000, "node-4", "role", "primary")
      : haFailoverWithoutLoad();
    made.forEach(({ atMs, ending }, n) => {
      run.operation({ f: "write", key: `{b}:${n}`, value: `${n}` }, atMs, ending);
    });
    run.watermark(
      1510,
      1500,
      clustered ? "node-1" : "primary",
      clustered ? ["node-4"] : ["replica-1", "replica-2"],
    );
    return clustered ? run.end(8000) : run;
  };

  it("passes, whatever ended how, if all that was acknowledged is there", () => {
    fc.assert(
      fc.property(writes, fc.boolean(), (made, clustered) => {
        expect(check(runOf(made, clustered)).verdict).toBe("pass");
      }),
    );
  });

  it("fails and names the key, if one that was acknowledged and replicated is gone", () => {
    fc.assert(
      fc.property(writes, fc.nat(), fc.boolean(), (made, choice, clustered) => {
        const replicated = made.flatMap(({ atMs, ending }, n) =>
          ending === OK && atMs + 1 <= 1500 ? [`{b}:${n}`] : [],
        );
        fc.pre(replicated.length > 0);
        const gone = replicated[choice % replicated.length] as string;
        const found = check(runOf(made, clustered).finally(gone, null));
        expect(found).toMatchObject({
          verdict: "fail",
          evidence: { reason: "replicated-writes-lost", keys: [gone] },
        });
      }),
    );
  });

  it("loses nothing by what was never acknowledged", () => {
    fc.assert(
      fc.property(writes, fc.func(fc.boolean()), (made, applied) => {
        const run = runOf(made, false);
        made.forEach(({ ending }, n) => {
          if (ending === TIMED_OUT) run.finally(`{b}:${n}`, applied(n) ? `${n}` : null);
        });
        expect(check(run)).toMatchObject({ verdict: "pass", evidence: { lost: [] } });
      }),
    );
  });
});

describe("expect.lostAcknowledgedWrites: expected", () => {
  const expecting = { expect: { promoted: true, lostAcknowledgedWrites: "expected" } } as const;

  it("passes where writes that were replicated are gone, and fails where none is", () => {
    expect(check(haFailover(expecting))).toMatchObject({
      verdict: "fail",
      evidence: { reason: "no-write-lost" },
    });
    const lost = haFailover(expecting).finally("write:100:20", null);
    expect(check(lost)).toMatchObject({ verdict: "pass", summary: expect.stringContaining("as expected") });
  });
});
