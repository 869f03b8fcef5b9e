import { afterAll, beforeAll, expect, it } from "vitest";
import { faultContext, type TestEnvironment, testEnvironment } from "../session/environment.test-data.ts";
import { stop } from "./stop.ts";

/* A replica that is frozen does not get the last writes: a primary that waits for it waits until its shutdown-timeout. */

const TIMEOUT_S = 2;
let environment: TestEnvironment;
beforeAll(async () => {
  const config = { "shutdown-timeout": TIMEOUT_S };
  environment = await testEnvironment({
    kind: "ha",
    replicas: 1,
    sentinels: 1,
    downAfterMs: 600_000,
    config,
  });
}, 60_000);
afterAll(() => environment?.close());

async function millisecondsToStop(options: object): Promise<number> {
  const { topology, admins } = environment;
  await topology.pause("replica-1");
  await admins.of("primary").call(["SET", "late", "1"]);
  const began = performance.now();
  await stop.inject(faultContext(environment), ["primary"], stop.options.parse(options));
  const took = performance.now() - began;
  await topology.resume("replica-1");
  await stop.heal(faultContext(environment), ["primary"], undefined);
  return took;
}

it("waits for a replica that lags, as SHUTDOWN does", { timeout: 30_000 }, async () => {
  expect(await millisecondsToStop({})).toBeGreaterThan(TIMEOUT_S * 1000 - 100);
});

it("does not wait, if it is told so", { timeout: 30_000 }, async () => {
  const before = (await environment.topology.log("primary")).length;
  await millisecondsToStop({ wait: false });
  expect((await environment.topology.log("primary")).slice(before)).not.toContain("Waiting for replicas");
});

it("of a node that does not run does nothing", async () => {
  await environment.topology.kill("replica-1");
  await stop.inject(faultContext(environment), ["replica-1"], stop.options.parse({}));
  expect(await environment.topology.state("replica-1")).toBe("stopped");
  await stop.heal(faultContext(environment), ["replica-1"], undefined);
  expect(await environment.topology.state("replica-1")).toBe("running");
});

it("is undone on the others if one of them refuses", { timeout: 30_000 }, async () => {
  // With a path that cannot be written to, SHUTDOWN SAVE fails and the server stays.
  await environment.topology.nodeActions.inDataFolder?.(
    "replica-1",
    "rm -f dump.rdb; mkdir -p dump.rdb/in-the-way",
  );
  const options = stop.options.parse({ save: true, wait: false });
  const stopping = stop.inject(faultContext(environment), ["primary", "replica-1"], options);
  await expect(stopping).rejects.toMatchObject({ code: "COMMAND_FAILED" });
  for (const node of ["primary", "replica-1"]) expect(await environment.topology.state(node)).toBe("running");
});
