import { rm } from "node:fs/promises";
import type { RunFolder } from "../history/run-store.ts";
import { messageOf } from "../model/errors.ts";
import type { Verdict } from "../model/outcome.ts";
import type { Result } from "../model/result.ts";
import { type RunOptions, runScenario } from "../run/run-scenario.ts";
import type { Scenario } from "../scenario/schema.ts";

/** One of many runs of a drill. `broken`: the environment broke, so there is no verdict; `why` says how. */
export interface Attempt {
  readonly seed: number;
  readonly verdict: Verdict | "broken";
  /** What did not pass, as `check: summary`; empty for a pass. */
  readonly why: readonly string[];
  /** The same as stable codes, `check:reason`: two attempts failed in the same way if they share one. */
  readonly codes: readonly string[];
  readonly result?: Result;
  readonly folder?: RunFolder;
}

/** What all runs of a campaign share; seed and replay command are each run's own. */
export type CampaignOptions = Omit<RunOptions, "seed" | "replay">;

/**
 * Runs the drill once. Only an abort of `options.signal` is thrown: an environment that broke is an attempt too.
 *
 * @throws DrillError `INTERRUPTED`
 */
export async function attempt(scenario: Scenario, options: RunOptions): Promise<Attempt> {
  const { seed } = options;
  try {
    const { result, folder } = await runScenario(scenario, options);
    const bad = result.checks.filter((check) => check.verdict !== "pass");
    return {
      seed,
      verdict: result.verdict,
      why: bad.map(({ name, summary }) => `${name}: ${summary}`),
      codes: bad.map(({ name, evidence }) => `${name}:${String(evidence.reason)}`),
      result,
      folder,
    };
  } catch (error) {
    options.signal.throwIfAborted();
    return { seed, verdict: "broken", why: [messageOf(error)], codes: ["broken"] };
  }
}

/** Somebody may want to look at it: it did not pass, or acknowledged writes are gone, be it that the scenario allows that. */
export function isNotable({ verdict, result }: Attempt): boolean {
  const { writes, accepted = [] } = result ?? {};
  return (
    verdict !== "pass" || (writes?.lost ?? 0) > 0 || accepted.some(({ what }) => what.startsWith("lost-"))
  );
}

/** Removes the run's folder where nobody will look for it. */
export async function forget({ folder }: Attempt): Promise<void> {
  if (folder) await rm(folder.dir, { recursive: true, force: true });
}
