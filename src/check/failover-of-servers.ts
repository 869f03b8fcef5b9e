import type { PhaseResult } from "../model/result.ts";
import type { Facts, FaultWindow } from "./facts.ts";
import { phasesFrom } from "./failover.ts";
import { replicaPhaseEnds } from "./failover-phases.ts";
import { type Candidate, inOrder, type PhaseEnd, placed } from "./phase-end.ts";
import { promotionsOf } from "./promotions.ts";
import { momentsOfServers } from "./server-phases.ts";

/** Phases as servers alone tell them. */
export interface ServerPhases {
  readonly phases: readonly PhaseResult[];
  /**
   * When each phase was told, ns, before it was put into one order with the others; the line that tells it stands
   * there.
   */
  readonly toldAt: ReadonlyMap<string, number>;
}

/**
 * The phases of a failover of which no client tells: there is no outage to part, so the path leads from the loss to the
 * last that the servers did, and every step of it is theirs. The moments, their order and what limits them are those of
 * a drill.
 */
export function serverPhases(facts: Facts, fault: FaultWindow): ServerPhases {
  const [promotion] = promotionsOf(facts, fault);
  const all = (candidates: readonly Candidate[]) => candidates.flatMap((one) => placed(facts, one));
  const onTheWay = all([
    { name: "fault", at: fault.injectAt, seenBy: "log" },
    ...momentsOfServers(facts, fault, promotion),
  ]);
  const besides = all(replicaPhaseEnds(facts, fault, promotion));
  const moments: PhaseEnd[] = [
    ...inOrder(onTheWay).map((moment) => ({ ...moment, path: true })),
    ...besides.map((moment) => ({ ...moment, path: false })),
  ];
  return {
    phases: phasesFrom(
      facts,
      fault,
      moments.toSorted((a, b) => a.at - b.at),
    ),
    toldAt: new Map([...onTheWay, ...besides].map(({ name, at }) => [name, at])),
  };
}
