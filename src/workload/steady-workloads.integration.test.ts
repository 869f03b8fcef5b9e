import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { pause } from "../base/wait.ts";
import { factsOf } from "../check/facts.ts";
import type { DrillClient } from "../client/client.ts";
import {
  startWorkload,
  type TestEnvironment,
  testEnvironment,
  until,
  workloadOn,
} from "../session/environment.test-data.ts";
import { retryingSession } from "./retrying-session.ts";
import { uniqueWrites } from "./unique-writes.ts";

/* The steady workloads on a real primary that stands still for a while. No failover comes in between. */

let environment: TestEnvironment;
let client: DrillClient;

beforeAll(async () => {
  environment = await testEnvironment({ kind: "ha", replicas: 1, sentinels: 1, downAfterMs: 600_000 });
  client = await environment.connect();
}, 60_000);
afterAll(async () => {
  await client?.close();
  await environment?.close();
});

describe("unique-writes", { timeout: 30_000 }, () => {
  it("keeps its rate while the primary stands still, and never waits for it", async () => {
    const given = { writesPerSecond: 100, readsPerSecond: 0, deadlineMs: 400 };
    const { history, end } = await startWorkload(environment, client, uniqueWrites, given);
    const began = performance.now();
    const sent = () => history().events.filter(({ type }) => type === "invoke").length;
    await until("the first writes", async () => sent() > 20 || `${sent()} sent`);

    await environment.topology.pause("primary");
    const [sentBefore, pausedAt] = [sent(), performance.now()];
    await pause(1000); // the time itself is what is measured: operations sent while nothing answers
    const [sentMeanwhile, pausedMs] = [sent() - sentBefore, performance.now() - pausedAt];
    await environment.topology.resume("primary");
    const ranMs = performance.now() - began;
    const { operations } = await end();

    // Had it waited for each answer, it would have sent two or three in that second.
    expect(sentMeanwhile).toBeGreaterThan((pausedMs / 10) * 0.8);
    expect(sentMeanwhile).toBeLessThan((pausedMs / 10) * 1.2 + 10);
    expect(Math.abs(operations.length - ranMs / 10)).toBeLessThan(10);
    // Each was due 10 ms after the one before, however late it was sent.
    operations.forEach(({ due = 0 }, n) => {
      expect(due - (operations[0]?.due ?? 0)).toBeCloseTo(n * 10e6, -2);
    });
    expect(operations.every(({ completedAt }) => completedAt !== undefined)).toBe(true);
    const timedOut = operations.filter(({ error }) => error?.class === "TIMEOUT");
    expect(timedOut.length).toBeGreaterThan(20);
    expect(timedOut.every(({ outcome }) => outcome === "info")).toBe(true);
  });

  it("reads back only what was acknowledged, with the value it wrote", async () => {
    const { operations, end } = await startWorkload(environment, client, uniqueWrites, {});
    const reads = () => operations().filter(({ f, outcome }) => f === "read" && outcome === "ok");
    await until("20 reads", async () => reads().length >= 20 || `${reads().length}`);
    await end();
    for (const { value, result } of reads()) expect(result).toBe(value);
  });

  it("may be stopped and started again in one drill: its keys are never the same", async () => {
    const { context, history } = await workloadOn(environment, client);
    for (let n = 0; n < 2; n += 1) {
      const stop = new AbortController();
      const running = uniqueWrites.run(
        { ...context, signal: stop.signal },
        uniqueWrites.options.parse({ readsPerSecond: 0 }),
      );
      const before = history().events.length;
      await until("some writes", async () => history().events.length > before + 10 || "too few");
      stop.abort();
      await running;
    }
    const keys = factsOf(history()).operations.map(({ key }) => key);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it("counts a write as acknowledged only if as many replicas confirm it as the drill asks", async () => {
    // Few enough that none stands in line behind the WAIT of the one before, which takes 240 ms when nobody confirms.
    const given = { writesPerSecond: 3, readsPerSecond: 0, deadlineMs: 300 };
    const { context, endsSince, end } = await startWorkload(environment, client, uniqueWrites, given, {
      waitReplicas: 1,
    });
    const twoOf = (how: string, at: number) =>
      until(`two writes to end ${how}`, async () => {
        const ends = endsSince(at);
        return ends.filter((one) => one === how).length >= 2 || ends.slice(-5).join(", ");
      });
    try {
      await twoOf("ok", 0);
      await environment.topology.pause("replica-1");
      const pausedAt = context.log.now();
      await twoOf("info NOT-REPLICATED", pausedAt);
      expect(endsSince(pausedAt)).not.toContain("ok");
    } finally {
      await environment.topology.resume("replica-1");
      await end();
    }
  });
});

describe("retrying-session", { timeout: 30_000 }, () => {
  it("gets its request through a primary that was killed and came back, by retrying", async () => {
    const session = await startWorkload(environment, client, retryingSession, {});
    const done = () => session.operations().filter(({ outcome }) => outcome === "ok").length;
    await until("a request", async () => done() > 0 || "none yet");
    await environment.topology.kill("primary");
    const before = done();
    await environment.topology.start("primary");
    await until("requests after the return", async () => done() > before + 3 || `${done() - before}`);
    const { operations } = await session.end();
    expect(operations.every(({ outcome }) => outcome === "ok")).toBe(true);
    expect(operations.some(({ attempts }) => attempts > 1)).toBe(true);
    // One after the other: a request begins when the one before has ended.
    operations.slice(1).forEach(({ invokedAt }, n) => {
      expect(invokedAt).toBeGreaterThanOrEqual(operations[n]?.completedAt ?? Number.POSITIVE_INFINITY);
    });
  });
});
