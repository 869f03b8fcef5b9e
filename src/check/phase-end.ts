import type { LogEventData } from "../model/observed.ts";
import type { PhaseResult } from "../model/result.ts";
import type { Answers } from "./answer-span.ts";
import type { Facts } from "./facts.ts";
import { once } from "./once.ts";

/** When a phase of a failover ended, ns on the run's clock. */
export interface PhaseEnd {
  readonly name: string;
  readonly at: number;
  /** When it was at the earliest and at the latest. */
  readonly earliest: number;
  readonly latest: number;
  readonly seenBy: PhaseResult["seenBy"];
  /** On the way from the last success to the first of the lasting recovery. */
  readonly path: boolean;
  /** Off the path: the phase that it follows from. */
  readonly since?: string;
  /** The lines of a log that tell of it. */
  readonly logs?: readonly LogEventData[];
  /** What the probe was answered until then. */
  readonly answers?: Answers;
  /** From then on the servers refused; before, nobody answered. */
  readonly refusedFrom?: true;
}

/** The end of a phase that may not have come, as somebody told it. */
export type Candidate = Omit<PhaseEnd, "at" | "path" | "earliest" | "latest"> & {
  readonly at: number | undefined;
  /** How far a log's clock may be off, ms. */
  readonly errorMs?: number;
};

/** The end of a phase with how exactly it is known. */
export type Placed = Omit<PhaseEnd, "path">;

/**
 * Looks come late, at most by the time since the look before (where that was not recorded, by the time that should lie
 * between two); logs are off either way; all others tell it themselves.
 */
export function placed(facts: Facts, { errorMs, ...candidate }: Candidate): Placed[] {
  const { at, seenBy } = candidate;
  if (at === undefined) return [];
  const lateNs = seenBy === "look" ? at - (lookBefore(facts).get(at) ?? at - everyNs(facts)) : 0;
  const errorNs = (errorMs ?? errorOfEvent(facts).get(at) ?? 0) * 1e6;
  return [{ ...candidate, at, earliest: at - lateNs - errorNs, latest: at + errorNs }];
}

const everyNs = (facts: Facts) => (facts.header.topology.lookEveryMs ?? 0) * 1e6;

/** When the look before was asked for, by the time at which a change was recorded. */
const lookBefore = once(
  (facts: Facts): ReadonlyMap<number, number> =>
    new Map(facts.topology.flatMap(({ at, after }) => (after === undefined ? [] : [[at, after] as const]))),
);

/**
 * How far the clock of the log may be off from which an event was taken, ms, by the time at which the event was
 * recorded.
 */
const errorOfEvent = once(
  (facts: Facts): ReadonlyMap<number, number> =>
    new Map(
      facts.topology.flatMap(({ at, errorMs }) => (errorMs === undefined ? [] : [[at, errorMs] as const])),
    ),
);

/**
 * Puts ends of phases of which each led to the next into one order, as far as it is not known how exactly each was
 * told: none is earlier than the one before it could be, none later than the one after it. Where that cannot be, they
 * stay as they were told.
 *
 * @param chain in the order in which each led to the next
 */
export function inOrder(chain: readonly Placed[]): Placed[] {
  const earliest = chain.map((phaseEnd) => phaseEnd.earliest);
  const latest = chain.map((phaseEnd) => phaseEnd.latest);
  for (let n = 1; n < chain.length; n += 1) {
    earliest[n] = Math.max(earliest[n] as number, earliest[n - 1] as number);
  }
  for (let n = chain.length - 2; n >= 0; n -= 1) {
    latest[n] = Math.min(latest[n] as number, latest[n + 1] as number);
  }
  let before = -Infinity;
  return chain.map((phaseEnd, n) => {
    const [from, to] = [earliest[n] as number, latest[n] as number];
    if (from > to) return phaseEnd;
    before = Math.min(Math.max(phaseEnd.at, from, before), to);
    return { ...phaseEnd, earliest: from, latest: to, at: before };
  });
}
