import { describe, expect, it } from "vitest";
import { checkOf, failover, probed, told } from "./coverage.test-data.ts";
import { type HandMadeRun, haFailover, haRun, OK, withHaStart } from "./history.test-data.ts";
import { judge } from "./judge.ts";

describe("work of which nothing was acknowledged", () => {
  const unanswered = { outcome: "info", afterMs: 900 } as const;
  it.each([
    ["register", "linearizability", { f: "write", shared: true }],
    ["counter", "counter", { f: "incr", shared: true }],
    ["append", "append", { f: "append", shared: true }],
    ["retrying-session", "durability", { f: "write" }],
    ["stale-reads", "stale-reads", { f: "write", shared: true }],
    ["crud", "crud", { f: "set" }],
  ] as const)("of %s is unknown, whether it was sent or not", (workload, check, operation) => {
    const start = (run: HandMadeRun) =>
      run
        .observe(10, "workload", { workload, phase: "start", at: 10e6 })
        .observe(20, "workload", { workload, phase: "end", at: 20e6 });
    const sent = start(withHaStart(haRun()))
      .operation({ ...operation, workload, client: "a", key: "k", value: '"1"' }, 15, unanswered)
      .step(1000, "wait")
      .end(2000);
    expect(told(sent, check)[0]).toBe("unknown");
    expect(judge(sent.build()).verdict).not.toBe("pass");
    if (check === "durability") return; // without a write there is nothing that it would be about
    const none = start(withHaStart(haRun())).step(1000, "wait").end(2000);
    expect(told(none, check)[0]).toBe("unknown");
    expect(checkOf(none, check)?.evidence.notes).toContainEqual(expect.stringMatching(/"- (start|run|wait)/));
  });

  it.each(["lock", "key-spread", "stale-route", "replica-reads", "throughput"])(
    "of %s that was stopped at once is unknown",
    (workload) => {
      const run = withHaStart(haRun()).observe(10, "workload", { workload, phase: "start", at: 10e6 });
      expect(told(run.step(1000, "wait").end(2000), workload)[0]).toBe("unknown");
    },
  );
});

describe("what the scenario expects", () => {
  const idle = (expected: object) =>
    withHaStart(haRun({ expect: expected }))
      .step(500, "wait")
      .end(1000);

  it.each<[path: string, expected: object]>([
    ["lostAcknowledgedWrites", { lostAcknowledgedWrites: 0 }],
    ["lostAcknowledgedWrites", { lostAcknowledgedWrites: "expected" }],
    ["splitBrain", { splitBrain: "expected" }],
    ["splitBrain.ms", { splitBrain: { ms: 100, writes: 0 } }],
  ])("is not met by silence: %s of %j", (path, expected) => {
    const result = judge(idle(expected).build());
    expect(result.verdict).toBe("unknown");
    expect(result.checks.find(({ name }) => name === "expectations")).toMatchObject({
      verdict: "unknown",
      summary: expect.stringContaining(`expect.${path}`),
      evidence: { reason: "expectation-not-judged", expectations: expect.arrayContaining([path]) },
    });
  });

  it("asks for nothing where it only says what counts without it", () => {
    expect(judge(idle({ splitBrain: { writes: 0 } }).build()).checks.map(({ name }) => name)).toEqual([
      "steps",
    ]);
    const off = { staleness: { monotonicReads: false, readYourWrites: false } };
    expect(judge(idle(off).build()).verdict).toBe("pass");
  });

  it("of losses needs a write that the lost primary had acknowledged", () => {
    const asked = { expect: { lostAcknowledgedWrites: 0 } };
    expect(told(probed(failover(asked), 100, 7900), "durability")).toEqual(["pass", undefined]);
    expect(told(probed(failover(asked), 6000, 7900), "durability")).toEqual(["unknown", "nothing-at-risk"]);
    expect(told(probed(failover(), 6000, 7900), "durability")).toEqual(["pass", undefined]); // nobody asked
    const wanted = { expect: { lostAcknowledgedWrites: "expected" } as const };
    expect(told(probed(failover(wanted), 6000, 7900), "durability")).toEqual(["unknown", "nothing-at-risk"]);
  });

  it("of a split brain needs writes that could have been taken", () => {
    const asked = { expect: { splitBrain: "expected" } as const };
    expect(told(failover(asked), "topology")).toEqual(["unknown", "no-writes-to-see-it"]);
    expect(told(probed(failover(asked), 100, 2400), "topology")).toEqual(["unknown", "no-writes-to-see-it"]);
    expect(told(haFailover(asked), "topology")).toEqual(["fail", "no-split-brain"]);
  });

  it("of staleness needs reads after each fault", () => {
    const run = (readsUntil: number) => {
      const made = failover({ expect: { staleness: { maxMs: 100 } } });
      const base = { workload: "stale-reads", key: "s" } as const;
      for (let at = 100; at < 7900; at += 100) {
        made.operation({ ...base, client: "w", f: "write", value: `${at}`, shared: true }, at, OK);
        if (at < readsUntil)
          made.operation({ ...base, client: "r", f: "read-replica" }, at + 50, {
            outcome: "ok",
            value: `${at}`,
          });
      }
      return made;
    };
    expect(told(run(1900), "stale-reads")).toEqual(["unknown", "no-reads-around-fault"]);
    expect(told(run(7900), "stale-reads")).toEqual(["pass", undefined]);
  });

  it("of a promotion needs time enough for one", () => {
    const killed = (endsAt: number, promoted: boolean) =>
      withHaStart(haRun({ expect: { promoted } }))
        .fault({ targets: ["primary"], atMs: 1000 })
        .node(1010, "primary", "reachable", "no")
        .sentinel(2000, "+odown master drill 127.0.0.1 20000")
        .step(endsAt - 100, "wait")
        .end(endsAt);
    expect(told(killed(2500, true), "promotion")).toEqual(["unknown", "watched-too-briefly"]);
    expect(told(killed(2500, false), "promotion")).toEqual(["unknown", "watched-too-briefly"]);
    expect(told(killed(9000, true), "promotion")).toEqual(["fail", "not-promoted"]);
    expect(told(killed(9000, false), "promotion")).toEqual(["pass", undefined]);
  });

  it("of a promotion is not there in a drill that was cut short, whatever else may explain it", () => {
    const cutShort = (endsAt: number) =>
      withHaStart(haRun({ expect: { promoted: true } }))
        .fault({ targets: ["primary"], atMs: 1000 })
        .node(1010, "primary", "reachable", "no")
        .end(endsAt, "interrupted");
    for (const endsAt of [1008, 1500, 2000, 4500, 30_000]) {
      expect(told(cutShort(endsAt), "promotion")).toEqual(["unknown", "cut-short"]);
    }
  });
});
