import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { testDockerDriver, testImage } from "../../../test/support/docker.ts";
import { describeDriver } from "../../../test/support/driver-conformance.ts";
import { describeRenewing } from "../../../test/support/renew-conformance.ts";

describe.skipIf(testImage === undefined)("with a Docker Engine", () => {
  let stateDir: string;

  beforeAll(async () => {
    stateDir = await mkdtemp(join(tmpdir(), "valkey-drill-state-"));
  });

  afterAll(async () => {
    await rm(stateDir, { recursive: true });
  });

  describeDriver("docker", () => testDockerDriver({ stateDir }));
  describeRenewing("docker", () => testDockerDriver({ stateDir }));

  it("has left no state behind after all these", async () => {
    expect(await readdir(join(stateDir, "docker"))).toEqual([]);
    expect(await readdir(join(stateDir, "ports"))).toEqual([]);
  });
});
