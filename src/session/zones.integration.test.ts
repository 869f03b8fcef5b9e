import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { glide } from "../libraries/glide/index.ts";
import { parseCallsDone, parseInfo } from "../valkey/replies.ts";
import { type TestEnvironment, testEnvironment } from "./environment.test-data.ts";

describe("clients in a zone", { timeout: 60_000 }, () => {
  let environment: TestEnvironment;
  beforeAll(async () => {
    environment = await testEnvironment({
      kind: "cluster",
      shards: 1,
      replicas: 2,
      zones: ["a", "b", "c"],
      clientZone: "c",
    });
  }, 60_000);
  afterAll(() => environment?.close());

  const gets = async (node: string) =>
    parseCallsDone(await environment.admins.of(node).call(["INFO", "commandstats"])).get ?? 0;

  it("servers tell theirs", async () => {
    for (const { name, zone } of environment.topology.plan.nodes)
      expect(parseInfo(await environment.admins.of(name).call(["INFO"])).get("availability_zone")).toBe(zone);
  });

  it("GLIDE reads from the replica of its own alone", async () => {
    const client = await environment.connect({}, glide);
    for (let n = 0; n < 20; n += 1) await client.callReplica(["GET", "key"], 5_000);
    await client.close();
    expect(await Promise.all(["node-1", "node-2", "node-3"].map(gets))).toEqual([0, 0, 20]); // zones a, b, c
  });
});
