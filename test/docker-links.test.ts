import { rm } from "node:fs/promises";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { dockerDriver } from "../src/driver/docker/index.ts";
import type { NodeExit } from "../src/driver/driver.ts";
import { testEnvironment, until } from "../src/scenario/environment.test-data.ts";
import { dockerText, labelled, testDockerDriver, testEngine, testLinks } from "./support/docker.ts";
import { checkNamed, drill, problems } from "./support/drill.ts";
import { SMALL_SPEC } from "./support/driver-conformance.ts";
import { fabricProgram } from "./support/fabric-program.ts";
import { describeLinks } from "./support/link-conformance.ts";

/* Links between containers: what `test/link-drills.test.ts` and `src/fault/links.test.ts` are to those between processes. */

describe.runIf(testLinks)("with a Docker Engine", { timeout: 120_000 }, () => {
  const folders: string[] = [];
  const before = testLinks ? labelled() : []; // what somebody else runs on this engine
  beforeAll(() => void fabricProgram());
  afterEach(async () => {
    for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
    expect(labelled()).toEqual(before);
  });

  const run = async (name: string) => {
    const { version } = await testEngine();
    const done = await drill(name, 1, { driver: await testDockerDriver(), version });
    folders.push(done.folder.dir);
    expect(problems(done.result)).toEqual([]);
    expect(done.result.topology.driver).toBe("docker");
    return done.result;
  };

  describeLinks("docker", () => testDockerDriver());

  it("are told of a fabric that ends", async () => {
    const driver = await testDockerDriver();
    const environment = await testEnvironment(SMALL_SPEC, { driver, links: { clients: false } });
    try {
      const exits: NodeExit[] = [];
      environment.topology.onUnexpectedExit((exit) => exits.push(exit));
      dockerText(["kill", `valkey-drill-${environment.topology.id}-fabric`]);
      await until("its end to be told", async () => exits.length > 0 || "nothing told");
      expect(exits).toMatchObject([{ node: "fabric", signal: "SIGKILL" }]);
      await expect(environment.topology.links?.hurts()).rejects.toMatchObject({ code: "COMMAND_FAILED" });
    } finally {
      await environment.close();
    }
  });

  it("are refused before anything starts, where no image can carry them", async () => {
    const driver = dockerDriver({ ...(await testEngine()), fabricImage: undefined });
    expect(driver.capabilities.has("cut-links")).toBe(false);
    expect(driver.lacks?.("cut-links")).toContain("docker pull node:22-slim");
    const held = driver.holdEndpoints({ count: 3, withBus: false, links: { clients: false } });
    await expect(held).rejects.toMatchObject({ code: "LACKS_CAPABILITY" });
  });

  it("an isolated primary takes writes beside the new one, and all since the cut is lost", async () => {
    const result = await run("ha-isolated-primary");
    expect(checkNamed(result, "topology").summary).toMatch(/primary took [\d,]+ writes/);
    expect(result.writes.lost).toBeGreaterThan(500); // 100 a second, for more than ten seconds
  });

  it("one way that is silent is seen by nobody, and costs nothing if nobody dies", async () => {
    const result = await run("ha-one-way-cut");
    expect(result.failover.promoted).toBeNull();
    expect(result.writes.lost).toBe(0);
  });

  it("an isolated primary of a cluster refuses writes, and loses no more than it took until then", async () => {
    const result = await run("cluster-isolated-primary");
    expect(result.failover.promoted).toEqual({ from: "node-1", to: "node-4" });
    expect(result.writes.lost).toBeGreaterThan(0);
    expect(checkNamed(result, "topology").verdict).toBe("pass"); // no two primaries took writes for long
  });
});
