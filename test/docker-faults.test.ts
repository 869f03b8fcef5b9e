import { describe } from "vitest";
import { dockerDriver } from "../src/driver/docker/index.ts";
import { testEngine, testImage } from "./support/docker.ts";
import { describeFaults } from "./support/fault-conformance.ts";

describe.skipIf(testImage === undefined)("with a Docker Engine", () => {
  describeFaults("docker", async () => dockerDriver(await testEngine()));
});
