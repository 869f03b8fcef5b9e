import { afterAll, describe, expect, it } from "vitest";
import { seededRandom } from "../../base/random.ts";
import { targetOf } from "../../scenario/client-target.ts";
import { type TestEnvironment, testEnvironment, until } from "../../scenario/environment.test-data.ts";
import type { ConnectionEvent, DrillClient } from "../client.ts";
import { iovalkey } from "./index.ts";

/* What a client tells of its connections, against real servers. */

let environment: TestEnvironment | undefined;
let client: DrillClient | undefined;
afterAll(async () => {
  await client?.close();
  await environment?.close();
});

async function start(
  spec: object,
): Promise<{ events: ConnectionEvent[]; addressOf: (node: string) => string }> {
  await client?.close();
  await environment?.close();
  const started = await testEnvironment(spec);
  environment = started;
  const events: ConnectionEvent[] = [];
  const target = targetOf(started.topology.plan);
  const onEvent = (event: ConnectionEvent) => events.push(event);
  client = await iovalkey.connect({ target, random: seededRandom(1), onEvent }, 10_000);
  const addressOf = (node: string) => {
    const { host, port } = started.admins.of(node).endpoint;
    return `${host}:${port}`;
  };
  return { events, addressOf };
}

describe("a client tells of its connections", { timeout: 60_000 }, () => {
  it("through Sentinel: lost, tried again, and ready at the new primary", async () => {
    const { events, addressOf } = await start({ kind: "ha", replicas: 1, downAfterMs: 1000 });
    const primary = addressOf("primary");
    expect(events).toContainEqual({ event: "ready", role: "primary", address: primary });
    expect(events).toContainEqual({ event: "ready", role: "replica", address: addressOf("replica-1") });
    const before = events.length;
    await environment?.topology.kill("primary");
    await until("the client to be at the new primary", async () => {
      const ready = events.slice(before).find(({ event, role }) => event === "ready" && role === "primary");
      return ready?.address === addressOf("replica-1") || JSON.stringify(events.slice(before));
    });
    const after = events.slice(before).filter(({ role }) => role === "primary");
    expect(after[0]).toEqual({ event: "lost", role: "primary", address: primary });
    expect(after.filter(({ event }) => event === "lost")).toHaveLength(1); // tries that failed were never ready
    expect(after.filter(({ event }) => event === "reconnecting").length).toBeGreaterThan(1);
    expect(await client?.call(["SET", "a", "1"], 1000)).toBe("OK");
  });

  it("in a cluster: which node it sends slots to from now on", async () => {
    const { events, addressOf } = await start({
      kind: "cluster",
      shards: 3,
      replicas: 1,
      nodeTimeoutMs: 2000,
    });
    expect(events.filter(({ event }) => event === "rerouted")).toEqual([]);
    await environment?.admins.of("node-4").call(["CLUSTER", "FAILOVER"]);
    await until("the client to know the new owner", async () => {
      const rerouted = events.filter(({ event, role }) => event === "rerouted" && role === "primary");
      return rerouted.some(({ address }) => address === addressOf("node-4")) || JSON.stringify(rerouted);
    });
    const rerouted = events.filter(({ event, role }) => event === "rerouted" && role === "primary");
    expect(rerouted.map(({ address }) => address)).toEqual([addressOf("node-4")]);
  });
});
