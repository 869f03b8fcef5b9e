import { rm } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { attachEnvironment, listEnvironments } from "../src/api/environments.ts";
import { dockerDriver, listDockerEnvironments, sweepDocker } from "../src/driver/docker/index.ts";
import { defaultStateDir } from "../src/driver/state-dir.ts";
import { DOCKER_PROBLEM, dockerText, labelled, testEngine, testImage } from "./support/docker.ts";
import { checkNamed, drill, problems } from "./support/drill.ts";
import { smallPlan } from "./support/driver-conformance.ts";

it.runIf(process.env.VALKEY_DRILL_REQUIRE_DOCKER === "1")("there is a Docker Engine, as is required", () => {
  expect(process.env[DOCKER_PROBLEM]).toBeUndefined();
});

describe.skipIf(testImage === undefined)("with a Docker Engine", { timeout: 120_000 }, () => {
  const folders: string[] = [];
  const before = testImage === undefined ? [] : labelled(); // what somebody else runs on this engine
  afterEach(async () => {
    for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
  });

  const run = async (name: string) => {
    const engine = await testEngine();
    const done = await drill(name, 1, { driver: dockerDriver(engine), version: engine.version });
    folders.push(done.folder.dir);
    return done;
  };

  it("ha-failover passes, unchanged", async () => {
    const { result } = await run("ha-failover");
    expect(problems(result)).toEqual([]);
    expect(result.topology.driver).toBe("docker");
    expect(result.failover.promoted?.from).toBe("primary");
    expect(labelled()).toEqual(before);
  });

  it("cluster-failover passes, unchanged", { tags: "long" }, async () => {
    const { result } = await run("cluster-failover");
    expect(problems(result)).toEqual([]);
    expect(checkNamed(result, "stale-route").verdict).toBe("pass");
    expect(result.redirects.moved).toBeGreaterThanOrEqual(20);
    expect(labelled()).toEqual(before);
  });

  it("an environment that is to stay is found by others, and one whose owner died is cleared", async () => {
    const stateDir = defaultStateDir();
    const driver = dockerDriver(await testEngine());
    const held = await driver.holdEndpoints({ count: 3, withBus: false });
    const dir = join(stateDir, "up", "test");
    await driver.start(smallPlan(held.endpoints), held, { dir, detached: true });
    const [found] = (await listEnvironments()).environments;
    expect(found).toMatchObject({ driver: "docker", kind: "ha", detached: true, starting: false });
    const topology = await attachEnvironment(found?.id);
    await topology.kill("primary");
    expect(await topology.state("primary")).toBe("stopped");
    await topology.start("primary");
    await topology.disconnect?.("replica-1");
    await topology.disconnect?.("replica-1");
    await topology.connect?.("replica-1");
    await topology.connect?.("replica-1");
    expect(await sweepDocker(stateDir)).toEqual([]);
    await topology.close();
    expect(labelled(found?.id)).toEqual([]);
    expect((await listDockerEnvironments(stateDir)).environments).toEqual([]);

    const owner = ["owner-pid=999999", "owner-start=never", `owner-host=${hostname()}`, "id=deadbeef"];
    const labels = owner.flatMap((label) => ["--label", `valkey-drill.${label}`]);
    dockerText(["volume", "create", ...labels, "valkey-drill-deadbeef_primary"]);
    expect(await sweepDocker(stateDir)).toEqual(["deadbeef"]);
    expect(labelled("deadbeef")).toEqual([]);
  });
});
