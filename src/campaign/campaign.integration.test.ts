import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { testServer } from "../../test/support/server.ts";
import { processDriver } from "../driver/process/index.ts";
import { parseScenario } from "../scenario/load.ts";
import type { Attempt, CampaignOptions } from "./attempt.ts";
import { explore } from "./explore.ts";
import { shrink } from "./shrink.ts";
import { soak } from "./soak.ts";

/* Many real runs: short ones, of a primary that is paused longer than the scenario allows. */

let outDir: string;
let options: CampaignOptions;
beforeAll(async () => {
  const server = await testServer();
  outDir = await mkdtemp(join(tmpdir(), "valkey-drill-test-"));
  const progress = { step: () => ({ update() {}, done() {}, fail() {} }) };
  const { signal } = new AbortController();
  options = { driver: processDriver(server), valkey: server.version, outDir, progress, signal };
});
afterAll(() => rm(outDir, { recursive: true, force: true }));

const stalls = (limitMs: number) =>
  parseScenario(
    `
name: stalls
description: a replica is paused, which nobody notices, and the primary, which everybody does
topology: { kind: ha, replicas: 1, sentinels: 1, downAfterMs: 60000 }
steps:
  - start: unique-writes
  - inject: { fault: pause, target: replica-1, for: 200ms }
  - inject: { fault: pause, target: primary, for: 700ms }
  - await: { condition: recovered, within: 10s }
expect: { outage: { writeMs: ${limitMs} } }
`,
    "stalls.yaml",
  );

describe("shrink", { timeout: 120_000 }, () => {
  const limits = { seed: 1, tries: 1, mostRuns: 40, mostMs: 100_000 };

  it("leaves only what the failure needs, and says how often that fails", { tags: "long" }, async () => {
    const shrunk = await shrink(stalls(300), { ...options, ...limits });
    expect(shrunk.codes).toEqual(["outage:outage-over-limit"]);
    const left = shrunk.scenario.steps.map(({ action, value }) => [
      action,
      (value as { targets?: string[] }).targets,
    ]);
    expect(left).toContainEqual(["inject", ["primary"]]);
    expect(left).not.toContainEqual(["inject", ["replica-1"]]);
    expect(shrunk.odds).toEqual({ failed: 1, tries: 1 });
    expect(shrunk.minimal).toBe(true);
    expect(await readdir(outDir)).toHaveLength(1); // the run that failed last; all others are gone
  });

  it("finds nothing to do where the drill passes", async () => {
    const shrunk = await shrink(stalls(5000), { ...options, ...limits });
    expect(shrunk).toMatchObject({ codes: [], runs: 1, odds: { failed: 0, tries: 1 } });
  });
});

describe("soak", { timeout: 60_000 }, () => {
  it("tells every verdict, each with a seed of its own, and keeps only what did not pass", async () => {
    const before = await readdir(outDir);
    const told: [string, number, Attempt["verdict"]][] = [];
    const drills = [
      { ref: "good", scenario: stalls(5000) },
      { ref: "bad", scenario: stalls(300) },
    ];
    const all = await soak(drills, {
      ...options,
      times: 2,
      firstSeed: 7,
      replayOf: (ref, seed) => `${ref} ${seed}`,
      onAttempt: (ref, time, { verdict }) => told.push([ref, time, verdict]),
    });
    expect(told).toEqual([
      ["good", 1, "pass"],
      ["bad", 1, "fail"],
      ["good", 2, "pass"],
      ["bad", 2, "fail"],
    ]);
    expect(all.get("bad")?.map(({ result }) => result?.replay)).toEqual(["bad 7", "bad 8"]);
    expect(await readdir(outDir)).toHaveLength(before.length + 2);
  });
});

describe("explore", { timeout: 60_000 }, () => {
  it("stops at the first drill that fails", async () => {
    const seeds: number[] = [];
    const { rounds, found } = await explore(stalls(300), {
      ...options,
      bounds: { weights: new Map([["pause", 1]]), faults: 1, leastMs: 900, mostMs: 1000, overlap: false },
      firstSeed: 0,
      mostMs: 50_000,
      mostRounds: 12,
      replayOf: (seed) => `seed ${seed}`,
      onRound: (_scenario, seed) => seeds.push(seed),
      onAttempt: () => {},
    });
    expect(seeds).toEqual(Array.from({ length: rounds }, (_, n) => n));
    expect(found?.attempt.codes).toEqual(["outage:outage-over-limit"]);
    expect(found?.scenario.name).toBe(`explore-ha-${rounds - 1}`);
  });
});
