import { afterEach, describe, expect, it } from "vitest";
import { testDriver } from "../../test/support/server.ts";
import { kill } from "../fault/kill.ts";
import { LIBRARIES } from "../libraries/registry.ts";
import { topologySpecSchema } from "../topology/spec.ts";
import { faultContext, type TestEnvironment, testEnvironment, until } from "./environment.test-data.ts";
import { checkHostnames } from "./hostnames.ts";

let environment: TestEnvironment | undefined;
afterEach(async () => {
  await environment?.close();
  environment = undefined;
});

const driver = await testDriver();

describe("nodes of a cluster with names", () => {
  it("tell clients of names alone, and every library finds them", { timeout: 60_000 }, async () => {
    environment = await testEnvironment({ kind: "cluster", shards: 2, replicas: 1, hostnames: true });
    const slots = await environment.admins.of("node-1").call(["CLUSTER", "SLOTS"]);
    expect(JSON.stringify(slots)).toContain("node-4.drill.test");
    const forClusters = [...LIBRARIES.values()].filter(({ supports }) => supports.cluster === true);
    for (const library of forClusters) {
      const client = await environment.connect({}, library);
      try {
        expect(await client.call(["SET", "a", library.name], 5_000)).toBe("OK"); // slot 15495
        expect(await client.call(["SET", "b", library.name], 5_000)).toBe("OK"); // slot 3300
      } finally {
        await client.close();
      }
    }
  });
});

describe.runIf(driver.capabilities.has("resolve-names"))("HA with names", () => {
  it("fails over, by names alone", { timeout: 60_000 }, async () => {
    environment = await testEnvironment({
      kind: "ha",
      replicas: 2,
      sentinels: 1,
      downAfterMs: 500,
      hostnames: true,
    });
    const { admins } = environment;
    const primaryTold = async () =>
      (await admins.of("sentinel-1").call(["SENTINEL", "GET-MASTER-ADDR-BY-NAME", "drill"])) as string[];
    expect((await primaryTold())[0]).toBe("primary.drill.test");
    expect((await environment.replication("replica-1")).primaryAt?.host).toBe("primary.drill.test");

    await kill.inject(faultContext(environment), ["primary"], {});
    await until("another to be told as the primary", async () => {
      const [host = ""] = await primaryTold();
      return host.startsWith("replica-") || host;
    });
    const [promoted = ""] = await primaryTold();
    const other = promoted.startsWith("replica-1") ? "replica-2" : "replica-1";
    await until(`${other} to follow by name`, async () => {
      const { linkUp, primaryAt } = (await environment?.replication(other)) ?? {};
      return (linkUp && primaryAt?.host === promoted) || `${primaryAt?.host}, link up: ${linkUp}`;
    });
    const client = await environment.connect();
    expect(await client.call(["SET", "a", "1"], 5_000)).toBe("OK");
    await client.close();
  });
});

it("is refused where nodes cannot have names of their own", () => {
  const lacking = { ...driver, capabilities: new Set<never>(), lacks: () => "no library" };
  const spec = (given: object) => topologySpecSchema.parse(given);
  expect(() => checkHostnames(spec({ kind: "ha", hostnames: true }), lacking)).toThrow("resolve-names");
  checkHostnames(spec({ kind: "ha", hostnames: false }), lacking);
  checkHostnames(spec({ kind: "cluster", hostnames: true }), lacking);
});
