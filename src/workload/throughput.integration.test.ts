import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DrillClient } from "../client/client.ts";
import type { ThroughputData } from "../model/observed.ts";
import { type TestEnvironment, testEnvironment, workloadOn } from "../session/environment.test-data.ts";
import { parseCounters } from "../valkey/replies.ts";
import { throughput } from "./throughput.ts";

/* Against a real primary with one replica. */

let environment: TestEnvironment;
let client: DrillClient;
beforeAll(async () => {
  environment = await testEnvironment({ kind: "ha", replicas: 1, sentinels: 1, downAfterMs: 600_000 });
  client = await environment.connect();
}, 60_000);
afterAll(async () => {
  await client?.close();
  await environment?.close();
});

async function measure(given: object, waitReplicas = 0): Promise<ThroughputData> {
  const { context, history } = await workloadOn(environment, client, { waitReplicas });
  await throughput.run(context, throughput.options.parse({ durationMs: 500, ...given }));
  const [found] = history().events.filter(
    (event) => event.type === "observation" && event.name === "throughput",
  );
  return (found?.type === "observation" ? found.data : undefined) as ThroughputData;
}
const counted = async (command: string) =>
  parseCounters(await environment.admins.of("primary").call(["INFO", "commandstats"]))[
    `cmdstat_${command}`
  ] ?? 0;

describe("throughput", { timeout: 30_000 }, () => {
  it("writes as much as goes through, and the server has done what it counts", async () => {
    const before = await counted("set");
    const found = await measure({ connections: 2, pipeline: 4 });
    const done = (await counted("set")) - before;
    expect(found).toMatchObject({ connections: 2, pipeline: 4, errors: 0, lastError: null });
    // Counted are the last 400 of 500 ms; the server counts all.
    expect(found.perSecond * 0.4).toBeGreaterThan(2 * 4); // each answer is followed by the next write
    expect(found.perSecond * 0.4).toBeLessThanOrEqual(done);
    expect(found.p50Ms).toBeGreaterThan(0);
    expect(found.p99Ms).toBeGreaterThanOrEqual(found.p50Ms as number);
  });

  it("counts a write only when it is acknowledged as the scenario says", async () => {
    const waits = await counted("wait");
    const confirmed = await measure({ connections: 2, pipeline: 1 }, 1);
    expect(confirmed.perSecond).toBeGreaterThan(0);
    expect((await counted("wait")) - waits).toBeGreaterThanOrEqual(confirmed.perSecond * 0.4);
  });

  it("counts nothing that was not, and tells why", async () => {
    const found = await measure({ connections: 1, pipeline: 1 }, 2); // there is one replica: WAIT gives up after 4 s
    expect(found).toMatchObject({ perSecond: 0, p50Ms: null, p99Ms: null, lastError: "NOT-REPLICATED" });
    expect(found.errors).toBeGreaterThan(0);
  });
});
