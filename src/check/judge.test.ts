import { describe, expect, it } from "vitest";
import { resultSchema } from "../model/result.ts";
import {
  clusterFailover,
  clusterRun,
  haFailover,
  haFailoverWithoutLoad,
  haRun,
  OK,
  REFUSED,
  TIMED_OUT,
  withHaStart,
} from "./history.test-data.ts";
import { judge } from "./judge.ts";

const RUNS = {
  "a good HA run": () => haFailover(),
  "a good cluster run": () => clusterFailover(),
  "a bad run": () => haFailover().finally("write:100:20", null),
  "a run without load": () => haFailoverWithoutLoad(),
  "a run that broke off at once": () => haRun(),
  "a cluster run that broke off at once": () => clusterRun(),
};

describe.each(Object.entries(RUNS))("%s", (_name, run) => {
  it("is judged alike however often it is judged", () => {
    const history = run().build();
    const first = judge(history);
    expect(judge(history)).toEqual(first);
    expect(judge(run().build())).toEqual(first);
    expect(judge(structuredClone(history))).toEqual(first);
  });

  it("gives a result that follows the published schema, and survives JSON", () => {
    const result = judge(run().build());
    expect(resultSchema.parse(JSON.parse(JSON.stringify(result)))).toEqual(result);
  });
});

describe("the verdict", () => {
  const verdicts = (run: ReturnType<typeof haRun>) => {
    const { verdict, checks } = judge(run.build());
    return { verdict, checks: Object.fromEntries(checks.map((check) => [check.name, check.verdict])) };
  };

  it("is pass if all pass, and names only the checkers that had something to judge", () => {
    expect(verdicts(haFailover())).toEqual({
      verdict: "pass",
      checks: {
        promotion: "pass",
        outage: "pass",
        durability: "pass",
        topology: "pass",
        replicas: "pass",
        steps: "pass",
      },
    });
    expect(verdicts(clusterFailover())).toMatchObject({ verdict: "pass", checks: { topology: "pass" } });
  });

  it("is unknown if one is unknown", () => {
    expect(verdicts(haFailover().finally("write:100:3", undefined))).toMatchObject({
      verdict: "unknown",
      checks: { durability: "unknown", steps: "pass" },
    });
    expect(verdicts(haFailover().end(8000, "interrupted"))).toMatchObject({ checks: { steps: "unknown" } });
  });

  it("is fail if one fails, whatever is unknown", () => {
    const run = haFailover().finally("write:100:3", undefined).step(7000, "await", "timeout", "late");
    expect(verdicts(run)).toMatchObject({
      verdict: "fail",
      checks: { durability: "unknown", steps: "fail" },
    });
  });

  it("of a history that breaks off is unknown, even if what was seen until then would fail", () => {
    expect(verdicts(haRun()).verdict).toBe("unknown");
    const history = haFailover().finally("write:100:20", null).build(); // a replicated write is lost
    expect(judge(history).verdict).toBe("fail");
    const result = judge({ ...history, events: history.events.slice(0, -1), complete: false });
    expect(result.verdict).toBe("unknown");
    expect(result.checks.find(({ name }) => name === "durability")).toMatchObject({
      verdict: "unknown",
      summary: expect.stringMatching(/^the history breaks off; until then: 1 write acknowledged/),
      evidence: { reason: "history-breaks-off", otherwise: "replicated-writes-lost" },
    });
  });

  it("of a run that was interrupted, and says so, may be fail", () => {
    const run = haFailover().finally("write:100:20", null).end(8000, "interrupted");
    expect(verdicts(run)).toMatchObject({
      verdict: "fail",
      checks: { durability: "fail", steps: "unknown" },
    });
  });

  it("of a checker that crashed is unknown, and the others are judged all the same", () => {
    const run = haFailover().observe(100, "key-spread", { not: "what the checker expects" });
    const result = judge(run.build());
    expect(result.checks.find(({ name }) => name === "key-spread")).toMatchObject({
      verdict: "unknown",
      summary: expect.stringContaining("the checker crashed"),
      evidence: { reason: "checker-crashed" },
    });
    expect(result.verdict).toBe("unknown");
    expect(result.checks.find(({ name }) => name === "durability")?.verdict).toBe("pass");
  });
});

describe("the numbers", () => {
  it("count operations by how they ended, and writes by their fate", () => {
    const run = haRun()
      .probe({ from: 0, to: 1000, everyMs: 100 }) // 10 acknowledged
      .probe({ f: "read", from: 0, to: 500, everyMs: 100 })
      .probe({ from: 2000, to: 2300, everyMs: 100, ends: () => REFUSED })
      .probe({ from: 3000, to: 3200, everyMs: 100, ends: () => TIMED_OUT })
      .operation({ f: "write", key: "never", value: "1" }, 3500, "never")
      .finally("write:0:1", null)
      .finally("write:3000:0", "v-write:3000:0")
      .end(5000);
    const result = judge(run.build());
    expect(result.operations).toEqual({ total: 21, ok: 15, fail: 3, info: 3, perSecond: 5 });
    expect(result.writes).toEqual({ acknowledged: 10, survived: 9, lost: 1, recovered: 1, indeterminate: 3 });
    expect(result.durationMs).toBe(5000);
  });

  it("tell how the service was before the first fault, and how much went through", () => {
    const measured = {
      connections: 8,
      pipeline: 4,
      perSecond: 9000,
      p50Ms: 2,
      p99Ms: 9,
      errors: 0,
      lastError: null,
    };
    const ends = (at: number) => ({ outcome: "ok", afterMs: at < 2000 ? 4 : 40 }) as const;
    const run = haFailoverWithoutLoad()
      .observe(50, "throughput", measured)
      .probe({ from: 100, to: 7900, ends });
    const { writes, throughput } = judge(run.build()).beforeFault;
    expect(writes?.p99Ms).toBeCloseTo(4, 1); // not the 40 ms of what came after
    expect(throughput).toEqual(measured);
    expect(judge(withHaStart(haRun()).end(10).build()).beforeFault).toEqual({
      writes: null,
      throughput: null,
    });
  });

  it("tell who was promoted, and the phases, of the loss that disrupted the service the longest", () => {
    expect(judge(haFailover().build()).failover).toMatchObject({
      promoted: { from: "primary", to: "replica-1" },
      phases: expect.arrayContaining([expect.objectContaining({ name: "promoted", atMs: 1400 })]),
    });
    expect(judge(withHaStart(haRun()).end(10).build()).failover).toMatchObject({
      fault: null,
      promoted: null,
      phases: [],
    });
  });

  it("describe the shards as they are at the end", () => {
    expect(judge(clusterFailover().build()).shards[0]).toEqual({
      shard: 1,
      slots: "0-5460",
      keys: 1,
      primary: "node-4",
      replicas: ["node-1"],
    });
    expect(judge(clusterRun().end(1).build()).shards[0]).toMatchObject({ primary: "nobody (was node-1)" });
  });

  it("add the redirects of the drill's client and of the one with the stale map", () => {
    const run = clusterRun()
      .observe(1, "redirects", { moved: 3, ask: 1 })
      .observe(2, "stale-route", { clientMoved: 20, clientAsk: 0, serverMoved: {}, arrived: 0, writes: 0 })
      .end(3);
    expect(judge(run.build()).redirects).toEqual({ moved: 23, ask: 1 });
  });

  it("take latency from the probe's good answers alone, where a probe ran", () => {
    const run = haRun()
      .probe({
        from: 0,
        to: 1000,
        everyMs: 10,
        ends: (at) => (at === 990 ? { outcome: "ok", afterMs: 80 } : OK),
      })
      .operation({ client: "crud", workload: "crud", f: "get", key: "x", value: "1" }, 500, {
        outcome: "ok",
        afterMs: 400,
      })
      .operation({ f: "write", key: "refused", value: "1" }, 500, { outcome: "info", afterMs: 900 })
      .end(2000);
    const { p50Ms, p999Ms, maxMs } = judge(run.build()).latency;
    expect(p50Ms).toBeCloseTo(1, 2);
    expect(p999Ms).toBeCloseTo(80, 0);
    expect(maxMs).toBeCloseTo(80, 0);
    expect(judge(haRun().end(1).build()).latency).toEqual({ p50Ms: 0, p99Ms: 0, p999Ms: 0, maxMs: 0 });
  });
});

it("refuses a history that contradicts itself: it would make writes out of nothing", () => {
  const history = haFailover().build();
  const again = history.events.find((event) => event.type === "ok");
  expect(() => judge({ ...history, events: [...history.events, ...(again ? [again] : [])] })).toThrow(
    "completed twice",
  );
});
