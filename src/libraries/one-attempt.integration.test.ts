import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { seededRandom } from "../base/random.ts";
import { inRanges, keyInRanges, keySlot } from "../base/slots.ts";
import type { DrillClient } from "../client/client.ts";
import { classifyError } from "../client/errors.ts";
import { awaitFindable } from "../driver/ready.ts";
import type { TopologyKind } from "../model/plan.ts";
import { type TestEnvironment, testEnvironment, until } from "../session/environment.test-data.ts";
import { parseClusterNodes, parseCounters } from "../valkey/replies.ts";
import type { ClientLibrary } from "./library.ts";
import { LIBRARIES } from "./registry.ts";

/*
 * What every registered library must hold to, against real servers: a primary with two replicas and three Sentinels,
 * and a cluster of three shards. The libraries share them, one after the other.
 */

const MS = 5000;
let environment: TestEnvironment;
let client: DrillClient;

/** The one end that a call may have: its class and outcome, `ok` with its value. */
const endOf = (call: Promise<unknown>) =>
  call.then(
    (value) => ({ outcome: "ok" as const, class: "OK", value }),
    (error: unknown) => classifyError(error),
  );

const supporting = (kind: TopologyKind) =>
  [...LIBRARIES.values()]
    .filter(({ supports }) => supports[kind] === true)
    .map((library): [string, ClientLibrary] => [library.name, library]);

/** Starts the topology for all, and a client for each of them. */
function on(
  spec: { kind: TopologyKind; replicas?: number; sentinels?: number },
  tests: (name: string, library: ClientLibrary) => void,
): void {
  beforeAll(async () => {
    environment = await testEnvironment(spec);
  }, 60_000);
  afterAll(() => environment?.close());

  describe.each(supporting(spec.kind))("%s", (name, library) => {
    beforeAll(async () => {
      // Not every library looks at the slot map again: it must find all replicas in it, also at a node that was started
      // anew.
      await awaitFindable(environment.topology.plan, environment.admins, { timeoutMs: 20_000 });
      client = await environment.connect({}, library);
    }, 60_000);
    afterAll(() => client?.close());
    tests(name, library);
  });
}

const HA = { kind: "ha", replicas: 2, downAfterMs: 600_000 } as const;

describe("through Sentinel", { timeout: 60_000 }, () =>
  on(HA, (name, library) => {
    it("writes and reads at the primary", async () => {
      expect(await client.call(["SET", "a", "1"], MS)).toBe("OK");
      expect(await client.call(["GET", "a"], MS)).toBe("1");
      expect(await environment.admins.of("primary").call(["GET", "a"])).toBe("1");
      expect(await client.call(["GET", "none"], MS)).toBeNull();
    });

    it("reads from a replica, by that server's own count", async () => {
      await client.callAndWait(["SET", "b", "2"], { replicas: 2, waitMs: MS }, MS);
      const counted = async (node: string) =>
        parseCounters(await environment.admins.of(node).call(["INFO", "commandstats"])).cmdstat_get ?? 0;
      const atPrimary = await counted("primary");
      const atReplicas = (await counted("replica-1")) + (await counted("replica-2"));
      for (let n = 0; n < 10; n += 1) expect(await client.callReplica(["GET", "b"], MS)).toBe("2");
      expect(await counted("primary")).toBe(atPrimary);
      expect((await counted("replica-1")) + (await counted("replica-2"))).toBe(atReplicas + 10);
    });

    it("cannot write at a replica: it was refused, so it surely did not happen", async () => {
      expect(await endOf(client.callReplica(["SET", "c", "3"], MS))).toMatchObject({
        class: "READONLY",
        outcome: "fail",
      });
    });

    it("tells the server's refusals from errors that nobody knows", async () => {
      await client.call(["SET", "text", "x"], MS);
      expect(await endOf(client.call(["LPUSH", "text", "1"], MS))).toMatchObject({ class: "WRONGTYPE" });
      expect(await endOf(client.call(["NOSUCHCOMMAND"], MS))).toMatchObject({ class: "UNKNOWN-COMMAND" });
      expect(await endOf(client.call(["INCR", "text"], MS))).toMatchObject({
        class: "UNKNOWN",
        outcome: "info",
      });
    });

    it("confirms a write by as many replicas as have it", async () => {
      const all = await client.callAndWait(["SET", "w", "1"], { replicas: 2, waitMs: MS }, MS);
      expect(all).toEqual({ reply: "OK", confirmed: 2 });
    });

    it("confirms fewer when a replica stands still, though the write is done", async () => {
      await environment.topology.pause("replica-1");
      try {
        const some = await client.callAndWait(["SET", "w", "2"], { replicas: 2, waitMs: 300 }, MS);
        expect(some).toEqual({ reply: "OK", confirmed: 1 });
        expect(await environment.admins.of("primary").call(["GET", "w"])).toBe("2");
      } finally {
        await environment.topology.resume("replica-1");
      }
    });

    it(
      "times out on a primary that stands still, and that is info: the write comes through when " +
        "it wakes",
      async () => {
        await environment.topology.pause("primary");
        try {
          const end = await endOf(client.call(["SET", `${name}:late`, "1"], 200));
          expect(end).toMatchObject({ class: "TIMEOUT", outcome: "info" });
        } finally {
          await environment.topology.resume("primary");
        }
        await until("the timed-out write to be applied", async () => {
          return (
            (await environment.admins.of("primary").call(["GET", `${name}:late`])) === "1" || "not there"
          );
        });
      },
    );

    it("never says ok while the primary is dead, and writes again once it is back", async () => {
      const inFlight = Array.from({ length: 50 }, (_, n) =>
        endOf(client.call(["SET", `${name}:flight:${n}`, "1"], 1000)),
      );
      await environment.topology.kill("primary");
      await Promise.all(inFlight); // whatever became of these, each has ended
      const dead = await Promise.all(
        Array.from({ length: 50 }, (_, n) => endOf(client.call(["SET", `${name}:dead:${n}`, "1"], 1000))),
      );
      for (const end of dead) {
        expect(["fail", "info"]).toContain(end.outcome);
        if (end.outcome === "fail")
          expect(["NOT-CONNECTED", "ECONNREFUSED", "NO-SENTINEL", "NOT-DONE"]).toContain(end.class);
      }
      await environment.topology.start("primary");
      await until("the client to write again", async () => {
        const end = await endOf(client.call(["SET", "back", "1"], 1000));
        return end.outcome === "ok" || end.class;
      });
      // What was called fail is not there: that is what fail means.
      const refused = dead.flatMap((end, n) => (end.outcome === "fail" ? [`${name}:dead:${n}`] : []));
      expect(refused.length).toBeGreaterThan(0);
      expect(await environment.admins.of("primary").call(["EXISTS", ...refused])).toBe(0);
    });

    it("says what it saw last when it cannot connect in time", async () => {
      const nobody = {
        kind: "ha",
        sentinels: [{ host: "127.0.0.1", port: 1 }],
        group: "drill",
        data: [],
      } as const;
      await expect(library.connect({ target: nobody, random: seededRandom(1) }, 300)).rejects.toThrow(
        /not ready within 300 ms; last seen: .+/,
      );
    });
  }),
);

describe("through Sentinel, to a primary without replicas", { timeout: 60_000 }, () =>
  on({ kind: "ha", replicas: 0, sentinels: 1 }, () => {
    it("connects, writes and reads; a read from a replica surely does not happen", async () => {
      expect(await client.call(["SET", "a", "1"], MS)).toBe("OK");
      expect(await client.call(["GET", "a"], MS)).toBe("1");
      expect(await endOf(client.callReplica(["GET", "a"], 1000))).toMatchObject({ outcome: "fail" });
    });
  }),
);

const CLUSTER = { kind: "cluster", shards: 3, replicas: 1, nodeTimeoutMs: 60_000 } as const;

describe("in a cluster", { timeout: 60_000 }, () =>
  on(CLUSTER, (name, library) => {
    const keyOf = (shard: number) =>
      keyInRanges("k", environment.topology.plan.shards[shard - 1]?.slots ?? []);

    it("writes each key to the primary of its slot, without redirects", async () => {
      for (const { shard, primary } of environment.topology.plan.shards) {
        expect(await client.call(["SET", keyOf(shard), `at ${primary}`], MS)).toBe("OK");
        expect(await environment.admins.of(primary).call(["GET", keyOf(shard)])).toBe(`at ${primary}`);
        expect(await client.call(["get", keyOf(shard)], MS)).toBe(`at ${primary}`);
      }
      const none = library.tells.redirects ? 0 : null;
      expect(client.redirects()).toEqual({ moved: none, ask: none });
    });

    it("reads from the replica of the slot, once it knows it", async () => {
      for (const { shard, primary, replicas } of environment.topology.plan.shards) {
        const gets = async (node = "") =>
          parseCounters(await environment.admins.of(node).call(["INFO", "commandstats"])).cmdstat_get ?? 0;
        await client.callAndWait(["SET", keyOf(shard), "x"], { replicas: 1, waitMs: MS }, MS);
        const readAt = async () => {
          const before = [await gets(primary), await gets(replicas[0])];
          expect(await client.callReplica(["GET", keyOf(shard)], MS)).toBe("x");
          return [(await gets(primary)) - (before[0] ?? 0), (await gets(replicas[0])) - (before[1] ?? 0)];
        };
        await until(`reads of shard ${shard} to go to its replica`, async () => {
          const [atPrimary, atReplica] = await readAt();
          return (
            (atPrimary === 0 && atReplica === 1) || `${atPrimary} at the primary, ${atReplica} at the replica`
          );
        });
      }
    });

    it("confirms a write by the replica of its shard, and by no more than are alive", async () => {
      const wait = { replicas: 2, waitMs: 300 };
      expect(await client.callAndWait(["SET", keyOf(2), "1"], wait, MS)).toEqual({
        reply: "OK",
        confirmed: 1,
      });
      await environment.topology.pause("node-5");
      try {
        expect(await client.callAndWait(["SET", keyOf(2), "2"], wait, MS)).toEqual({
          reply: "OK",
          confirmed: 0,
        });
      } finally {
        await environment.topology.resume("node-5");
      }
    });

    it("replies as in RESP2, whatever the library makes of it", async () => {
      const key = (use: string) => `{${keyOf(1).slice(1, -1)}}:${use}:${name}`;
      const replies: [command: string[], reply: unknown][] = [
        [["ZADD", key("z"), "1", "one", "2.5", "two"], 2],
        [["ZINCRBY", key("z"), "4", "one"], "5"],
        [["ZSCORE", key("z"), "two"], "2.5"],
        [["INCRBYFLOAT", key("n"), "0.5"], "0.5"],
        [["XADD", key("x"), "1-1", "event", "begun", "by", "me"], "1-1"],
        [["XADD", key("x"), "2-1", "event", "ended"], "2-1"],
        [
          ["XRANGE", key("x"), "-", "+"],
          [
            ["1-1", ["event", "begun", "by", "me"]],
            ["2-1", ["event", "ended"]],
          ],
        ],
        [["XRANGE", key("none"), "-", "+"], []],
        [["SADD", key("s"), "a"], 1],
        [["SMEMBERS", key("s")], ["a"]],
        [["SISMEMBER", key("s"), "a"], 1],
      ];
      for (const [command, reply] of replies)
        expect(await client.call(command, MS), command.join(" ")).toEqual(reply);
    });

    it("refuses keys of several slots", async () => {
      expect(await endOf(client.call(["MGET", keyOf(1), keyOf(2)], MS))).toMatchObject({
        class: "CROSSSLOT",
        outcome: "fail",
      });
    });

    it(
      "follows MOVED, and counts as many as the servers do or tells none; one of a write with WAIT it follows, or " +
        "that is fail",
      async () => {
        const stale = await environment.connect({ refreshSlots: false }, library);
        try {
          const [one, two] = environment.topology.plan.shards;
          const slot = emptySlot(name, one?.slots ?? []);
          const onServers = async () => {
            const nodes = environment.topology.plan.nodes.map(({ name }) => name);
            const stats = await Promise.all(
              nodes.map(async (name) =>
                parseCounters(await environment.admins.of(name).call(["INFO", "errorstats"])),
              ),
            );
            return stats.reduce((sum, counters) => sum + (counters.errorstat_MOVED ?? 0), 0);
          };
          await giveSlot(slot.number, one?.primary ?? "", two?.primary ?? "");
          const before = await onServers();
          const followed = () => stale.redirects().moved;
          for (let n = 0; n < 5; n += 1)
            expect(await stale.call(["SET", `${slot.tag}:${n}`, "1"], MS)).toBe("OK");
          const moved = (await onServers()) - before;
          expect(moved).toBeGreaterThan(0);
          expect(followed()).toBe(library.tells.redirects ? moved : null);
          // Back again, behind the back of a client that has learned the other owner.
          const keys = Array.from({ length: 5 }, (_, n) => `${slot.tag}:${n}`);
          await environment.admins.of(two?.primary ?? "").call(["DEL", ...keys]);
          await giveSlot(slot.number, two?.primary ?? "", one?.primary ?? "");
          const write = stale.callAndWait(["SET", `${slot.tag}:w`, "1"], { replicas: 1, waitMs: MS }, MS);
          const end = await endOf(write);
          if (end.outcome !== "ok") expect(end).toMatchObject({ class: "MOVED", outcome: "fail" });
          if (library.tells.redirects) expect(followed()).toBe(end.outcome === "ok" ? moved + 1 : moved);
          expect(await onServers()).toBe(before + moved + 1);
        } finally {
          await stale.close();
        }
      },
    );

    it("never says ok for the shard whose primary is dead, while the others go on", async () => {
      await environment.topology.kill("node-3");
      const key = (n: number) => `{${keyOf(3).slice(1, -1)}}:${name}:${n}`;
      const ends = await Promise.all(
        Array.from({ length: 20 }, (_, n) => endOf(client.call(["SET", key(n), "1"], 1000))),
      );
      expect(ends.map(({ outcome }) => outcome)).not.toContain("ok");
      expect(await client.call(["SET", keyOf(1), "still"], MS)).toBe("OK");
      await environment.topology.start("node-3");
      await until("the client to write to shard 3 again", async () => {
        const end = await endOf(client.call(["SET", keyOf(3), "back"], 1000));
        return end.outcome === "ok" || end.class;
      });
      const refused = ends.flatMap((end, n) => (end.outcome === "fail" ? [key(n)] : []));
      if (refused.length > 0)
        expect(await environment.admins.of("node-3").call(["EXISTS", ...refused])).toBe(0);
    });
  }),
);

/** A tag whose slot lies in the ranges and that no test uses. */
function emptySlot(
  name: string,
  ranges: readonly (readonly [number, number])[],
): { tag: string; number: number } {
  for (let n = 0; ; n += 1) {
    const tag = `{moving:${name}:${n}}`;
    if (inRanges(keySlot(tag), ranges)) return { tag, number: keySlot(tag) };
  }
}

/**
 * Imported, so that the new owner takes an epoch of its own; and seen by every node, so that none sends clients back.
 */
async function giveSlot(slot: number, from: string, to: string): Promise<void> {
  const { nodes } = environment.topology.plan;
  const idOf = (wanted: string) => nodes.find(({ name }) => name === wanted)?.id ?? "";
  const setSlot = (node: string, ...args: string[]) =>
    environment.admins.of(node).call(["CLUSTER", "SETSLOT", slot, ...args]);
  await setSlot(to, "IMPORTING", idOf(from));
  await setSlot(from, "MIGRATING", idOf(to));
  await setSlot(to, "NODE", idOf(to));
  await setSlot(from, "NODE", idOf(to));
  await until("every node to know the new owner", async () => {
    const views = await Promise.all(
      nodes.map(async ({ name }) =>
        parseClusterNodes(await environment.admins.of(name).call(["CLUSTER", "NODES"])),
      ),
    );
    const owners = views.map((lines) => lines.find(({ slots }) => inRanges(slot, slots))?.id);
    return owners.every((owner) => owner === idOf(to)) || owners.join(", ");
  });
}
