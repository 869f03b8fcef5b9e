import { readFile, rm } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { FinishedRun } from "../src/run/run-scenario.ts";
import { drill, problems } from "./support/drill.ts";
import { fabricProgram } from "./support/fabric-program.ts";

/* Drills of several failures, of stale replicas and of mixed servers: what each description claims is held against the nodes' own logs. */

const finished: FinishedRun[] = [];
async function run(name: string) {
  const done = await drill(name);
  finished.push(done);
  const log = (node: string) => readFile(`${done.folder.nodes}/${node}/node.log`, "utf8");
  return { ...done, log };
}
beforeAll(() => void fabricProgram());
afterAll(async () => {
  for (const { folder } of finished) await rm(folder.dir, { recursive: true, force: true });
});

describe("servers of several versions", { tags: "long" }, () => {
  it("a Redis 7 primary hands over to Valkey, and nothing is lost", async () => {
    const { result, log } = await run("ha-redis-to-valkey");
    expect(problems(result)).toEqual([]);
    expect(await log("primary")).toMatch(/Redis version=7\.0\.\d+/);
    expect(result.topology.valkey).toMatch(/; primary: redis-7\.0\.\d+$/);
    const to = result.failover.promoted?.to ?? "nobody";
    expect(await log(to)).toMatch(/Valkey version=\d/);
    expect(result.writes.lost).toBe(0);
  });

  it("three data nodes go from 8.0 over 8.1 to 9.1", async () => {
    const { result, log } = await run("ha-rolling-upgrade");
    expect(problems(result)).toEqual([]);
    for (const node of ["primary", "replica-1", "replica-2"]) {
      const versions = [...(await log(node)).matchAll(/Valkey version=(\d+\.\d+)/g)].map(
        ([, version]) => version,
      );
      expect(versions).toEqual(["8.0", "8.1", "9.1"]);
    }
  });
});

describe.runIf(process.platform === "linux")("who takes over", { tags: "long" }, () => {
  it.concurrent("a replica of another shard, which had moved to a primary that had none", async () => {
    const { result, log } = await run("cluster-replica-migration");
    expect(problems(result)).toEqual([]);
    const { from, to } = result.failover.promoted ?? {};
    expect(from).toBe("node-2");
    expect(["node-4", "node-7"]).toContain(to); // planned for shard 1
    expect(await log(to ?? "")).toContain("Migrating to orphaned primary");
  });

  it.concurrent("nobody, where the only replica has heard nothing for too long", async () => {
    const { result, log } = await run("cluster-stale-replica");
    expect(problems(result)).toEqual([]);
    expect(result.failover.promoted).toBeNull();
    expect(await log("node-4")).toContain("Disconnected from primary for longer than allowed");
  });

  it.concurrent("not the replica that lags", async () => {
    const { result } = await run("ha-lagging-replica-passed-over");
    expect(problems(result)).toEqual([]);
    expect(result.failover.promoted).toEqual({ from: "primary", to: "replica-2" });
  });
});
