import { rm } from "node:fs/promises";
import { beforeAll, describe, expect, it } from "vitest";
import { lacksNames } from "../src/driver/process/capabilities/names.ts";
import { checkNamed, drill, problems } from "./support/drill.ts";
import { fabricProgram } from "./support/fabric-program.ts";

/* Drills in which nodes come back at other addresses, or a zone is lost, from scenario to verdict, on real servers. */

beforeAll(() => void fabricProgram());

async function passes(name: string) {
  const { result, folder } = await drill(name);
  expect(problems(result)).toEqual([]);
  await rm(folder.dir, { recursive: true, force: true });
  return result;
}

describe.runIf(process.platform === "linux")("a node that comes back elsewhere", { tags: "long" }, () => {
  it("in HA: the old primary follows the new one", async () => {
    const result = await passes("ha-readdressed-primary");
    expect(checkNamed(result, "replicas").summary).toContain("primary rejoined as replica");
  });

  it("in a cluster: the others are told", async () => {
    const result = await passes("cluster-readdressed-primary");
    expect(checkNamed(result, "replicas").summary).toContain("node-1 rejoined as replica");
  });

  it.runIf(lacksNames() === undefined)("all of them, by name: nobody need be promoted", async () => {
    const result = await passes("ha-all-readdressed");
    expect(result.failover.promoted).toBeNull();
    expect(checkNamed(result, "topology").summary).toContain("primary is the only primary");
  });
});

describe.runIf(process.platform === "linux")("a zone that is lost", { tags: "long" }, () => {
  it("in HA: a replica in another zone takes over, and clients there write on", async () => {
    const result = await passes("ha-zone-lost");
    expect(result.failover.promoted).toMatchObject({ from: "primary" });
  });

  it("in a cluster: the other zones have a majority", async () => {
    const result = await passes("cluster-zone-lost");
    expect(result.failover.promoted).toMatchObject({ from: "node-1" });
  });
});
