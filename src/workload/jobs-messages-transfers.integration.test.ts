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
import { LIBRARIES } from "../libraries/registry.ts";
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

  describe.each(libraries.map((one) => [one.name, one] as const))("by %s", (_, library) => {
    it.runIf(library.abilities?.pin === true)("transfers exclude each other, and the sum holds", async () => {
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
    });

    it.each([{ kind: "list", take: "move" }, { kind: "list", take: "pop" }, { kind: "stream" }])(
      "each job is done once, and none is left: $kind $take",
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

    it.each([false, true])("every subscriber hears every message once; sharded: %s", async (sharded) => {
      if (sharded && (spec.kind === "ha" || library.abilities?.["subscribe-sharded"] !== true)) return;
      const facts = await play(pubsub, { sharded, channels: 3, perSecond: 50 }, library, heard, 100);
      const found = judged(pubsubChecker, facts);
      expect(found).toMatchObject({ verdict: "pass", unmet: [] });
      expect(found.evidence).toMatchObject({ missed: 0, heardTwice: 0 });
      const sent = facts.operations.filter(({ f }) => f === "publish").length;
      expect(found.evidence.heard).toBe(3 * sent);
      const [served] = facts.observations("subscriptions-served");
      expect(served?.nodes.reduce((sum, { subscriptions }) => sum + (subscriptions ?? 0), 0)).toBe(9);
    });
  });
});
