import { MAX_SEED } from "../base/random.ts";
import type { Scenario } from "../scenario/schema.ts";
import { type Attempt, attempt, type CampaignOptions, forget } from "./attempt.ts";

/** A drill to be soaked, with the name that the user gave it. */
export interface Soaked {
  readonly ref: string;
  readonly scenario: Scenario;
}

export interface SoakOptions extends CampaignOptions {
  readonly times: number;
  /** Seed of the first round; each round has the next one. */
  readonly firstSeed: number;
  replayOf(ref: string, seed: number): string;
  onAttempt(ref: string, time: number, attempt: Attempt): void;
}

/**
 * Runs each drill again and again, each round with the next seed. Folders of runs that passed are removed, the others
 * kept. Ends early, with what there is, when the signal aborts.
 */
export async function soak(drills: readonly Soaked[], options: SoakOptions): Promise<Map<string, Attempt[]>> {
  const all = new Map<string, Attempt[]>(drills.map(({ ref }) => [ref, []]));
  for (let time = 1; time <= options.times; time += 1) {
    for (const { ref, scenario } of drills) {
      const seed = (options.firstSeed + time - 1) % MAX_SEED;
      const said = await attempt(scenario, { ...options, seed, replay: options.replayOf(ref, seed) }).catch(
        (error: unknown) => {
          if (options.signal.aborted) return undefined;
          throw error;
        },
      );
      if (said === undefined) return all;
      all.get(ref)?.push(said);
      options.onAttempt(ref, time, said);
      if (said.verdict === "pass") await forget(said);
    }
  }
  return all;
}
