import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { z } from "zod";
import { seededRandom } from "../base/random.ts";
import { append as appendChecker } from "../check/append.ts";
import type { Checker } from "../check/checker.ts";
import { counter as counterChecker } from "../check/counter.ts";
import { factsOf } from "../check/facts.ts";
import { staleReads as staleReadsChecker } from "../check/stale-reads.ts";
import type { DrillClient } from "../client/client.ts";
import type { Operation } from "../history/operations.ts";
import { inspect } from "../observe/inspect.ts";
import { viewNow } from "../observe/status.ts";
import {
  type StartedWorkload,
  startWorkload,
  type TestEnvironment,
  testEnvironment,
  until,
  workloadOn,
} from "../session/environment.test-data.ts";
import { append } from "./append.ts";
import { counter } from "./counter.ts";
import { staleReads } from "./stale-reads.ts";
import type { Workload, WorkloadContext } from "./workload.ts";

/* The workloads of several sessions on real servers, their checkers, and what stands on the servers at the end. */

/** Each run has keys of its own. */
let seed = 0;
function nextSeed(): number {
  seed += 1;
  return seed;
}

/** What was seen of a workload that has ended, with what stands on the servers. */
async function inspected(
  { topology: { plan }, admins }: TestEnvironment,
  { context: { log }, history }: StartedWorkload,
) {
  await inspect(plan, await viewNow(plan, admins), admins, log.toRead, log);
  return factsOf(history());
}

describe.each([
  { kind: "ha", replicas: 2, sentinels: 1, downAfterMs: 600_000 },
  { kind: "cluster", shards: 2, replicas: 1, nodeTimeoutMs: 60_000 },
])("on $kind", { timeout: 30_000 }, (spec) => {
  let environment: TestEnvironment;
  let client: DrillClient;

  beforeAll(async () => {
    environment = await testEnvironment(spec);
    client = await environment.connect();
  }, 60_000);
  afterAll(async () => {
    await client?.close();
    await environment?.close();
  });

  /** Runs it until enough operations have ended, and what else is to be seen has been; then looks at the servers. */
  async function play<Options>(
    workload: Workload<string, z.ZodType<Options>>,
    given: object,
    { meanwhile = async () => {}, changes = {} as Partial<WorkloadContext>, atLeast = 60 } = {},
  ) {
    const own = { random: seededRandom(nextSeed()), ...changes };
    const started = await startWorkload(environment, client, workload, given, own);
    const ended = () => started.endsSince(0).length;
    try {
      await until("operations", async () => ended() >= atLeast || `${ended()} of ${atLeast}`);
      await meanwhile();
      const before = ended();
      await until("operations after that", async () => ended() >= before + 20 || `${ended() - before} of 20`);
    } finally {
      await started.end();
    }
    return { facts: await inspected(environment, started), context: started.context };
  }

  const verdict = (checker: Checker, facts: Parameters<Checker["check"]>[0]) => checker.check(facts);
  const sessionsOf = (operations: readonly Operation[]) =>
    [...new Set(operations.map((one) => one.client))].sort();

  function expectSequential(operations: readonly Operation[]) {
    for (const session of sessionsOf(operations)) {
      const own = operations.filter((one) => one.client === session);
      own.slice(1).forEach(({ invokedAt }, n) => {
        expect(invokedAt).toBeGreaterThanOrEqual(own[n]?.completedAt ?? Number.POSITIVE_INFINITY);
      });
    }
  }

  it("counter: several sessions count on the same keys, and the servers hold what was acknowledged", async () => {
    const { facts, context } = await play(counter, { sessions: 3, keys: 2, perSecond: 50 });
    expect(verdict(counterChecker, facts)).toMatchObject({ verdict: "pass", evidence: { missing: 0 } });
    expect(sessionsOf(facts.operations)).toEqual(["counter-1", "counter-2", "counter-3"]);
    expectSequential(facts.operations);
    expect([...context.log.toRead.values()]).toEqual(["string", "string"]);
    const onServers = [...facts.finalValues.values()].reduce((sum, value) => sum + Number(value), 0);
    expect(onServers).toBe(facts.operations.filter(({ outcome }) => outcome === "ok").length);
    expect(facts.operations.every(({ shared, attempts }) => shared && attempts === 1)).toBe(true);
  });

  it("append: several sessions append to the same lists, and the servers hold each element once", async () => {
    const { facts } = await play(append, { sessions: 3, keys: 2, perSecond: 50 });
    expect(verdict(appendChecker, facts)).toMatchObject({ verdict: "pass", evidence: { missing: 0 } });
    expect(sessionsOf(facts.operations)).toEqual(["append-1", "append-2", "append-3"]);
    expectSequential(facts.operations);
    expect([...facts.finalLists.values()].flat()).toHaveLength(facts.operations.length);
  });

  it("stale-reads: writes go to primaries, reads to replicas, each key has one writer", async () => {
    const { facts } = await play(staleReads, { readers: 3, keys: 4 });
    expect(verdict(staleReadsChecker, facts)).toMatchObject({ verdict: "pass" });
    expect(sessionsOf(facts.operations)).toEqual([
      "stale-reader-1",
      "stale-reader-2",
      "stale-reader-3",
      "stale-writer",
    ]);
    expectSequential(facts.operations);
    const { nodes } = environment.topology.plan;
    const roleOf = (name?: string) => nodes.find((node) => node.name === name)?.role;
    const writes = facts.operations.filter(({ f }) => f === "write");
    expect(new Set(writes.map(({ node }) => roleOf(node)))).toEqual(new Set(["primary"]));
    const writers = new Map(writes.map(({ key, client: session }) => [key, session]));
    expect(writes.every(({ key, client: session }) => writers.get(key) === session)).toBe(true);
    const reads = facts.operations.filter(({ f }) => f === "read-replica");
    const byReplicas = reads.filter(({ node }) => roleOf(node) === "replica");
    expect(byReplicas).toEqual(reads);
    expect(reads.some(({ key, client: session }) => writers.get(key) === session)).toBe(true);
  });

  it("keeps its rate, and closes the connections of its sessions", async () => {
    const connected = async () => {
      const names = environment.topology.plan.nodes.filter(({ program }) => program === "server");
      const lists = await Promise.all(
        names.map(({ name }) => environment.admins.of(name).call(["CLIENT", "LIST", "TYPE", "normal"])),
      );
      return lists.reduce((sum: number, list) => sum + String(list).trim().split("\n").length, 0);
    };
    const before = await connected();
    let during = 0;
    const { facts } = await play(
      counter,
      { sessions: 2, perSecond: 20 },
      {
        atLeast: 30,
        meanwhile: async () => {
          during = await connected();
        },
      },
    );
    expect(during).toBeGreaterThanOrEqual(before + 2);
    await until("the sessions' connections to be closed", async () => {
      const now = await connected();
      return now <= before || `${now}, ${before} before`;
    });
    const own = facts.operations.filter((one) => one.client === "counter-1");
    const seconds = ((own.at(-1)?.invokedAt ?? 0) - (own[0]?.invokedAt ?? 0)) / 1e9;
    expect((own.length - 1) / seconds).toBeLessThan(21);
  });
});

describe("where the primary stands still", { timeout: 30_000 }, () => {
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

  /**
   * Pauses the primary until what was sent to it has had no answer for several deadlines, and ends the workload later.
   */
  async function paused(workload: Workload, given: object) {
    const options = { sessions: 2, deadlineMs: 100, ...given };
    const random = seededRandom(nextSeed());
    const started = await startWorkload(environment, client, workload, options, { random });
    const { context, operations } = started;
    try {
      await until("operations", async () => operations().length > 10 || `${operations().length}`);
      await environment.topology.pause("primary");
      const pausedAt = context.log.now();
      await until("operations without an answer, for several deadlines", async () => {
        const unanswered = operations().filter(({ outcome }) => outcome === "info").length;
        return (unanswered >= 2 && context.log.now() - pausedAt > 400e6) || `${unanswered}`;
      });
    } finally {
      await environment.topology.resume("primary");
    }
    const resumedAt = context.log.now();
    await until("an answer", async () => {
      const answered = operations().some(
        ({ outcome, completedAt = 0 }) => outcome === "ok" && completedAt > resumedAt,
      );
      return answered || `${operations().length} operations`;
    });
    await started.end();
    return await inspected(environment, started);
  }

  it.each([
    [counter, counterChecker],
    [append, appendChecker],
  ])(
    "$name sends nothing twice: what was not answered ends unknown, done or not",
    async (workload, checker) => {
      const facts = await paused(workload as Workload, {});
      expect(facts.operations.some(({ outcome }) => outcome === "info")).toBe(true);
      expect(checker.check(facts)).toMatchObject({ verdict: "pass" });
    },
  );

  it.each([
    [counter, counterChecker, "counted-twice"],
    [append, appendChecker, "duplicated-elements"],
  ] as const)(
    "$name with resend does twice what it counts once, and its checker says so",
    async (workload, checker, reason) => {
      const facts = await paused(workload as Workload, { resend: true });
      expect(facts.operations.some(({ outcome, attempts }) => outcome === "ok" && attempts > 1)).toBe(true);
      expect(checker.check(facts)).toMatchObject({ verdict: "fail", evidence: { reason } });
    },
  );

  it("counts an increment only if as many replicas confirm it as the drill asks", async () => {
    const given = { sessions: 2, deadlineMs: 300, perSecond: 10 };
    const { context, endsSince, end } = await startWorkload(environment, client, counter, given, {
      waitReplicas: 1,
    });
    const two = (how: string, since: number) =>
      until(`two increments to end ${how}`, async () => {
        const seen = endsSince(since);
        return seen.filter((one) => one === how).length >= 2 || seen.slice(-5).join(", ");
      });
    try {
      await two("ok", 0);
      await environment.topology.pause("replica-1");
      const pausedAt = context.log.now();
      await two("info NOT-REPLICATED", pausedAt);
      expect(endsSince(pausedAt)).not.toContain("ok");
    } finally {
      await environment.topology.resume("replica-1");
      await end();
    }
  });

  it("a session that cannot connect breaks the workload, and the others are closed", async () => {
    const closed: string[] = [];
    let connects = 0;
    const { context } = await workloadOn(environment, client, {
      connect: async () => {
        connects += 1;
        if (connects === 2) throw new Error("no server answers");
        return { ...client, close: async () => void closed.push("closed") };
      },
    });
    await expect(counter.run(context, counter.options.parse({ sessions: 3 }))).rejects.toThrow(
      "no server answers",
    );
    expect(closed).toHaveLength(2);
  });
});
