import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MAX_SEED } from "../base/random.ts";
import { checkScenario } from "../run/check-scenario.ts";
import { scenarioSchema } from "../scenario/schema.ts";
import { explorableFaults, exploredScenario } from "./explore.ts";
import { type Bounds, weightsOf } from "./generate.ts";

/** A driver that can do everything: what is drawn must be possible on it. */
const driver = { name: "any", capabilities: { has: () => true } } as never;
const baseOf = (kind: "ha" | "cluster", more: object = {}) =>
  scenarioSchema.parse({
    name: "x",
    description: "x",
    topology: { kind, ...more },
    steps: [{ wait: "1s" }],
  });
const seeds = fc.integer({ min: 0, max: MAX_SEED });
const kinds = fc.constantFrom("ha" as const, "cluster" as const);
const boundsOn = (kind: "ha" | "cluster", changes: Partial<Bounds> = {}): Bounds => ({
  weights: new Map(explorableFaults(baseOf(kind).topology, driver).map((name) => [name, 1])),
  faults: 3,
  leastMs: 500,
  mostMs: 2000,
  overlap: false,
  ...changes,
});

const LINK_FAULTS = ["cut", "reset", "half-open", "delay", "bandwidth", "drip"];

type Injected = { fault: string; targets: string[]; forMs: number; options: Record<string, unknown> };
const injectedBy = (scenario: ReturnType<typeof exploredScenario>) =>
  scenario.steps.flatMap(({ action, value }) => (action === "inject" ? [value as Injected] : []));

describe("a drill by chance", () => {
  it("is possible, within its bounds, and follows from its seed", () => {
    fc.assert(
      fc.property(seeds, kinds, fc.boolean(), (seed, kind, overlap) => {
        const bounds = boundsOn(kind, { overlap });
        const scenario = exploredScenario(baseOf(kind), bounds, seed);
        checkScenario(scenario, driver);
        expect(exploredScenario(baseOf(kind), bounds, seed)).toEqual(scenario);
        for (const { forMs } of injectedBy(scenario)) {
          expect(forMs).toBeGreaterThanOrEqual(500);
          expect(forMs).toBeLessThanOrEqual(2000);
        }
        expect(injectedBy(scenario)).toHaveLength(overlap ? 0 : 3);
      }),
      { numRuns: 300 },
    );
  });

  it("differs with the seed, and draws by weight", () => {
    const weights = new Map([
      ["kill", 9],
      ["pause", 1],
    ]);
    const drawn = Array.from({ length: 200 }, (_, seed) =>
      injectedBy(exploredScenario(baseOf("ha"), boundsOn("ha", { weights }), seed)),
    ).flat();
    const kills = drawn.filter(({ fault }) => fault === "kill").length / drawn.length;
    expect(kills).toBeGreaterThan(0.8);
    expect(kills).toBeLessThan(0.97);
    expect(new Set(drawn.map(({ targets }) => targets[0])).size).toBeGreaterThan(2);
  });

  it("never draws a fault that plants a loss, nor one that the driver lacks", () => {
    const planting = ["flush", "corrupt", "tamper"];
    for (const kind of ["ha", "cluster"] as const) {
      for (const name of planting)
        expect(explorableFaults(baseOf(kind).topology, driver)).not.toContain(name);
      const bare = explorableFaults(baseOf(kind).topology, { capabilities: new Set<never>() });
      expect(bare).toEqual(expect.arrayContaining(["kill", "slow", "memory"]));
      for (const name of ["pause", "cpu", "time", "slow-disk", "disk-full", ...LINK_FAULTS])
        expect(bare).not.toContain(name);
      expect(
        explorableFaults(baseOf(kind).topology, { capabilities: new Set(["cut-links" as const]) }),
      ).toEqual(expect.arrayContaining(LINK_FAULTS));
    }
  });

  it("hurts what it can in many ways, and never so that a loss is planted", () => {
    for (const kind of ["ha", "cluster"] as const) {
      for (const fault of explorableFaults(baseOf(kind).topology, driver)) {
        const bounds = boundsOn(kind, { weights: new Map([[fault, 1]]), faults: 20 });
        const drawn = [1, 2, 3].flatMap((seed) => injectedBy(exploredScenario(baseOf(kind), bounds, seed)));
        expect(new Set(drawn.map(({ targets }) => targets[0])).size, fault).toBeGreaterThan(1);
        for (const { options } of drawn)
          expect({ policy: "noeviction", data: "keep", ...options }).toMatchObject({
            policy: "noeviction",
            data: "keep",
          });
      }
    }
  });

  it("draws what is for the topology: slots of a cluster, an empty shard where there is one", () => {
    const drawnOn = (kind: "ha" | "cluster", more?: object) =>
      explorableFaults(baseOf(kind, more).topology, driver);
    const all = ["rolling-restart", "move-slots", "add-shard"];
    expect(all.filter((fault) => drawnOn("ha").includes(fault))).toEqual(["rolling-restart"]);
    expect(all.filter((fault) => drawnOn("cluster").includes(fault))).toEqual([
      "rolling-restart",
      "move-slots",
    ]);
    expect(drawnOn("cluster", { shards: 1 })).not.toContain("move-slots");
    expect(drawnOn("cluster", { shards: 4, emptyShards: 1 })).toEqual(expect.arrayContaining(all));
    for (const kind of ["ha", "cluster"] as const)
      for (const never of ["remove-shard", "rolling-upgrade"]) expect(drawnOn(kind)).not.toContain(never);
  });

  it("moves slots between shards that have some, and never so many that one is left without", () => {
    for (const [shards, emptyShards] of [
      [3, 0],
      [5, 2],
      [50, 0],
    ] as const) {
      const base = baseOf("cluster", { shards, emptyShards });
      const bounds = boundsOn("cluster", { weights: new Map([["move-slots", 1]]), faults: 20 });
      const left = Array<number>(shards - emptyShards).fill(Math.floor(16_384 / (shards - emptyShards)));
      for (const { targets, options } of injectedBy(exploredScenario(base, bounds, shards))) {
        const from = Number(/^shard:(\d+)\/primary$/.exec(targets[0] as string)?.[1]);
        const { toShard, slots } = options as { toShard: number; slots: number };
        expect(toShard).not.toBe(from);
        expect(Math.max(from, toShard)).toBeLessThanOrEqual(shards - emptyShards);
        left[from - 1] = (left[from - 1] as number) - slots;
      }
      expect(Math.min(...left)).toBeGreaterThan(0);
    }
  });

  it("gives slots to each empty shard once, and to one at a time where faults overlap", () => {
    const base = baseOf("cluster", { shards: 5, emptyShards: 2 });
    const weights = new Map([["add-shard", 1]]);
    const given = injectedBy(exploredScenario(base, boundsOn("cluster", { weights }), 1));
    expect(given.flatMap(({ targets }) => targets).toSorted()).toEqual([
      "shard:4/primary",
      "shard:5/primary",
    ]);
    const both = new Map([...weights, ["move-slots", 1] as const]);
    const overlapping = exploredScenario(base, boundsOn("cluster", { weights: both, overlap: true }), 1);
    expect(overlapping.steps.find(({ action }) => action === "schedule")?.value).toHaveLength(1);
  });

  it("hurts no replica where there is none, and lets overlapping faults miss each other", () => {
    for (const kind of ["ha", "cluster"] as const) {
      const base = baseOf(kind, { replicas: 0 });
      const drawn = [1, 2, 3].flatMap((seed) =>
        injectedBy(exploredScenario(base, boundsOn(kind, { faults: 20 }), seed)),
      );
      expect(drawn.flatMap(({ targets }) => targets).filter((text) => text.includes("replica"))).toEqual([]);
      const { steps } = exploredScenario(baseOf(kind), boundsOn(kind, { overlap: true }), 1);
      const schedule = steps.find(({ action }) => action === "schedule")?.value as { value: object }[];
      for (const { value } of schedule) expect(value).toMatchObject({ optional: true });
    }
  });

  it("hurts links between nodes, one way and both, and those of clients", () => {
    const weights = new Map([["cut", 1]]);
    const targetsOn = (kind: "ha" | "cluster") =>
      Array.from({ length: 60 }, (_, seed) =>
        injectedBy(exploredScenario(baseOf(kind), boundsOn(kind, { weights }), seed)),
      )
        .flat()
        .flatMap(({ targets }) => targets);
    expect(targetsOn("ha")).toEqual(
      expect.arrayContaining([
        "primary",
        "sentinel",
        "primary<>sentinels",
        "primary>replicas",
        "clients<>primary",
      ]),
    );
    expect(targetsOn("cluster")).toEqual(
      expect.arrayContaining([
        "shard:1/primary",
        "shard:3/primary>shard:3/replica",
        "clients<>shard:2/primary",
      ]),
    );
  });
});

describe("weights", () => {
  it("are read with and without numbers", () => {
    expect([...weightsOf("kill:3, pause", ["kill", "pause"])]).toEqual([
      ["kill", 3],
      ["pause", 1],
    ]);
  });
  it.each([
    ["kil", '"kil" cannot be explored here'],
    ["kill:0", "must be a number above 0"],
    ["kill:x", "must be a number above 0"],
    ["", '"" cannot be explored here'],
  ])("%j is refused", (text, why) => {
    expect(() => weightsOf(text, ["kill"])).toThrow(why);
  });
});
