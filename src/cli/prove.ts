import { advisedOf } from "../advise/advised.ts";
import { predictOutage } from "../advise/outage.ts";
import { MAX_SEED } from "../base/random.ts";
import type { Advice, PredictedOutage, Proof } from "../model/advise.ts";
import { DrillError } from "../model/errors.ts";
import { checkScenario } from "../run/check-scenario.ts";
import { type RunOptions, runScenario } from "../run/run-scenario.ts";
import { loadScenario } from "../scenario/load.ts";
import { EXPECT_BY_DEFAULT, type Scenario } from "../scenario/schema.ts";
import type { TopologySpec } from "../topology/spec.ts";

/** A condition is waited for at least so much longer than it likely takes. */
const SPARE_MS = 20_000;

interface ShowingDrill {
  readonly ref: string;
  readonly scenario: Scenario;
  /** The risks that it shows. */
  readonly rules: readonly string[];
}

/** The drills that show what was said; the first measures the outage of that topology. */
async function drillsOf(
  advice: Advice,
  spec: TopologySpec,
): Promise<readonly [ShowingDrill, ...ShowingDrill[]]> {
  const drill = (ref: string, scenario: Scenario): ShowingDrill => ({
    ref,
    scenario,
    rules: advice.risks.filter((risk) => risk.scenario === ref).map(({ rule }) => rule),
  });
  const main = await mainDrill(advice, spec);
  const others = new Set(advice.risks.map(({ scenario }) => scenario).filter((ref) => ref !== main.name));
  return [
    drill(main.name, main),
    ...(await Promise.all([...others].map(async (ref) => drill(ref, await loadScenario(ref))))),
  ];
}

/** The main drill of its kind on the topology that is advised on; it judges nothing but what is always wrong. */
async function mainDrill({ outage, topology: kind }: Advice, topology: TopologySpec): Promise<Scenario> {
  const drill = await loadScenario(kind === "ha" ? "ha-failover" : "cluster-failover");
  const least = outage.highMs + SPARE_MS;
  return {
    ...drill,
    topology,
    expect: EXPECT_BY_DEFAULT,
    steps: drill.steps.map((step) => {
      const value = step.value as { within?: number };
      if (step.action !== "await" || value.within === undefined) return step;
      return { ...step, value: { ...value, within: Math.max(value.within, least) } };
    }),
  };
}

export interface ProveOptions extends Omit<RunOptions, "replay"> {
  /** outage: only the drill that measures it. */
  readonly what: "all" | "outage";
  /** How often that one is run. */
  readonly times: number;
}

/** Runs them one after the other. A drill whose environment broke is told, and the others are run all the same. */
export async function prove(
  advice: Advice,
  spec: TopologySpec,
  { what, times, ...options }: ProveOptions,
  onProof: (proof: Proof) => void,
): Promise<Proof[]> {
  const [main, ...others] = await drillsOf(advice, spec);
  const drills = [...Array.from({ length: times }, () => main), ...(what === "outage" ? [] : others)];
  for (const { scenario } of drills) checkScenario(scenario, options.driver);
  const predicted =
    advice.outage.endless === null ? predictOutage(advisedOf(spec, options.valkey)) : undefined;
  const proofs: Proof[] = [];
  for (const [index, { ref, scenario, rules }] of drills.entries()) {
    if (options.signal.aborted) break;
    const expected = index < times ? predicted : undefined;
    const proof = await proofOf({ scenario: ref, rules: [...rules] }, scenario, expected, {
      ...options,
      seed: (options.seed + index) % (MAX_SEED + 1),
    });
    proofs.push(proof);
    onProof(proof);
  }
  return proofs;
}

async function proofOf(
  named: Pick<Proof, "scenario" | "rules">,
  scenario: Scenario,
  predicted: PredictedOutage | undefined,
  options: Omit<RunOptions, "replay">,
): Promise<Proof> {
  const predictedMs: Proof["predictedMs"] = predicted ? [predicted.lowMs, predicted.highMs] : null;
  const about = { ...named, predictedMs };
  try {
    const replay = ({ scenario: file }: { scenario: string }) =>
      `valkey-drill run ${file} --seed ${options.seed}`;
    const { result, folder } = await runScenario(scenario, { ...options, replay });
    const measuredMs = result.outage.writeMs;
    const within =
      predictedMs && measuredMs !== null
        ? measuredMs >= predictedMs[0] && measuredMs <= predictedMs[1]
        : null;
    return {
      ...about,
      verdict: result.verdict,
      measuredMs,
      within,
      lost: result.writes.lost,
      folder: folder.dir,
    };
  } catch (error) {
    if (!(error instanceof DrillError) || error.code === "INTERRUPTED") throw error;
    return { ...about, verdict: "broken", measuredMs: null, within: null, lost: null, folder: null };
  }
}
