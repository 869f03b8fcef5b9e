import type { Operation } from "../history/operations.ts";
import { LASTING_MS, STALL_MS } from "../service/limits.ts";
import { dueAt, isBad } from "../service/operation.ts";
import { type Facts, type FaultWindow, shardOfNode } from "./facts.ts";
import { probeOperations } from "./observed-by.ts";
import { once } from "./once.ts";
import { promotionsSeen } from "./promotions-seen.ts";
import { claims, gaveUpFor, placeHolders, whoAskedFor } from "./role-changes.ts";
import { sentinelSubject } from "./sentinel-words.ts";
import { failoverTimeMs } from "./settings.ts";
import { hitsTheSame, isOfHit } from "./shards-hit.ts";
import { aftermathOf, stallsAt, unobserved } from "./stalls.ts";

/** The faults that took a primary away. */
export const primaryLosses = once((facts: Facts): readonly FaultWindow[] =>
  facts.faults.filter((fault) => lostPrimaries(facts, fault).length > 0),
);

/**
 * The primaries that a fault took: it hit them, or a link that ends at them, or asked them to give up their place, and they
 *
 * - stopped answering us while the fault was in force, or
 * - were declared down by the Sentinels (`+odown`), or held to have failed by a node of the cluster (`fail`), or
 * - were superseded: another node of their shard was promoted, for which no other fault had asked.
 *
 * We reach the nodes by a way of our own: a primary that is cut off from the others may answer us all the time. What a fault means to
 * change decides between several: one that changes no role took a primary only where no other did.
 */
export function lostPrimaries(facts: Facts, fault: FaultWindow): readonly string[] {
  return allLost(facts).get(fault) ?? [];
}

const allLost = once((facts: Facts): ReadonlyMap<FaultWindow, readonly string[]> => {
  const lost = new Map<FaultWindow, readonly string[]>();
  const taken = (fault: FaultWindow) =>
    placeHolders(facts, fault).filter(
      (primary) =>
        stoppedAnswering(facts, fault, primary) ||
        wasDeclaredDown(facts, fault, primary) ||
        wasSuperseded(facts, fault, primary),
    );
  for (const fault of facts.faults) if (claims(fault).length > 0) lost.set(fault, taken(fault));
  for (const fault of facts.faults) {
    if (lost.has(fault)) continue;
    const isAnothers = (primary: string) =>
      [...lost].some(
        ([other, names]) =>
          names.includes(primary) &&
          other.injectAt < attributedUntil(facts, fault) &&
          attributedUntil(facts, other) > fault.injectAt,
      );
    lost.set(
      fault,
      taken(fault).filter((primary) => !isAnothers(primary)),
    );
  }
  return lost;
});

/**
 * The faults that users may have felt: the losses of primaries, and every other after which a probe that had gone well failed
 * before the next fault came. In order of injection.
 */
export const disruptiveFaults = once((facts: Facts): readonly FaultWindow[] =>
  facts.faults.filter((fault) => primaryLosses(facts).includes(fault) || disruptedTheProbe(facts, fault)),
);

/** Faults that come so soon after each other came at once: of no one alone could anything be seen. */
const AT_ONCE_MS = 100;

/** Until when what is seen belongs to this fault: the next one that disrupted the service, but for those that came at once, or the end of the run. */
export function windowEnd(facts: Facts, fault: FaultWindow): number {
  const later = disruptiveFaults(facts).filter((other) => other.injectAt > fault.injectAt + AT_ONCE_MS * 1e6);
  return Math.min(facts.endedAt, ...later.map((other) => other.injectAt));
}

/**
 * Until when a failover is this fault's doing: while it is in force, and for as long after as a detection and votes that were
 * under way may take. What comes later, or after the next fault on the same shard, is not.
 */
export function attributedUntil(facts: Facts, fault: FaultWindow): number {
  const { injectAt, healAt } = fault;
  const shards = placeHolders(facts, fault).map((name) => shardOfNode(facts, name));
  const next = facts.faults.find(
    (other) =>
      other.injectAt > injectAt && claims(other).some((name) => shards.includes(shardOfNode(facts, name))),
  );
  const over = healAt === undefined ? Infinity : healAt + failoverTimeMs(facts, injectAt) * 1e6;
  return Math.min(facts.endedAt, next?.injectAt ?? Infinity, over);
}

/** Of several faults in force on one primary, the last before it stopped answering made it stop. */
function stoppedAnswering(facts: Facts, { injectAt, healAt = Infinity }: FaultWindow, primary: string) {
  const next = facts.faults.find((other) => other.injectAt > injectAt && claims(other).includes(primary));
  const until = Math.min(healAt, next?.injectAt ?? Infinity);
  return facts.topology.some(
    ({ event, subject, to, at }) =>
      event === "reachable" && subject === primary && to === "no" && at >= injectAt && at < until,
  );
}

function wasDeclaredDown(facts: Facts, fault: FaultWindow, primary: string): boolean {
  const until = attributedUntil(facts, fault);
  return facts.topology.some(({ event, subject, to, at, detail = "" }) => {
    if (at < fault.injectAt || at > until) return false;
    if (event === "flag") return subject === primary && to === "fail";
    return (
      event === "sentinel" &&
      detail.startsWith("+odown master ") &&
      (sentinelSubject(facts, detail) ?? primary) === primary
    );
  });
}

function wasSuperseded(facts: Facts, fault: FaultWindow, primary: string): boolean {
  const until = attributedUntil(facts, fault);
  return promotionsSeen(facts).some((promotion) => {
    const { to, shard, at } = promotion;
    if (to === primary || shard !== shardOfNode(facts, primary) || at <= fault.injectAt) return false;
    const asker = whoAskedFor(facts, promotion);
    return asker === undefined ? at <= until : asker === fault && gaveUpFor(fault, primary, promotion);
  });
}

/** But for the time in which the tool itself stood still it may have gone well. What a server refused, it refused. */
function isHeldUp(facts: Facts, operation: Operation): boolean {
  const { outcome, node, completedAt } = operation;
  if (outcome !== "ok" && node !== undefined) return false;
  const span = { from: dueAt(operation), to: completedAt ?? facts.endedAt };
  const unseen = unobserved(facts, span);
  const isLong = unseen > STALL_MS * 1e6 || stallsAt(facts, aftermathOf(span), STALL_MS).length > 0;
  return unseen > 0 && (outcome === "ok" || isLong) && span.to - span.from - unseen <= STALL_MS * 1e6;
}

/** What the probe sent that went badly, and not for our own standing still. */
const badProbes = once((facts: Facts): readonly Operation[] =>
  probeOperations(facts).filter((operation) => isBad(operation) && !isHeldUp(facts, operation)),
);

/** Did the probe fail between this fault and the next, and go well before? What was bad already is not this one's doing. */
function disruptedTheProbe(facts: Facts, fault: FaultWindow): boolean {
  const bad = badProbes(facts);
  const later = facts.faults.filter(({ injectAt }) => injectAt > fault.injectAt);
  // Of the keys that it hit, only a fault on the same shards takes the blame from it.
  const same = later.filter((other) => hitsTheSame(facts, fault, other));
  const own = bad.filter(isOfHit(facts, fault));
  return wentBad(bad, fault, later) || (same.length < later.length && wentBad(own, fault, same));
}

function wentBad(
  bad: readonly Operation[],
  { injectAt }: FaultWindow,
  later: readonly FaultWindow[],
): boolean {
  const until = Math.min(...later.map((other) => other.injectAt));
  const wasBad = bad.some(({ invokedAt, completedAt = Infinity }) =>
    completedAt < injectAt
      ? completedAt > injectAt - LASTING_MS * 1e6
      : invokedAt < injectAt - STALL_MS * 1e6,
  );
  // What was under way when the next fault came, and went wrong after it, is that one's doing.
  const isDisrupted = ({ invokedAt, completedAt = Infinity }: Operation) =>
    completedAt >= injectAt && (completedAt <= until || invokedAt < until - STALL_MS * 1e6);
  return !wasBad && bad.some(isDisrupted);
}
