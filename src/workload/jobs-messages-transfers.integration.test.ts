import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { z } from "zod";
import { seededRandom } from "../base/random.ts";
import type { Checker } from "../check/checker.ts";
import { type Facts, factsOf } from "../check/facts.ts";
import { pubsub as pubsubChecker } from "../check/pubsub.ts";
import { queue as queueChecker } from "../check/queue.ts";
import { transaction as transactionChecker } from "../check/transaction.ts";
import type { DrillClient } from "../client/client.ts";
import type { ClientLibrary } from "../libraries/library.ts";
import { DEFAULT_LIBRARY, LIBRARIES } from "../libraries/registry.ts";
import { availability } from "../model/availability.ts";
import { inspect } from "../observe/inspect.ts";
import { viewNow } from "../observe/status.ts";
import {
  type TestEnvironment,
  testEnvironment,
  until,
  workloadOn,
} from "../session/environment.test-data.ts";
import { pubsub } from "./pubsub.ts";
import { queue } from "./queue.ts";
import { transaction } from "./transaction.ts";
import type { Workload } from "./workload.ts";

/* Transfers, jobs and messages by every client library on real servers, and what their checkers make of them. */

let environment: TestEnvironment;
let seed = 0;

/** Starts the workload by that library; `stop` ends it, and looks at the servers. */
async function begin<Options>(
  workload: Workload<string, z.ZodType<Options>>,
  given: object,
  library: ClientLibrary,
) {
  seed += 1; // each run has keys of its own
  const stop = new AbortController();
  const client: DrillClient = await environment.connect({}, library);
  const { context, history } = await workloadOn(environment, client, {
    signal: stop.signal,
    random: seededRandom(seed),
    connect: (options) => environment.connect(options, library),
    subscribe: (to) => environment.subscribe(to, library),
  });
  const running = workload.run(context, workload.options.parse(given));
  running.catch(() => {}); // told by `stop`
  return {
    facts: () => factsOf(history()),
    stop: async (): Promise<Facts> => {
      stop.abort();
      await running;
      await client.close();
      const { plan } = environment.topology;
      const view = await viewNow(plan, environment.admins);
      await inspect(plan, view, environment.admins, context.log.toRead, context.log);
      return factsOf(history());
    },
  };
}

/** Runs it until so much was seen, and nothing went wrong. */
async function play<Options>(
  workload: Workload<string, z.ZodType<Options>>,
  given: object,
  library: ClientLibrary,
  seen: (facts: Facts) => number,
  atLeast: number,
): Promise<Facts> {
  const playing = await begin(workload, given, library);
  await until(`${atLeast} to be seen`, async () => {
    const now = seen(playing.facts());
    return now >= atLeast || `${now}`;
  });
  return playing.stop();
}

const judged = (checker: Checker, facts: Facts) => ({
  ...checker.check(facts),
  unmet: checker
    .requires(facts)
    .filter(({ met }) => !met)
    .map(({ reason }) => reason),
});
const transfers = (facts: Facts) =>
  facts.operations.filter(({ f, result }) => f === "transfer" && result === "done").length;
const runs = (facts: Facts) => facts.observations("job-run").length;
const heard = (facts: Facts) => facts.observations("message-heard").length;
const jobsLeft = (facts: Facts) => [...facts.finalLists.values()].flat().length;

describe.each([
  { kind: "ha", replicas: 1, sentinels: 1, downAfterMs: 600_000 },
  { kind: "cluster", shards: 2, replicas: 0, nodeTimeoutMs: 60_000 },
] as const)("on $kind", { timeout: 60_000 }, (spec) => {
  beforeAll(async () => {
    environment = await testEnvironment(spec);
  }, 60_000);
  afterAll(() => environment?.close());
  const libraries = [...LIBRARIES.values()].filter(({ supports }) => supports[spec.kind] === true);

  describe.each(libraries.map((one) => [one.name, one] as const))("by %s", (name, library) => {
    const gate = name === DEFAULT_LIBRARY ? [] : ["long"]; // what others do differently, their own tests show
    it.runIf(library.abilities?.pin === true)(
      "transfers exclude each other, and the sum holds",
      { tags: gate },
      async () => {
        const given = { accounts: 3, sessions: 3, perSecond: 100, banks: 2 };
        const facts = await play(transaction, given, library, transfers, 60);
        expect(judged(transactionChecker, facts)).toMatchObject({
          verdict: "pass",
          unmet: [],
          evidence: { missing: 0 },
        });
        expect(facts.operations.filter(({ outcome }) => outcome !== "ok")).toEqual([]);
        const ledgers = [...facts.finalLists].filter(([key]) => key.endsWith(":ledger"));
        expect(ledgers.flatMap(([, lines]) => lines)).toHaveLength(transfers(facts));
      },
    );

    it.each([{ kind: "list", take: "move" }, { kind: "list", take: "pop" }, { kind: "stream" }])(
      "each job is done once, and none is left: $kind $take",
      { tags: gate },
      async (how) => {
        const given = { ...how, queues: 2, perSecond: 50, workMs: 1, blockMs: 50 };
        const facts = await play(queue, given, library, runs, 40);
        const found = judged(queueChecker, facts);
        expect(found).toMatchObject({ verdict: "pass", unmet: [] });
        expect(found.evidence).toMatchObject({ missing: 0, handedOut: 0, doneTwice: 0, waiting: 0 });
        expect(new Set(facts.observations("job-run").map(({ worker }) => worker)).size).toBeGreaterThan(1);
        expect(facts.operations.filter(({ outcome }) => outcome !== "ok")).toEqual([]);
        if (how.kind === "list") expect(jobsLeft(facts)).toBe(0);
      },
    );

    const sharded = spec.kind === "cluster" && library.abilities?.["subscribe-sharded"] === true;
    const ways = sharded ? [false, true] : [false];
    it.each(ways)(
      "every subscriber hears every message once; sharded: %s",
      { tags: gate },
      async (sharded) => {
        const facts = await play(pubsub, { sharded, channels: 3, perSecond: 50 }, library, heard, 100);
        const found = judged(pubsubChecker, facts);
        expect(found).toMatchObject({ verdict: "pass", unmet: [] });
        expect(found.evidence).toMatchObject({ missed: 0, heardTwice: 0 });
        const sent = facts.operations.filter(({ f }) => f === "publish").length;
        expect(found.evidence.heard).toBe(3 * sent);
        const [served] = facts.observations("subscriptions-served");
        expect(served?.nodes.reduce((sum, { subscriptions }) => sum + (subscriptions ?? 0), 0)).toBe(9);
      },
    );
  });
});

describe("where something goes wrong", { timeout: 60_000 }, () => {
  const [, library] = [...LIBRARIES].find(([name]) => name === DEFAULT_LIBRARY) ?? expect.fail("no library");
  beforeAll(async () => {
    environment = await testEnvironment({ kind: "ha", replicas: 1, sentinels: 1, downAfterMs: 600_000 });
  }, 60_000);
  afterAll(() => environment?.close());

  it("transfers that watch nothing overwrite each other", async () => {
    const given = { accounts: 2, sessions: 6, perSecond: 200, guard: "none" };
    const facts = await play(transaction, given, library, transfers, 200);
    expect(judged(transactionChecker, facts)).toMatchObject({
      verdict: "fail",
      evidence: { reason: "lost-update", conflicts: 0 },
    });
  });

  /** Runs it while the primary stands still, until several calls of workers were not answered, and a while after. */
  async function paused(given: object): Promise<Facts> {
    const playing = await begin(queue, { ...SLOW, ...given }, library);
    const unanswered = () =>
      playing
        .facts()
        .operations.filter(({ client, outcome }) => client.startsWith("worker") && outcome === "info").length;
    await until("a backlog", async () => runs(playing.facts()) >= 10 || `${runs(playing.facts())} done`);
    await environment.topology.pause("primary");
    try {
      await until("calls without an answer", async () => unanswered() >= 6 || `${unanswered()}`);
    } finally {
      await environment.topology.resume("primary");
    }
    const before = runs(playing.facts());
    await until(
      "jobs after that",
      async () => runs(playing.facts()) > before + 10 || `${runs(playing.facts()) - before}`,
    );
    return playing.stop();
  }
  /** Jobs come faster than they are done, so there are always some to hand out. */
  const SLOW = { producers: 2, workers: 2, perSecond: 50, workMs: 40, blockMs: 50, deadlineMs: 100 };

  it("a job that is popped by a call that nobody waits for any more is gone, and told as that", async () => {
    const found = judged(queueChecker, await paused({ kind: "list", take: "pop" }));
    expect(found).toMatchObject({ verdict: "pass", evidence: { missing: 0 } });
    expect(found.evidence.handedOut).toBeGreaterThan(0);
  });

  it.each([
    { kind: "list", take: "move" },
    { kind: "stream", claimAfterMs: 300 },
  ])("no job is gone where the worker has it on a list, or it is pending: $kind", async (given) => {
    const found = judged(queueChecker, await paused(given));
    expect(found).toMatchObject({ verdict: "pass", evidence: { missing: 0, handedOut: 0 } });
  });

  it("a job on a stream that takes longer than it may is done twice", async () => {
    const given = { kind: "stream", workers: 2, workMs: 300, claimAfterMs: 20, blockMs: 20, perSecond: 1 };
    const twice = (facts: Facts) =>
      runs(facts) - new Set(facts.observations("job-run").map(({ job }) => job)).size;
    const found = judged(queueChecker, await play(queue, given, library, twice, 1));
    expect(found).toMatchObject({ verdict: "pass", evidence: { missing: 0 } });
    expect(found.evidence.doneTwice).toBeGreaterThan(0);
  });

  it("a subscriber whose subscription is gone misses what follows, by the servers' own account as well", async () => {
    const subscriptions: { close(): Promise<void> }[] = [];
    const client = await environment.connect({}, library);
    const stop = new AbortController();
    const { context, history } = await workloadOn(environment, client, {
      signal: stop.signal,
      subscribe: async (to) => {
        const subscription = await environment.subscribe(to, library);
        subscriptions.push(subscription);
        return subscription;
      },
    });
    const running = pubsub.run(context, pubsub.options.parse({ subscribers: 2, channels: 1, perSecond: 50 }));
    const facts = () => factsOf(history());
    await until("messages", async () => heard(facts()) >= 20 || `${heard(facts())}`);
    await subscriptions[0]?.close();
    const before = heard(facts());
    await until(
      "messages after that",
      async () => heard(facts()) >= before + 120 || `${heard(facts()) - before}`,
    );
    stop.abort();
    await running;
    await client.close();
    const found = judged(pubsubChecker, facts());
    expect(found.verdict).not.toBe("pass");
    expect(["silence-not-watched", "silent-subscriber"]).toContain(found.evidence.reason);
    expect(found.evidence.notes).toContainEqual(expect.stringContaining("primary had 1 subscription,"));
  });

  it("a library that pins no connection is refused before anything starts", () => {
    const glide = LIBRARIES.get("glide") ?? expect.fail("no GLIDE");
    const refused = availability("transaction", transaction as Workload, { options: {}, client: glide });
    expect(refused).toMatchObject({
      available: false,
      reason: expect.stringContaining("transaction cannot be used with glide: it cannot keep WATCH and EXEC"),
    });
    const sharded = availability("pubsub", pubsub as Workload, {
      options: pubsub.options.parse({ sharded: true }),
      client: LIBRARIES.get("iovalkey"),
    });
    expect(sharded).toMatchObject({
      available: false,
      reason: expect.stringContaining("cannot keep a subscription"),
    });
    const here = availability("pubsub", pubsub as Workload, { options: { sharded: true }, topology: "ha" });
    expect(here).toMatchObject({
      available: false,
      reason: "pubsub: sharded: channels have shards in a cluster only",
    });
  });
});
