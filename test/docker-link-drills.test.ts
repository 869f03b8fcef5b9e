import { rm } from "node:fs/promises";
import { beforeAll, describe, expect, it } from "vitest";
import { testDockerDriver, testEngine, testLinks } from "./support/docker.ts";
import { checkNamed, drill, problems } from "./support/drill.ts";
import { fabricProgram } from "./support/fabric-program.ts";

/* Links between containers: what `test/link-drills.test.ts` is to those between processes. */

describe.runIf(testLinks)("with a Docker Engine", { tags: "long", timeout: 120_000 }, () => {
  beforeAll(() => void fabricProgram());

  const run = async (name: string) => {
    const { version } = await testEngine();
    const { result, folder } = await drill(name, 1, { driver: await testDockerDriver(), version });
    expect(problems(result)).toEqual([]);
    expect(result.topology.driver).toBe("docker");
    await rm(folder.dir, { recursive: true, force: true });
    return result;
  };

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
