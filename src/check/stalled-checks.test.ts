import { describe, expect, it } from "vitest";
import { factsOf } from "./facts.ts";
import {
  type HandMadeRun,
  haFailover,
  haFailoverWithoutLoad,
  haRun,
  withHaStart,
} from "./history.test-data.ts";
import { judge } from "./judge.ts";
import { promotion } from "./promotion.ts";
import { stall, stalledFailover } from "./stalls.test-data.ts";

const of = (run: HandMadeRun, name: string) => {
  const found = judge(run.build()).checks.find((check) => check.name === name);
  return { verdict: found?.verdict, reason: found?.evidence.reason, ...found };
};

describe("a step that did not come true in time", () => {
  const late = (stalls: readonly (readonly [number, number])[], stoodStillMs?: number) => {
    const run = haFailoverWithoutLoad();
    const step = { type: "step", index: 7, name: "wait for it" } as const;
    const history = stalls.reduce((one, [from, to]) => stall(one, from, to), run).build();
    const events = [
      ...history.events.filter(({ type }) => type !== "end"),
      { ...step, at: 2100e6, status: "begin" },
      { ...step, at: 7000e6, status: "timeout", detail: "nobody came", stoodStillMs },
      ...history.events.filter(({ type }) => type === "end"),
    ] as typeof history.events;
    const found = judge({ ...history, events }).checks.find(({ name }) => name === "steps");
    return { verdict: found?.verdict, reason: found?.evidence.reason, summary: found?.summary };
  };

  it("is a failure; and unknown where the tool stood still in its time", () => {
    expect(late([])).toMatchObject({ verdict: "fail", reason: "condition-not-met" });
    expect(late([[3000, 3100]])).toMatchObject({ verdict: "fail" }); // a fiftieth of it
    expect(late([[3000, 6000]])).toMatchObject({ verdict: "unknown", reason: "tool-stalled" });
  });

  it("is a failure where that time was not counted, and says so", () => {
    const found = late([[3000, 6000]], 2990);
    expect(found).toMatchObject({ verdict: "fail", reason: "condition-not-met" });
    expect(found.summary).toContain("not counted: 2.99 s in which valkey-drill itself stood still");
  });
});

describe("a promotion", () => {
  const without = () =>
    withHaStart(haRun({ expect: { promoted: true } }))
      .fault({ targets: ["primary"], atMs: 2000 })
      .node(2010, "primary", "reachable", "no")
      .end(8000);

  it("that never came is a failure, though the tool stood still: looks afterwards would have shown it", () => {
    expect(of(without(), "promotion").verdict).toBe("fail");
    expect(of(stall(without(), 2100, 5000), "promotion").verdict).toBe("fail");
  });

  it("is unknown if no look came before the end", () => {
    expect(of(stall(without(), 2100, 7900), "promotion")).toMatchObject({
      verdict: "unknown",
      reason: "tool-stalled",
    });
  });

  /** Nobody should be promoted while the primary is paused for a while. */
  const paused = () =>
    withHaStart(haRun({ expect: { promoted: false } }))
      .fault({ fault: "pause", targets: ["primary"], atMs: 2000, healAtMs: 2500, healedAtMs: 6000 })
      .node(4000, "replica-1", "role", "primary")
      .end(8000);

  it("that should not have come is a failure, unless the fault lasted longer than it should", () => {
    expect(of(paused(), "promotion")).toMatchObject({ verdict: "fail", reason: "unexpected-promotion" });
    expect(of(stall(paused(), 2200, 5900), "promotion")).toMatchObject({ verdict: "unknown" });
    expect(of(stall(paused(), 300, 1900), "promotion").verdict).toBe("fail");
  });

  it("that was seen after a stall may have come sooner", () => {
    const seen = promotion.stalled?.(
      factsOf(stall(haFailover(), 2900, 3390).build()),
      promotion.check(factsOf(haFailover().build())),
    );
    expect(seen).toMatchObject({ verdict: "pass", summary: expect.stringContaining("or sooner") });
  });
});

describe("on a machine too busy to measure", () => {
  /** Of every 100 ms 40 are lost. */
  const busy = (run: HandMadeRun) => {
    for (let at = 0; at < 7900; at += 100) stall(run, at, at + 40);
    return run;
  };

  it("a needless failover fails nobody, nor does what it lost", () => {
    const needless = () => {
      const run = withHaStart(haRun({ expect: { promoted: true } }));
      run.probe({ from: 100, to: 7900 }).watermark(1990, 1980, "primary", ["replica-1", "replica-2"]);
      run.node(3000, "replica-1", "role", "primary").finally("write:100:5", null);
      return run.end(8000);
    };
    expect(of(needless(), "promotion")).toMatchObject({ verdict: "fail", reason: "needless-failover" });
    expect(of(busy(needless()), "promotion")).toMatchObject({
      verdict: "unknown",
      reason: "machine-too-busy",
    });
    expect(of(busy(needless()), "durability").verdict).not.toBe("fail");
  });

  it("who was not there was not there", () => {
    const bare = () => {
      const run = withHaStart(haRun({ expect: { promoted: true } }, 1));
      run.fault({ targets: ["sentinel-1"], primaries: [], atMs: 1000 });
      return run
        .fault({ targets: ["primary"], atMs: 2000 })
        .node(2010, "primary", "reachable", "no")
        .end(8000);
    };
    expect(of(bare(), "promotion")).toMatchObject({ verdict: "fail", reason: "no-sentinel-alive" });
    expect(of(busy(bare()), "promotion")).toMatchObject({ verdict: "fail", reason: "no-sentinel-alive" });
  });

  it("a write that was replicated, and is gone after a failover that was asked for, is gone", () => {
    const lossy = () => haFailover().finally("write:100:5", null);
    expect(of(lossy(), "durability")).toMatchObject({ verdict: "fail", reason: "replicated-writes-lost" });
    expect(of(busy(lossy()), "durability").verdict).toBe("fail");
  });
});

describe("a moment of a failover", () => {
  it("that was heard of after a stall may have come so much earlier", () => {
    const { failover } = judge(stalledFailover({ stalls: [[2900, 3010]] }).build());
    const phase = (name: string) => failover.phases.find((one) => one.name === name);
    expect(phase("suspected")?.errorMs).toBe(100);
    expect(phase("elected")?.errorMs).toBeUndefined();
    expect(phase("suspected")?.governedBy).toBeDefined();
  });

  it("has no setting to turn where the tool stood still before it", () => {
    const { failover } = judge(stalledFailover({ stalls: [[2100, 3300]] }).build());
    const promoted = failover.phases.find(({ name }) => name === "promoted");
    expect(promoted).toMatchObject({ seenBy: "look" });
    expect(promoted?.governedBy).toBeUndefined();
  });
});

describe("requests, rounds and final looks", () => {
  const session = (ends: "ok" | "info", stalled: boolean) => {
    const run = haFailover();
    const error = ends === "info" ? "gave up after 10000 ms" : undefined;
    const ending = { outcome: ends, afterMs: 4000, error, attempts: 3 } as const;
    run.operation(
      { client: "session", workload: "retrying-session", f: "write", key: "s", value: "v" },
      2500,
      ending,
    );
    return of(stalled ? stall(run, 2600, 6000) : run, "reconnection");
  };

  it("of a session that gave up count, unless the tool stood still meanwhile", () => {
    expect(session("info", false)).toMatchObject({ verdict: "fail", reason: "gave-up" });
    expect(session("info", true)).toMatchObject({ verdict: "unknown", reason: "tool-stalled" });
    expect(session("ok", true).summary).toContain("3.40 s of that valkey-drill itself stood still");
  });

  it("of CRUD count, unless the tool stood still meanwhile: keys expire", () => {
    const round = (stalled: boolean) => {
      const run = haFailover();
      const about = { client: "crud", workload: "crud", key: "k", shared: true } as const;
      run.operation({ ...about, f: "set", value: "OK" }, 300, { outcome: "ok", value: "OK" });
      run.operation({ ...about, f: "get", value: "v" }, 1500, { outcome: "ok", value: null });
      return of(stalled ? stall(run, 400, 1400) : run, "crud");
    };
    expect(round(false)).toMatchObject({ verdict: "fail", reason: "wrong-reply" });
    expect(round(true)).toMatchObject({ verdict: "unknown", reason: "tool-stalled" });
  });

  it("at the end count, unless the tool stood still in them", () => {
    const end = (stalls: readonly (readonly [number, number])[]) => {
      const run = haFailover();
      run.finalNodes(7960, [{ node: "replica-2", reachable: false, linkUp: false }]);
      return of(
        stalls.reduce((one, [from, to]) => stall(one, from, to), run),
        "replicas",
      );
    };
    expect(end([]).verdict).toBe("fail");
    expect(end([[500, 1500]]).verdict).toBe("fail");
    expect(end([[7400, 7900]])).toMatchObject({ verdict: "unknown", reason: "tool-stalled" });
  });

  it("of how many writes were lost count, unless a fault lasted longer than it should", () => {
    const lossy = (stalled: boolean) => {
      const run = haFailoverWithoutLoad({ expect: { lostAcknowledgedWrites: 0 } });
      run.operation({ f: "write", key: "w", value: "v" }, 3000).finally("w", null);
      return of(stalled ? stall(run, 2500, 4500) : run, "durability");
    };
    expect(lossy(false)).toMatchObject({ verdict: "fail", reason: "acknowledged-writes-lost" });
    expect(lossy(true)).toMatchObject({ verdict: "unknown", reason: "tool-stalled" });
  });
});
