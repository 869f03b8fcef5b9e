import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { factsOf } from "../check/facts.ts";
import { lock as checker } from "../check/lock.ts";
import { holdsOf } from "../check/lock-holds.ts";
import type { DrillClient } from "../client/client.ts";
import {
  startWorkload,
  type TestEnvironment,
  testEnvironment,
  until,
  workloadOn,
} from "../session/environment.test-data.ts";
import { parseInfo } from "../valkey/replies.ts";
import { lock } from "./lock.ts";

/* Sessions that compete for real locks. Nothing is broken here but, in one test, the patience of the holders. */

let environment: TestEnvironment;
let client: DrillClient;
const close = async () => {
  await client?.close();
  await environment?.close();
};

/** Runs until so many locks were granted. */
async function compete(given: object, acquisitions: number, changes: object = {}) {
  const { history, end } = await startWorkload(environment, client, lock, given, changes);
  const holds = () => holdsOf(factsOf(history()));
  await until(`${acquisitions} acquisitions`, async () => {
    const { length } = holds();
    return length >= acquisitions || `${length}`;
  });
  const facts = await end();
  return { facts, holds: holdsOf(facts), found: checker.check(facts) };
}

describe("locks in HA", { timeout: 30_000 }, () => {
  beforeAll(async () => {
    environment = await testEnvironment({ kind: "ha", replicas: 1, sentinels: 1, downAfterMs: 600_000 });
    client = await environment.connect();
  }, 60_000);
  afterAll(close);

  it("exclude each other, with tokens from 1 on, and the resource refuses nobody", async () => {
    const { facts, holds, found } = await compete({ sessions: 3, perSecond: 100, holdMs: 20 }, 20);
    expect(found).toMatchObject({ verdict: "pass" });
    expect(holds[0]?.token).toBe(1);
    expect(new Set(holds.map((hold) => hold.client)).size).toBeGreaterThan(1);
    for (const { node, heldFrom, until, believedUntil } of holds.slice(0, -1)) {
      // the last one was stopped
      expect(node).toBe("primary");
      expect(until - heldFrom).toBeGreaterThan(15e6);
      expect(until).toBeLessThan(believedUntil ?? 0); // released before its time
    }
    const uses = facts.observations("lock-use");
    expect(uses.length).toBeGreaterThan(1.5 * holds.length); // twice each, if the machine is not too busy
    expect(uses.every(({ accepted }) => accepted)).toBe(true);
    const taken = facts.operations.filter(({ f, result }) => f === "acquire" && result === null);
    expect(taken.length).toBeGreaterThan(holds.length);
    const key = holds[0]?.lock ?? "";
    await until(
      "the lock to be gone",
      async () => (await environment.admins.of("primary").call(["EXISTS", key])) === 0,
    );
  });

  it("have two holders at once if these work longer than the lock lasts, and do not look", async () => {
    const tooLong = { sessions: 3, perSecond: 100, ttlMs: 50, holdMs: 200 };
    const naive = await compete({ ...tooLong, belief: "naive" }, 6);
    expect(naive.found).toMatchObject({
      verdict: "fail",
      evidence: { reason: "two-holders", causes: ["expired"] },
    });
    // The resource kept out who came late: its token was the lower one.
    expect(naive.found.evidence.notes).toContainEqual(expect.stringContaining("the resource refused"));
    expect((await compete({ ...tooLong, belief: "ttl" }, 6)).found.verdict).toBe("pass");
  });

  it("are competed for over a new connection each time, where that is asked for", async () => {
    const connections = async () => {
      const info = parseInfo(await environment.admins.of("primary").call(["INFO", "stats"]));
      return Number(info.get("total_connections_received"));
    };
    const opened = async (given: object) => {
      const before = await connections();
      const { found, facts } = await compete({ sessions: 2, perSecond: 50, holdMs: 10, ...given }, 10);
      expect(found.verdict).toBe("pass");
      const attempts = facts.operations.filter(({ f }) => f === "acquire").length;
      return { opened: (await connections()) - before, attempts };
    };
    const lasting = await opened({});
    expect(lasting.opened).toBeLessThan(10);
    const fresh = await opened({ freshSessions: 2 });
    expect(fresh.opened).toBeGreaterThanOrEqual(fresh.attempts);
  });

  it("count only if as many replicas confirm them as the drill asks", async () => {
    const { found, facts } = await compete({ sessions: 2, perSecond: 50, holdMs: 10 }, 5, {
      waitReplicas: 1,
    });
    expect(found.verdict).toBe("pass");
    expect(facts.operations.filter(({ outcome }) => outcome !== "ok")).toEqual([]);
    const none = await workloadOn(environment, client, {
      waitReplicas: 2, // there is one
      signal: AbortSignal.timeout(500),
    });
    await lock.run(none.context, lock.options.parse({ sessions: 1, deadlineMs: 100 }));
    const tried = factsOf(none.history());
    expect(holdsOf(tried)).toEqual([]);
    // it may be its own: given back
    expect(tried.operations.map(({ f }) => f).slice(0, 2)).toEqual(["acquire", "release"]);
    expect(tried.operations[0]).toMatchObject({ outcome: "info" });
    expect(["NOT-REPLICATED", "TIMEOUT"]).toContain(tried.operations[0]?.error?.class);
  });

  it("refuses more fresh sessions than there are sessions", () => {
    expect(lock.options.safeParse({ sessions: 2, freshSessions: 3 }).success).toBe(false);
  });
});

describe("locks in a cluster", { timeout: 30_000 }, () => {
  beforeAll(async () => {
    environment = await testEnvironment({ kind: "cluster", shards: 3, replicas: 0 });
    client = await environment.connect();
  }, 60_000);
  afterAll(close);

  it("lie with their counters in one slot, whichever that is", async () => {
    const { found, holds } = await compete({ sessions: 4, locks: 8, perSecond: 50, holdMs: 5 }, 40);
    expect(found).toMatchObject({ verdict: "pass" });
    expect(new Set(holds.map(({ node }) => node)).size).toBeGreaterThan(1);
  });
});
