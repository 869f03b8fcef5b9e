import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { keyInRanges } from "../base/slots.ts";
import { factsOf } from "../check/facts.ts";
import type { DrillClient } from "../client/client.ts";
import type { Operation } from "../history/operations.ts";
import {
  type TestEnvironment,
  testEnvironment,
  until,
  workloadOn,
} from "../session/environment.test-data.ts";
import { crud } from "./crud.ts";
import { staleRoute } from "./stale-route.ts";
import type { WorkloadContext } from "./workload.ts";

/* Who answered each operation, on real topologies: through a failover, after a redirect, and where nobody did. */

const MS = 2000;
let environment: TestEnvironment;
let client: DrillClient;
let context: WorkloadContext;
let operations: () => readonly Operation[];

const start = async (spec: object) => {
  environment = await testEnvironment(spec);
  client = await environment.connect();
  const on = await workloadOn(environment, client);
  context = on.context;
  operations = () => factsOf(on.history()).operations;
};
const stop = async () => {
  await client?.close();
  await environment?.close();
};

/** One operation as a workload does it, and what the history holds of it. */
async function record(
  work: Parameters<WorkloadContext["log"]["operation"]>[1],
): Promise<Operation | undefined> {
  await context.log.operation({ client: "c", workload: "w", f: "set", key: "k" }, work);
  return operations().at(-1);
}
const set = (key: string, deadlineMs = MS) =>
  record(async (answeredBy) => {
    await client.call(["SET", key, "1"], deadlineMs, answeredBy);
    return undefined;
  });

describe("an operation in HA", { timeout: 60_000 }, () => {
  beforeAll(() => start({ kind: "ha", replicas: 2, downAfterMs: 500 }), 60_000);
  afterAll(stop);

  it("is told with the node that answered it", async () => {
    expect(await set("k")).toMatchObject({ outcome: "ok", node: "primary" });
    const atReplica = await record(async (answeredBy) => {
      await client.callReplica(["GET", "k"], MS, answeredBy);
      return undefined;
    });
    expect(atReplica?.node).toMatch(/^replica-[12]$/);
    const confirmed = await record(async (answeredBy) => {
      await client.callAndWait(["SET", "k", "2"], { replicas: 2, waitMs: MS }, MS, answeredBy);
      return undefined;
    });
    expect(confirmed).toMatchObject({ outcome: "ok", node: "primary" });
  });

  it("is told so as well if the answer was an error", async () => {
    const refused = await record(async (answeredBy) => {
      await client.callReplica(["SET", "k", "3"], MS, answeredBy);
      return undefined;
    });
    expect(refused).toMatchObject({ outcome: "fail", error: { class: "READONLY" } });
    expect(refused?.node).toMatch(/^replica-[12]$/);
  });

  it("names no node where none answered, not even the one that answered an attempt before", async () => {
    await environment.topology.pause("primary");
    try {
      const late = await record(async (answeredBy) => {
        await client.callReplica(["GET", "k"], MS, answeredBy);
        await client.call(["SET", "k", "4"], 100, answeredBy);
        return undefined;
      });
      expect(late).toMatchObject({ outcome: "info", error: { class: "TIMEOUT" } });
      expect(late?.node).toBeUndefined();
    } finally {
      await environment.topology.resume("primary");
    }
  });

  it("is told with the new node after a failover", async () => {
    await environment.topology.kill("primary");
    await until("a write after the failover", async () => {
      const written = await set("k");
      if (written?.outcome !== "ok") expect(written?.node).not.toBe("primary");
      return written?.outcome === "ok" || String(written?.error?.class);
    });
    const [promoted = ""] = await environment.nodesOf("primary");
    expect(promoted).toMatch(/^replica-[12]$/);
    expect(await set("k")).toMatchObject({ outcome: "ok", node: promoted });
  });
});

describe("an operation in a cluster", { timeout: 60_000 }, () => {
  beforeAll(() => start({ kind: "cluster", shards: 3, replicas: 1, nodeTimeoutMs: 60_000 }), 60_000);
  afterAll(stop);

  it("is told with the owner of its key's slot", async () => {
    for (const { primary, replicas, slots } of environment.topology.plan.shards) {
      const key = keyInRanges("k", slots);
      expect(await set(key)).toMatchObject({ outcome: "ok", node: primary });
      const confirmed = await record(async (answeredBy) => {
        await client.callAndWait(["SET", key, "2"], { replicas: 1, waitMs: MS }, MS, answeredBy);
        return undefined;
      });
      expect(confirmed).toMatchObject({ outcome: "ok", node: primary });
      await until(`a read of ${key} to be answered by a replica`, async () => {
        const read = await record(async (answeredBy) => {
          await client.callReplica(["GET", key], MS, answeredBy);
          return undefined;
        });
        return replicas.includes(read?.node ?? "") || `${read?.node} answered`;
      });
    }
  });

  it("is told with the node to which a redirect led", async () => {
    const before = operations().length;
    await staleRoute.run(context, { writes: 3 });
    const moved = operations().slice(before);
    expect(moved.map(({ outcome, node }) => [outcome, node])).toEqual(Array(3).fill(["ok", "node-2"]));
  });

  it("is told in a workload as well", async () => {
    const before = operations().length;
    await crud.run(context, { ttlMs: 60 });
    const round = operations().slice(before);
    expect(new Set(round.map(({ node }) => node)).size).toBe(1); // one hash tag: one shard
    expect(environment.topology.plan.shards.map(({ primary }) => primary)).toContain(round[0]?.node);
  });
});
