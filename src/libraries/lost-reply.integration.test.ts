import { Valkey } from "iovalkey";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { keyInRanges } from "../base/slots.ts";
import { classifyError } from "../client/errors.ts";
import type { TopologyKind } from "../model/plan.ts";
import { targetOf } from "../session/client-target.ts";
import { type TestEnvironment, testEnvironment, until } from "../session/environment.test-data.ts";
import { parseCounters } from "../valkey/replies.ts";
import type { ClientLibrary } from "./library.ts";
import { LIBRARIES } from "./registry.ts";

/*
 * A write whose reply is lost must not be sent again. A server that stands still is sent increments, and after them the order to close
 * those connections. When it wakes up it does both, and the replies are never written: whoever sends again counts twice.
 */

const SPECS = {
  ha: { kind: "ha", replicas: 1, downAfterMs: 600_000 },
  cluster: { kind: "cluster", shards: 3, replicas: 1, nodeTimeoutMs: 60_000 },
} as const;
const MANY = 50;
/** The server may close the connections before it reads what came over them: then it is tried again. */
const MOST_ROUNDS = 10;

describe.each(["ha", "cluster"] as const)("on %s", { timeout: 60_000 }, (kind: TopologyKind) => {
  let environment: TestEnvironment;
  let primary: string;
  let counterOf: (name: string) => string;
  beforeAll(async () => {
    environment = await testEnvironment(SPECS[kind]);
    const [shard] = environment.topology.plan.shards;
    primary = shard?.primary ?? "primary";
    const tag = shard ? keyInRanges("k", shard.slots) : "";
    counterOf = (name) => `${tag}${name}`;
  }, 60_000);
  afterAll(() => environment?.close());

  const read = async (counter: string) =>
    Number((await environment.admins.of(primary).call(["GET", counter])) ?? 0);
  const increments = async () =>
    parseCounters(await environment.admins.of(primary).call(["INFO", "commandstats"])).cmdstat_incr ?? 0;

  /** Sends many, and sees to it that no reply comes. */
  const losingReplies = async <T>(send: () => Promise<T>): Promise<T[]> => {
    await environment.topology.pause(primary);
    const sent = Array.from({ length: MANY }, send);
    for (let turns = 0; turns < 5; turns += 1) await new Promise(setImmediate); // it is in the socket now
    const killed = environment.admins.of(primary).call(["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"]);
    for (let turns = 0; turns < 5; turns += 1) await new Promise(setImmediate);
    await environment.topology.resume(primary);
    await killed;
    return Promise.all(sent);
  };

  const libraries = [...LIBRARIES.values()].filter(({ supports }) => supports[kind] === true);
  it.each(libraries.map((library): [string, ClientLibrary] => [library.name, library]))(
    "%s sends a write once, by the server's own count as well",
    async (name, library) => {
      const client = await environment.connect({}, library);
      try {
        const counter = counterOf(name);
        const again = () =>
          until("the client to write", async () => {
            const end = await client.call(["SET", counterOf("again"), "1"], 1000).catch(String);
            return end === "OK" || String(end);
          });
        await again(); // it has a connection now
        const before = await increments();
        const ends: string[] = [];
        const count = (outcome: string) => ends.filter((end) => end === outcome).length;
        for (let round = 0; round < MOST_ROUNDS && count("info") === 0; round += 1) {
          const call = () => client.call(["INCR", counter], 3000);
          ends.push(
            ...(await losingReplies(() =>
              call().then(
                () => "ok",
                (error: unknown) => classifyError(error).outcome,
              ),
            )),
          );
          await again();
        }
        const value = await read(counter);
        expect(value).toBeGreaterThanOrEqual(count("ok"));
        expect(value).toBeLessThanOrEqual(count("ok") + count("info"));
        expect((await increments()) - before).toBe(value);
        expect(count("info")).toBeGreaterThan(0); // otherwise no reply was lost, and nothing was tried
      } finally {
        await client.close();
      }
    },
  );

  it.runIf(kind === "ha")("a library that is left alone sends twice", async () => {
    const target = targetOf(environment.topology.plan);
    if (target.kind !== "ha") throw new Error("no Sentinels");
    const client = new Valkey({ sentinels: [...target.sentinels], name: target.group });
    client.on("error", () => {});
    try {
      await client.ping();
      const counter = counterOf("left alone");
      let sent = 0;
      while (sent < MOST_ROUNDS * MANY && (await read(counter)) === sent)
        sent += (await losingReplies(() => client.incr(counter))).length;
      expect(await read(counter)).toBeGreaterThan(sent);
    } finally {
      client.disconnect();
    }
  });
});
