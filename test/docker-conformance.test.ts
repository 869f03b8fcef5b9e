import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dockerDriver, sweepDocker } from "../src/driver/docker/index.ts";
import type { NodeExit } from "../src/driver/driver.ts";
import { defaultStateDir } from "../src/driver/state-dir.ts";
import { testEnvironment, until } from "../src/session/environment.test-data.ts";
import { type Build, build } from "./support/build.ts";
import {
  dockerText,
  labelled,
  testDockerDriver,
  testEngine,
  testImage,
  testLinks,
} from "./support/docker.ts";
import { SMALL_SPEC } from "./support/driver-conformance.ts";
import { fabricProgram } from "./support/fabric-program.ts";
import { describeFaults } from "./support/fault-conformance.ts";
import { HOLDER_MODULES, holdFaults } from "./support/killed-drill.ts";
import { describeLinks } from "./support/link-conformance.ts";

/*
 * Faults and links between containers, by the suites that those of processes pass. One file, so that nothing else
 * starts containers meanwhile: they are counted.
 */

describe.skipIf(testImage === undefined)("with a Docker Engine", () => {
  describeFaults("docker", () => testDockerDriver());
  describeFaults("docker", () => testDockerDriver(), { secure: true });

  describe("a drill that is killed while faults are in force", () => {
    let built: Build;
    let before: string[]; // what somebody else runs on this engine
    beforeAll(async () => {
      built = build(HOLDER_MODULES);
      await sweepDocker(defaultStateDir());
      before = labelled();
    });
    afterAll(() => built?.remove());

    it("leaves no process; its containers are cleared by the next start", async () => {
      const driver = `dockerDriver(await openEngine({ valkey: ${JSON.stringify(testImage)} }))`;
      const holder = await holdFaults(built, driver, [
        { fault: "slow", target: "replica-1", options: { seconds: 0.1, everySeconds: 0.3 } },
        { fault: "connection-flood", target: "primary" },
        ...(testLinks ? [{ fault: "cut", target: "primary>replica-1" }] : []),
        { fault: "pause", target: "replica-1" },
      ]);
      await holder.kill();
      expect(labelled().length).toBeGreaterThan(before.length);
      if (testLinks) expect(labelled().join()).toMatch(/container valkey-drill-[0-9a-f]+-fabric/);
      expect(await sweepDocker(defaultStateDir())).toHaveLength(1);
      expect(labelled()).toEqual(before);
    });
  });
});

describe.runIf(testLinks)("links between containers", { timeout: 120_000 }, () => {
  const before = testLinks ? labelled() : []; // what somebody else runs on this engine
  beforeAll(() => void fabricProgram());
  afterAll(() => expect(labelled()).toEqual(before));

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
      await expect(environment.topology.links?.impairments()).rejects.toMatchObject({
        code: "COMMAND_FAILED",
      });
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
});
