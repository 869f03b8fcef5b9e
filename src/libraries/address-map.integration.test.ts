import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ClientTarget } from "../client/client.ts";
import type { NatMap } from "../model/addresses.ts";
import { targetOf } from "../session/client-target.ts";
import { type TestEnvironment, testEnvironment, until } from "../session/environment.test-data.ts";
import type { ClientLibrary } from "./library.ts";
import { LIBRARIES } from "./registry.ts";

/*
 * Nodes in containers announce addresses at which clients outside do not reach them. Here: a real cluster that tells
 * clients such ones.
 */

const ANNOUNCED = "127.0.3.99";
const KEYS = ["a", "b", "c", "d", "e", "f"]; // on all shards

describe("where the nodes announce addresses that lead nowhere", { timeout: 60_000 }, () => {
  let environment: TestEnvironment;
  let target: ClientTarget;
  beforeAll(async () => {
    environment = await testEnvironment({ kind: "cluster", shards: 3, replicas: 1, nodeTimeoutMs: 60_000 });
    const { plan } = environment.topology;
    const each = <T>(command: readonly string[], look: (reply: string) => T) =>
      Promise.all(
        plan.nodes.map(async ({ name }) =>
          look(JSON.stringify(await environment.admins.of(name).call(command))),
        ),
      );
    await each(["CONFIG", "SET", "cluster-announce-client-ipv4", ANNOUNCED], () => {});
    await until("each node to tell that of all", async () => {
      const known = await each(["CLUSTER", "SLOTS"], (slots) => slots.split(`"${ANNOUNCED}"`).length - 1);
      return known.every((count) => count === plan.nodes.length) || known.join(", ");
    });
    const plain = targetOf(environment.topology.plan);
    if (plain.kind !== "cluster") throw new Error("not a cluster");
    const natMap: NatMap = Object.fromEntries(
      plain.nodes.map((node) => [`${ANNOUNCED}:${node.port}`, { host: node.host, port: node.port }]),
    );
    target = { ...plain, natMap };
  }, 60_000);
  afterAll(() => environment?.close());

  const libraries = [...LIBRARIES.values()].filter(({ supports }) => supports.cluster === true);
  it.each(libraries.map((library): [string, ClientLibrary] => [library.name, library]))(
    "%s goes where the map says",
    async (_, library) => {
      const client = await environment.connect({ target }, library);
      try {
        const ends = await Promise.all(KEYS.map((key) => client.call(["SET", key, "1"], 5000)));
        expect(ends).toEqual(KEYS.map(() => "OK"));
        const told: (string | undefined)[] = [];
        await client.callReplica(["GET", "a"], 5000, (address) => told.push(address));
        expect(told).toEqual(library.tells.whoAnswered ? [expect.stringMatching(/^127\.0\.0\.1:/)] : []);
      } finally {
        await client.close();
      }
    },
  );

  it.each([...LIBRARIES.values()])("the program for $name holds the map", ({ snippet }) => {
    const text = snippet(target);
    for (const address of Object.keys(target.natMap ?? {})) expect(text).toContain(address);
  });
});
