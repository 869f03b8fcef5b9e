import { ADVISE_SCHEMA_VERSION, type Advice } from "../model/advise.ts";
import type { TopologySpec } from "../topology/spec.ts";
import { type Advised, advisedOf } from "./advised.ts";
import { predictLosses } from "./losses.ts";
import { predictOutage } from "./outage.ts";
import { risksOf } from "./rules/registry.ts";

/**
 * What a failover of that topology will be like, and what is risky about it. Pure: nothing is started.
 *
 * @param from the files that were read, or the scenario
 * @param valkey version of the server
 */
export function advise(
  spec: TopologySpec,
  from: readonly string[],
  valkey: string,
  client?: Advised["client"],
): Advice {
  const advised = advisedOf(spec, valkey, client);
  return {
    schemaVersion: ADVISE_SCHEMA_VERSION,
    topology: spec.kind,
    from: [...from],
    valkey,
    settings: { ...advised.settings },
    replaced: (spec.origin?.replaced ?? []).map((one) => ({ ...one })),
    outage: predictOutage(advised),
    losses: predictLosses(advised),
    risks: risksOf(advised),
    proofs: [],
  };
}
