/*
 *   failing scenario ─▶ is it reproduced? ─▶ smaller candidates ─▶ each tried a few times ─▶ the first that still fails
 *                                                  ▲                                             │
 *                                                  └─────────────────────────────────────────────┘
 * Real processes are not deterministic: a candidate counts as failing if one of its tries fails in a way in which the first
 * run failed, and how many of them did is shown.
 */
import { DrillError } from "../model/errors.ts";
import { checkScenario } from "../run/check-scenario.ts";
import type { Scenario } from "../scenario/schema.ts";
import { type Attempt, attempt, type CampaignOptions, forget } from "./attempt.ts";
import { type Smaller, smallerThan } from "./smaller.ts";

export interface ShrinkOptions extends CampaignOptions {
  readonly seed: number;
  /** How often a candidate is run before it counts as one that does not fail. */
  readonly tries: number;
  /** No candidate is begun after that many runs in all, or that much time. */
  readonly mostRuns: number;
  readonly mostMs: number;
  /** The ways of failing that count, as `check:reason`; absent: those of the first try that fails. */
  readonly codes?: readonly string[];
  onTried?(what: string, odds: Odds, kept: boolean): void;
}

/** Of so many tries, so many failed. */
export interface Odds {
  readonly failed: number;
  readonly tries: number;
}

export interface Shrunk {
  readonly scenario: Scenario;
  /** The ways in which it fails. Empty: it never failed, so there was nothing to shrink. */
  readonly codes: readonly string[];
  readonly odds: Odds;
  readonly runs: number;
  /** The last run that failed; its folder is kept, all others are removed. */
  readonly failing?: Attempt;
  /** Nothing smaller fails, as far as was tried; false: the budget ended first. */
  readonly minimal: boolean;
}

/** Makes a failing scenario smaller by itself: steps dropped and shortened while it still fails in the same way. */
export async function shrink(scenario: Scenario, options: ShrinkOptions): Promise<Shrunk> {
  const began = performance.now();
  let runs = 0;
  const spent = () => runs >= options.mostRuns || performance.now() - began >= options.mostMs;

  const tryOnce = async (candidate: Scenario) => {
    runs += 1;
    return attempt(candidate, {
      ...options,
      replay: `valkey-drill run ${candidate.name} --seed ${options.seed}`,
    });
  };

  /** Tries until one fails in that way: the tries after it would cost time and prove no more. */
  const tryIt = async (candidate: Scenario, codes: readonly string[] | undefined) => {
    const tried: Attempt[] = [];
    for (let n = 0; n < options.tries && (n === 0 || !spent()); n += 1) {
      const said = await tryOnce(candidate);
      tried.push(said);
      if (failsLike(said, codes)) break;
      await forget(said);
    }
    const failing = tried.find((said) => failsLike(said, codes));
    return { failing, odds: { failed: failing ? 1 : 0, tries: tried.length } };
  };

  /** All tries, for the odds of what is left in the end. */
  const oddsOf = async (candidate: Scenario, codes: readonly string[]): Promise<Odds> => {
    let failed = 0;
    for (let n = 0; n < options.tries; n += 1) {
      const said = await tryOnce(candidate);
      if (failsLike(said, codes)) failed += 1;
      await forget(said);
    }
    return { failed, tries: options.tries };
  };

  const first = await tryIt(scenario, options.codes);
  let { failing } = first;
  if (failing === undefined) return { scenario, codes: [], odds: first.odds, runs, minimal: false };
  const codes = options.codes ?? failing.codes;
  let smallest = scenario;
  let minimal = false;
  while (!minimal && !spent()) {
    let found: Smaller | undefined;
    for (const candidate of smallerThan(smallest)) {
      if (spent()) break;
      if (!isSound(candidate.scenario, options)) continue;
      const said = await tryIt(candidate.scenario, codes);
      options.onTried?.(candidate.what, said.odds, said.failing !== undefined);
      if (said.failing === undefined) continue;
      await forget(failing);
      failing = said.failing;
      found = candidate;
      break;
    }
    if (found) smallest = found.scenario;
    else minimal = !spent();
  }
  return { scenario: smallest, codes, odds: await oddsOf(smallest, codes), runs, failing, minimal };
}

function failsLike(said: Attempt, codes: readonly string[] | undefined): boolean {
  if (said.verdict !== "fail") return false;
  return codes === undefined || said.codes.some((code) => codes.includes(code));
}

function isSound(scenario: Scenario, { driver }: ShrinkOptions): boolean {
  try {
    checkScenario(scenario, driver);
    return true;
  } catch (error) {
    if (error instanceof DrillError) return false;
    throw error;
  }
}
