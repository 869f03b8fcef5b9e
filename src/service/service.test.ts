import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ShardPlan } from "../model/plan.ts";
import type { Asked } from "./operation.ts";
import { outageIntervalsOf } from "./outage-intervals.ts";
import { eventsOf, MS, S, servedBy } from "./service.test-data.ts";

const SHARDS: readonly ShardPlan[] = [
  { shard: 1, slots: [[0, 8191]], primary: "a", replicas: [] },
  { shard: 2, slots: [[8192, 16383]], primary: "b", replicas: [] },
];
const [ONE, TWO] = ["bar", "foo"]; // slots 5061 and 12182

describe("a service is unwell", () => {
  it("where no probe runs: only that never waits for an answer", () => {
    const { run, unwell } = servedBy();
    expect(unwell(0, 5 * S)).toContain("no probe is running");
    run(S, "ok", S, { client: "session" });
    run(S, "ok", S, { f: "incr" });
    expect(unwell(0, 5 * S)).toContain("no probe is running");
  });

  it("until a success was sent since, not one that only ended since", () => {
    const { run, unwell } = servedBy();
    run(1.9 * S, "ok", 2.1 * S);
    expect(unwell(2 * S, 2.2 * S)).toBe("writes are not answered yet");
    run(2.2 * S, "ok");
    expect(unwell(2 * S, 2.3 * S)).toBeUndefined();
  });

  it("while an outage goes on, and until it ended a second ago in a recovery that lasts", () => {
    const { run, unwell } = servedBy();
    for (let at = S; at < 2 * S; at += 10 * MS) run(at, "ok");
    for (let at = 2 * S; at < 4 * S; at += 10 * MS) run(at, "fail");
    expect(unwell(0, 4 * S)).toBe("writes fail: READONLY");
    for (let at = 4 * S; at < 4.3 * S; at += 10 * MS) run(at, "ok");
    expect(unwell(0, 4.3 * S)).toBe("writes went well for too short a time");
    for (let at = 4.3 * S; at < 4.95 * S; at += 10 * MS) run(at, "ok");
    expect(unwell(0, 4.95 * S)).toBe("writes went well for too short a time");
    for (let at = 4.95 * S; at < 5.1 * S; at += 10 * MS) run(at, "ok");
    expect(unwell(0, 5.1 * S)).toBeUndefined();
  });

  it("for as long as a probe that sends seldom has not shown a recovery that lasts", () => {
    const { run, unwell, outages } = servedBy();
    run(1 * S, "fail");
    run(3 * S, "ok");
    expect(unwell(0, 4.5 * S)).toBe("writes went well for too short a time");
    run(5 * S, "ok");
    expect(unwell(0, 5.1 * S)).toBeUndefined();
    expect(outages).toMatchObject([{ startUnseen: true, endAt: 3.001 * S, disturbed: 1 }]);
  });

  it("after one success in the middle of failures", () => {
    const { run, unwell } = servedBy();
    for (let at = S; at < 4 * S; at += 10 * MS) run(at, at === 3 * S ? "ok" : "fail");
    expect(unwell(0, 4 * S)).toBe("writes fail: READONLY");
  });

  it("if answers come late, or not at all, whatever they say", () => {
    const { run, unwell } = servedBy();
    run(1 * S, "ok");
    run(1.1 * S, "ok", 1.9 * S);
    expect(unwell(0, 2 * S)).toBe("writes were answered more than 250 ms late");
    run(2 * S, "open");
    expect(unwell(0, 2.2 * S)).toBe("writes were answered more than 250 ms late");
    expect(unwell(0, 2.3 * S)).toBe("writes wait for an answer");
  });

  it("while something that was sent long ago hangs, though all else goes well", () => {
    const { run, unwell, service } = servedBy();
    run(1 * S, "open");
    for (let at = 1.1 * S; at < 4 * S; at += 10 * MS) run(at, "ok");
    expect(unwell(0, 4 * S)).toBe("writes wait for an answer");
    expect(service.unwell(3 * S, 4 * S)).toBeUndefined(); // what a client library hangs up is asked for apart
  });

  it("if one shard is, or only its reads are", () => {
    const { run, unwell } = servedBy(SHARDS);
    const all = (from: number, to: number, bad: (key: string, f: string) => boolean) => {
      for (let at = from; at < to; at += 10 * MS)
        for (const key of [ONE, TWO])
          for (const f of ["write", "read"]) run(at, bad(key, f) ? "fail" : "ok", at + MS, { key, f });
    };
    all(S, 2 * S, () => false);
    expect(unwell(0, 2 * S)).toBeUndefined();
    all(2 * S, 3 * S, (key, f) => key === TWO && f === "read");
    expect(unwell(0, 3 * S)).toBe("reads to shard 2 fail: READONLY");
  });
});

describe("an outage that is seen while it lasts", () => {
  it("is as long as the checkers find it, whatever the order of the answers", () => {
    const ending = fc.oneof(
      {
        weight: 6,
        arbitrary: fc.record({ outcome: fc.constant("ok" as const), afterMs: fc.nat({ max: 40 }) }),
      },
      {
        weight: 2,
        arbitrary: fc.record({ outcome: fc.constant("ok" as const), afterMs: fc.nat({ max: 900 }) }),
      },
      {
        weight: 2,
        arbitrary: fc.record({ outcome: fc.constant("fail" as const), afterMs: fc.nat({ max: 30 }) }),
      },
      {
        weight: 1,
        arbitrary: fc.record({ outcome: fc.constant("info" as const), afterMs: fc.constant(1000) }),
      },
    );
    const intervals = fc.array(fc.tuple(fc.nat({ max: 60 }), ending), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(intervals, fc.integer({ min: 5, max: 300 }), (runs, everyMs) => {
        const operations: Asked[] = [];
        for (const [count, { outcome, afterMs }] of runs) {
          for (let n = 0; n < count; n += 1) {
            const at = (operations.length + 1) * everyMs * MS;
            operations.push({ outcome, due: at, invokedAt: at, completedAt: at + afterMs * MS });
          }
        }
        const { service, outages } = servedBy();
        for (const event of eventsOf(operations)) service.take(event);
        const end = Math.max(0, ...operations.map(({ completedAt = 0 }) => completedAt));
        service.take({
          type: "observation",
          at: end,
          name: "workload",
          data: { workload: "unique-writes", phase: "end", at: end },
        });
        const from = operations[0]?.invokedAt ?? 0;
        const batch = outageIntervalsOf(operations, { from: from - 1, to: Infinity });
        const figures = (all: typeof batch) =>
          all.map(({ startUnseen, endAt, seeminglyEndAt, startAt, firstBadAt, disturbed }) => ({
            ...{ startUnseen, endAt, seeminglyEndAt, firstBadAt, disturbed },
            ...(!startUnseen && { startAt }), // else it counts from where the look began
          }));
        expect(figures(outages)).toEqual(figures(batch));
      }),
      { numRuns: 300 },
    );
  });

  it("goes on until its recovery lasted, and then had ended with the first success", () => {
    const { run, service, outages } = servedBy();
    for (let at = S; at < 2 * S; at += 10 * MS) run(at, "ok");
    for (let at = 2 * S; at < 3 * S; at += 10 * MS) run(at, "fail");
    const [stream] = service.streams;
    expect(stream?.current).toMatchObject({ startAt: 1.991 * S });
    expect(stream?.current).not.toHaveProperty("endAt");
    expect(stream?.current).not.toHaveProperty("seeminglyEndAt");
    for (let at = 3 * S; at < 3.4 * S; at += 10 * MS) run(at, "ok");
    expect(stream?.current).toMatchObject({ startAt: 1.991 * S, seeminglyEndAt: 3.001 * S });
    for (let at = 3.4 * S; at < 3.6 * S; at += 10 * MS) run(at, "ok");
    expect(stream?.current).toBeUndefined();
    expect(outages).toMatchObject([{ startAt: 1.991 * S, endAt: 3.001 * S, disturbed: 100 }]);
  });

  it("has no end that anybody saw if the probe was stopped in it", () => {
    const { run, service, outages } = servedBy();
    run(1 * S, "ok");
    run(1.1 * S, "fail");
    const stop = { workload: "unique-writes", phase: "end", at: 2 * S } as const;
    service.take({ type: "observation", at: 2 * S, name: "workload", data: stop });
    expect(outages).toMatchObject([{ startAt: 1 * S + MS }]);
    expect(outages[0]).not.toHaveProperty("endAt");
    expect(outages[0]).not.toHaveProperty("seeminglyEndAt");
    run(5 * S, "ok");
    const [stream] = service.streams;
    expect(stream?.watched).toEqual([{ from: 1 * S, to: 2 * S }, { from: 5 * S }]);
  });
});
