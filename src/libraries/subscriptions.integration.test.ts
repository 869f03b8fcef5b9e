import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DrillClient, PinnedConnection } from "../client/client.ts";
import { NotDoneError } from "../client/errors.ts";
import { awaitFindable } from "../driver/ready.ts";
import type { TopologyKind } from "../model/plan.ts";
import { type TestEnvironment, testEnvironment, until } from "../session/environment.test-data.ts";
import type { ClientLibrary } from "./library.ts";
import { LIBRARIES } from "./registry.ts";

/*
 * What workloads ask of a library beyond single calls, against real servers: a subscription that comes back by itself,
 * and a connection that is never replaced unseen.
 */

const MS = 5000;
let environment: TestEnvironment;

const supporting = (kind: TopologyKind) =>
  [...LIBRARIES.values()]
    .filter(({ supports }) => supports[kind] === true)
    .map((library): [string, ClientLibrary] => [library.name, library]);

const dataNodes = () => environment.topology.plan.nodes.filter(({ program }) => program === "server");

/** Ends connections at all data nodes, as a server does that loses its place. */
async function dropConnections(type: "pubsub" | "normal"): Promise<void> {
  await Promise.all(
    dataNodes().map(({ name }) =>
      environment.admins.of(name).call(["CLIENT", "KILL", "TYPE", type, "SKIPME", "yes"]),
    ),
  );
}

async function pinned(client: DrillClient, key: string): Promise<PinnedConnection> {
  const connection = await client.pinned?.(key, MS);
  return connection ?? expect.fail("it pins nothing");
}

describe.each([
  { kind: "ha", replicas: 1, sentinels: 1, downAfterMs: 600_000 },
  { kind: "cluster", shards: 2, replicas: 0, nodeTimeoutMs: 60_000 },
] as const)("on $kind", { timeout: 60_000 }, (spec) => {
  beforeAll(async () => {
    environment = await testEnvironment(spec);
    if (spec.kind === "cluster")
      await awaitFindable(environment.topology.plan, environment.admins, { timeoutMs: 20_000 });
  }, 60_000);
  afterAll(() => environment?.close());

  describe.each(supporting(spec.kind))("%s", (name, library) => {
    const pins = library.abilities?.pin === true;

    it.each([
      ["classic", false],
      ["sharded", true],
    ] as const)(
      "hears each message, and goes on after its connections were lost: %s",
      async (kind, sharded) => {
        if (sharded && (spec.kind === "ha" || library.abilities?.["subscribe-sharded"] !== true)) return;
        const channels = ["a", "b", "c"].map((one) => `${name}:${kind}:${one}`);
        const heard: string[] = [];
        const subscription = await environment.subscribe(
          { channels, sharded, onMessage: (channel, message) => heard.push(`${channel} ${message}`) },
          library,
        );
        const publisher = await environment.connect();
        const publish = (message: string) =>
          Promise.all(
            channels.map((channel) =>
              publisher.call([sharded ? "SPUBLISH" : "PUBLISH", channel, message], MS),
            ),
          );
        const all = (message: string) => channels.map((channel) => `${channel} ${message}`);
        try {
          await publish("first");
          await until("the first messages", async () => heard.length >= 3 || heard.join());
          expect(heard.toSorted()).toEqual(all("first"));
          await dropConnections("pubsub");
          let sent = 0;
          await until("each channel to be heard again", async () => {
            sent += 1;
            await publish(`again-${sent}`);
            await new Promise((resolve) => setTimeout(resolve, 50));
            const again = heard.slice(3);
            return channels.every((one) => again.some((line) => line.startsWith(one))) || again.join();
          });
        } finally {
          await subscription.close();
          await publisher.close();
        }
      },
    );

    it.runIf(pins)("does a transaction over one connection, and nothing over the next one", async () => {
      const client = await environment.connect({}, library);
      const [key, other] = [`{pin}:${name}`, `{pin}:${name}:other`];
      try {
        await client.call(["MSET", key, "1", other, "2"], MS);
        const connection = await pinned(client, key);
        expect(
          await connection.send(
            [
              ["WATCH", key],
              ["MGET", key, other],
            ],
            MS,
          ),
        ).toEqual(["OK", ["1", "2"]]);
        const move = [["MULTI"], ["SET", key, "3"], ["SET", other, "0"], ["EXEC"]];
        let node: string | undefined;
        const ends = await connection.send(move, MS, (address) => {
          node = address;
        });
        expect(ends).toEqual(["OK", "QUEUED", "QUEUED", ["OK", "OK"]]);
        expect(dataNodes().map(({ endpoint }) => `${endpoint.host}:${endpoint.port}`)).toContain(node);

        await connection.send([["WATCH", key]], MS);
        await client.call(["SET", key, "4"], MS); // over the same connection: what is watched has changed all the same
        expect((await connection.send(move, MS)).at(-1)).toBeNull();

        await connection.send([["WATCH", key]], MS);
        await dropConnections("normal");
        await until(
          "the client to be back",
          async () => (await client.call(["GET", key], MS).catch(String)) === "4" || "not",
        );
        await expect(connection.send(move, MS)).rejects.toBeInstanceOf(NotDoneError);
        expect(await client.call(["GET", key], MS)).toBe("4");
      } finally {
        await client.close();
      }
    });
  });
});

describe("what keeps a library from some workloads", { timeout: 60_000 }, () => {
  beforeAll(async () => {
    environment = await testEnvironment({ kind: "cluster", shards: 2, replicas: 0, nodeTimeoutMs: 60_000 });
  }, 60_000);
  afterAll(() => environment?.close());

  it("GLIDE does a transaction though the connection that watched its key is gone", async () => {
    const { ClusterBatch, GlideClusterClient } = await import("@valkey/valkey-glide");
    const [, glide] = supporting("cluster").find(([name]) => name === "glide") ?? expect.fail("no GLIDE");
    const other = await environment.connect({}, glide); // turns its log off
    const addresses = dataNodes().map(({ endpoint: { host, port } }) => ({ host, port }));
    const client = await GlideClusterClient.createClient({ addresses });
    try {
      await client.watch(["{watched}"]);
      await other.call(["SET", "{watched}", "changed"], MS);
      const guarded = new ClusterBatch(true).set("{watched}", "mine");
      expect(await client.exec(guarded, true)).toBeNull(); // as it should be
      await client.watch(["{watched}"]);
      await dropConnections("normal");
      await until("the other client to be back", async () =>
        other.call(["SET", "{watched}", "changed again"], MS).then(
          () => true,
          (error: Error) => error.message,
        ),
      );
      await until("the client to be back", async () => {
        const value = String(await client.get("{watched}").catch(String));
        return value === "changed again" || value;
      });
      expect(await client.exec(guarded, true)).toEqual(["OK"]);
    } finally {
      client.close();
      await other.close();
    }
  });

  it("iovalkey asks one node for sharded channels of all", async () => {
    const [, iovalkey] =
      supporting("cluster").find(([name]) => name === "iovalkey") ?? expect.fail("no iovalkey");
    const channels = ["a", "b", "c", "d"].map((one) => `channel:${one}`); // of both shards
    await expect(
      environment.subscribe({ channels, sharded: true, onMessage: () => {} }, iovalkey),
    ).rejects.toThrow(/^Too many Cluster redirections. Last error: ReplyError: MOVED/);
  });
});
