import { MAX_SEED, seededRandom } from "../base/random.ts";
import type { Driver } from "../driver/driver.ts";
import { FAULTS } from "../fault/registry.ts";
import { availability } from "../model/availability.ts";
import { checkScenario } from "../run/check-scenario.ts";
import type { Scenario } from "../scenario/schema.ts";
import { type Attempt, attempt, type CampaignOptions, forget, isNotable } from "./attempt.ts";
import { type Bounds, drawOn, generateScenario } from "./generate.ts";

export interface ExploreOptions extends CampaignOptions {
  readonly bounds: Bounds;
  readonly firstSeed: number;
  /** No round is begun after that much time, or that many rounds. */
  readonly mostMs: number;
  readonly mostRounds: number;
  replayOf(seed: number): string;
  onRound(scenario: Scenario, seed: number): void;
  onAttempt(attempt: Attempt): void;
}

/** A round that did not pass: its drill, and how it ended. */
export interface Found {
  readonly scenario: Scenario;
  readonly attempt: Attempt;
}

/**
 * Drills by chance until one does not pass, or the time or the rounds are over. Each round has the next seed, and its
 * drill follows from its seed alone. Folders of rounds that passed and lost nothing are removed.
 */
export async function explore(
  base: Pick<Scenario, "topology" | "durability" | "client"> & { readonly expect?: Scenario["expect"] },
  options: ExploreOptions,
): Promise<{ rounds: number; found?: Found }> {
  const began = performance.now();
  let rounds = 0;
  while (rounds < options.mostRounds && performance.now() - began < options.mostMs) {
    const seed = (options.firstSeed + rounds) % MAX_SEED;
    const scenario = exploredScenario(base, options.bounds, seed);
    checkScenario(scenario, options.driver);
    options.onRound(scenario, seed);
    const said = await attempt(scenario, { ...options, seed, replay: options.replayOf(seed) });
    rounds += 1;
    options.onAttempt(said);
    if (said.verdict !== "pass") return { rounds, found: { scenario, attempt: said } };
    if (!isNotable(said)) await forget(said);
  }
  return { rounds };
}

/** The drill of one round. */
export function exploredScenario(
  base: Parameters<typeof generateScenario>[0],
  bounds: Bounds,
  seed: number,
): Scenario {
  const name = `explore-${base.topology.kind}-${seed}`;
  return generateScenario(base, name, bounds, seededRandom(seed).fork("explore"));
}

/** The faults that can be drawn on that topology, with that driver. */
export function explorableFaults(
  topology: Scenario["topology"],
  driver: Pick<Driver, "capabilities">,
): string[] {
  const on = drawOn(topology, seededRandom(0));
  const place = { topology: topology.kind, on: { capable: driver, name: "driver" } };
  return [...FAULTS.values()]
    .filter((fault) => availability(fault.kind, fault, place).available && fault.explore?.(on) !== undefined)
    .map((fault) => fault.kind);
}
