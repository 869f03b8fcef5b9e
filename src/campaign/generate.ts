import type { Random } from "../base/random.ts";
import type { Drawn, Explored, ExploreOn } from "../fault/explore.ts";
import { FAULTS } from "../fault/registry.ts";
import { availability } from "../model/availability.ts";
import { DrillError } from "../model/errors.ts";
import { isSteady } from "../scenario/app/probe-schema.ts";
import { withoutOrigin } from "../scenario/config-files.ts";
import { type Scenario, type ScenarioInput, scenarioSchema } from "../scenario/schema.ts";
import { writtenExpect, writtenUse } from "../scenario/written.ts";
import { standardLoad } from "../workload/registry.ts";

/** How often each kind of fault is chosen, against the others. */
export type Weights = ReadonlyMap<string, number>;

/** The bounds of a schedule made by chance. */
export interface Bounds {
  readonly weights: Weights;
  /** Faults in one schedule. */
  readonly faults: number;
  /** Shortest and longest time that a fault is in force, ms. */
  readonly leastMs: number;
  readonly mostMs: number;
  /** Faults may overlap; otherwise the topology is whole again before the next. */
  readonly overlap: boolean;
}

const RECOVERED = { await: { condition: "recovered", within: "60s" } };
const APP_RECOVERED = { await: { condition: "app-recovered", within: "60s" } };
const REJOINED = { await: { condition: "rejoined", within: "60s" } };
/** Overlapping faults begin within this time of each other. */
const OVERLAP_SPAN_MS = 6000;

/**
 * A drill by chance: load, faults from the weighted set, each on a target and with options of its own choice, and
 * healing. The service must recover after each, and nothing that was replicated may be lost. The same numbers give the
 * same drill.
 */
export function generateScenario(
  base: Pick<Scenario, "topology" | "durability" | "client"> &
    Partial<Pick<Scenario, "expect" | "app" | "probes">>,
  name: string,
  bounds: Bounds,
  random: Random,
): Scenario {
  const injections = injectionsOf(base.topology, bounds, random);
  const load = standardLoad(base.topology.kind);
  const recovered = [RECOVERED, ...(base.probes?.some(isSteady) ? [APP_RECOVERED] : [])];
  const input = {
    name,
    description: `Made by chance: ${injections.map(({ fault, target }) => `${fault} of ${[target].flat().join(", ")}`).join(", ")}.`,
    topology: withoutOrigin(base.topology),
    durability: base.durability,
    client: base.client,
    steps: [
      { start: { [load.name]: load.options } },
      { wait: "1s" },
      ...(bounds.overlap ? overlapping(injections, random, recovered) : oneByOne(injections, recovered)),
    ],
    ...writtenUse(base),
    expect: base.expect === undefined ? {} : writtenExpect(base.expect),
  };
  return { ...scenarioSchema.parse(input as ScenarioInput), topology: base.topology };
}

interface Injection extends Drawn {
  readonly for: string;
}

/** As many as the bounds say, or fewer where no more of those faults make sense together. */
function injectionsOf(topology: Scenario["topology"], bounds: Bounds, random: Random): Injection[] {
  const drawn: Injection[] = [];
  while (drawn.length < bounds.faults) {
    const next = injection(drawOn(topology, random, bounds.overlap, drawn), bounds);
    if (next === undefined) break;
    drawn.push(next);
  }
  if (drawn.length > 0) return drawn;
  const kinds = [...bounds.weights.keys()].join(", ");
  throw new DrillError("BAD_USAGE", `${kinds}: cannot be explored on that ${topology.kind} topology`);
}

function injection(on: ExploreOn, bounds: Bounds): Injection | undefined {
  const weights = new Map(bounds.weights);
  while (weights.size > 0) {
    const fault = chosen(weights, on.random);
    const explored = FAULTS.get(fault)?.explore?.(on);
    if (explored && isUsable(fault, explored, on)) {
      const ms = bounds.leastMs + on.random.below(bounds.mostMs - bounds.leastMs + 1);
      return { fault, target: explored.target, for: `${ms}ms`, ...explored.options };
    }
    weights.delete(fault);
  }
  return undefined;
}

/** What was drawn may have options that make no sense there. */
function isUsable(kind: string, { options = {} }: Explored, on: ExploreOn): boolean {
  const fault = FAULTS.get(kind);
  const read = fault?.options.safeParse(options);
  if (fault === undefined || !read?.success) return false;
  return availability(kind, fault, { topology: on.kind, options: read.data }).available;
}

/** What faults choose among on that topology. */
export function drawOn(
  topology: Scenario["topology"],
  random: Random,
  overlap = false,
  before: readonly Drawn[] = [],
): ExploreOn {
  const { shards, emptyShards } = topology.kind === "ha" ? { shards: 0, emptyShards: 0 } : topology;
  return {
    random,
    kind: topology.kind,
    shards,
    emptyShards,
    replicas: Math.min(...[topology.replicas].flat()),
    overlap,
    before,
  };
}

function oneByOne(injections: readonly Injection[], recovered: readonly object[]): object[] {
  return injections.flatMap((inject) => [{ inject }, ...recovered, REJOINED]);
}

function overlapping(
  injections: readonly Injection[],
  random: Random,
  recovered: readonly object[],
): object[] {
  const schedule = injections.map((inject) => ({
    at: `${1 + random.below(OVERLAP_SPAN_MS)}ms`,
    inject: { ...inject, optional: true }, // what another one has brought about may leave it nobody to hit
  }));
  return [{ schedule }, ...recovered, REJOINED];
}

function chosen(weights: Weights, random: Random): string {
  const total = [...weights.values()].reduce((sum, weight) => sum + weight, 0);
  let left = random.next() * total;
  for (const [kind, weight] of weights) {
    left -= weight;
    if (left < 0) return kind;
  }
  return [...weights.keys()].at(-1) as string;
}

/**
 * `kill:3,pause` as weights: how often, against the others; without a number 1.
 *
 * @throws DrillError `BAD_USAGE` for an unknown fault, one that cannot be explored there, or a weight that is none
 */
export function weightsOf(text: string, explorable: readonly string[]): Weights {
  return new Map(
    text.split(",").map((part) => {
      const [kind = "", weight = "1"] = part.trim().split(":");
      if (!explorable.includes(kind)) {
        throw new DrillError("BAD_USAGE", `"${kind}" cannot be explored here`, {
          hint: `These can: ${explorable.join(", ")}.`,
        });
      }
      if (!/^\d+(\.\d+)?$/.test(weight) || Number(weight) <= 0)
        throw new DrillError("BAD_USAGE", `the weight of ${kind} must be a number above 0, got "${weight}"`);
      return [kind, Number(weight)] as const;
    }),
  );
}
