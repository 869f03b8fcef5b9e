import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MAX_SEED } from "../base/random.ts";
import { checkScenario } from "../scenario/run-scenario.ts";
import { scenarioSchema } from "../scenario/schema.ts";
import { explorableFaults, exploredScenario } from "./explore.ts";
import { type Bounds, weightsOf } from "./generate.ts";

/** A driver that can do everything: what is drawn must be possible on it. */
const driver = { name: "any", capabilities: { has: () => true } } as never;
const baseOf = (kind: "ha" | "cluster") =>
  scenarioSchema.parse({ name: "x", description: "x", topology: { kind }, steps: [{ wait: "1s" }] });
const seeds = fc.integer({ min: 0, max: MAX_SEED });
const kinds = fc.constantFrom("ha" as const, "cluster" as const);
const boundsOn = (kind: "ha" | "cluster", changes: Partial<Bounds> = {}): Bounds => ({
  weights: new Map(explorableFaults(kind, driver).map((name) => [name, 1])),
  faults: 3,
  leastMs: 500,
  mostMs: 2000,
  overlap: false,
  ...changes,
});

type Injected = { fault: string; targets: string[]; forMs: number };
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
    expect(explorableFaults("ha", driver)).not.toContain("flush");
    const bare = { capabilities: new Set<never>() };
    expect(explorableFaults("ha", bare)).toContain("kill");
    expect(explorableFaults("ha", bare)).not.toContain("pause");
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
