import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sweepDocker } from "../src/driver/docker/index.ts";
import { defaultStateDir } from "../src/driver/state-dir.ts";
import { type Build, build } from "./support/build.ts";
import { labelled, testDockerDriver, testImage, testLinks } from "./support/docker.ts";
import { describeFaults } from "./support/fault-conformance.ts";
import { HOLDER_MODULES, holdFaults } from "./support/killed-drill.ts";

describe.skipIf(testImage === undefined)("with a Docker Engine", () => {
  describeFaults("docker", () => testDockerDriver());

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
