import { afterEach, describe, expect, it } from "vitest";
import { keyInRanges } from "../base/slots.ts";
import type { ConnectionEvent, DrillClient } from "../client/client.ts";
import type { TopologyKind } from "../model/plan.ts";
import { type TestEnvironment, testEnvironment, until } from "../session/environment.test-data.ts";
import { LIBRARIES } from "./registry.ts";

/* What the clients of all libraries tell of their connections, side by side, against the same real servers. */

interface Told {
  readonly name: string;
  readonly client: DrillClient;
  readonly events: ConnectionEvent[];
}

let environment: TestEnvironment | undefined;
let clients: Told[] = [];
afterEach(async () => {
  await Promise.all(clients.map(({ client }) => client.close()));
  await environment?.close();
});

async function start(spec: { kind: TopologyKind }): Promise<(node: string) => string> {
  const started = await testEnvironment(spec);
  environment = started;
  const libraries = [...LIBRARIES.values()].filter(
    ({ supports, tells }) => supports[spec.kind] === true && tells.connections,
  );
  clients = await Promise.all(
    libraries.map(async (library) => {
      const events: ConnectionEvent[] = [];
      const client = await started.connect({ onEvent: (event) => events.push(event) }, library);
      return { name: library.name, client, events };
    }),
  );
  return (node) => {
    const { host, port } = started.admins.of(node).endpoint;
    return `${host}:${port}`;
  };
}

/** Until every library has told it; calls go on meanwhile, as in an application: some libraries look only then. */
const all = (what: string, key: string, has: (events: readonly ConnectionEvent[], of: Told) => boolean) =>
  until(what, async () => {
    await Promise.all(clients.map(({ client }) => client.call(["SET", key, "1"], 200).catch(() => {})));
    const lacking = clients.filter((one) => !has(one.events, one));
    return lacking.length === 0 || JSON.stringify(lacking.map(({ name, events }) => ({ name, events })));
  });

describe("clients tell of their connections", { timeout: 60_000 }, () => {
  it("through Sentinel: lost, tried again, and ready at the new primary", async () => {
    const addressOf = await start({ kind: "ha", replicas: 1, downAfterMs: 1000 } as { kind: TopologyKind });
    const [primary, replica] = [addressOf("primary"), addressOf("replica-1")];
    for (const { name, events } of clients) {
      expect(events, name).toContainEqual({ event: "ready", role: "primary", address: primary });
      expect(events, name).toContainEqual({ event: "ready", role: "replica", address: replica });
    }
    const before = new Map(clients.map(({ name, events }) => [name, events.length]));
    const since = ({ name, events }: Told) =>
      events.slice(before.get(name)).filter(({ role }) => role === "primary");
    await environment?.topology.kill("primary");
    await all("the clients to be at the new primary", "a", (_, of) =>
      since(of).some(({ event, address }) => event === "ready" && address === replica),
    );
    for (const of of clients) {
      const after = since(of);
      expect(after[0], of.name).toEqual({ event: "lost", role: "primary", address: primary });
      expect(after.filter(({ event }) => event === "lost")).toHaveLength(1); // tries that failed were never ready
      expect(
        after.some(({ event }) => event === "reconnecting"),
        of.name,
      ).toBe(true);
      expect(await of.client.call(["SET", "a", "1"], 1000)).toBe("OK");
    }
  });

  it("in a cluster: which node they send slots to from now on", async () => {
    const spec = { kind: "cluster", shards: 3, replicas: 1, nodeTimeoutMs: 2000 } as const;
    const addressOf = await start(spec);
    const key = keyInRanges("k", environment?.topology.plan.shards[0]?.slots ?? []);
    const rerouted = ({ events }: Pick<Told, "events">) =>
      events.filter(({ event, role }) => event === "rerouted" && role === "primary");
    expect(clients.flatMap(rerouted)).toEqual([]);
    await environment?.admins.of("node-4").call(["CLUSTER", "FAILOVER"]);
    await all("the clients to know the new owner", key, (events) =>
      rerouted({ events: [...events] }).some(({ address }) => address === addressOf("node-4")),
    );
    for (const of of clients)
      expect(
        rerouted(of).map(({ address }) => address),
        of.name,
      ).toEqual([addressOf("node-4")]);
  });
});
