import type { Found, StalledFound } from "./checker.ts";
import type { Facts } from "./facts.ts";
import { primaryLosses, windowEnd } from "./losses.ts";
import { promotionsOf } from "./promotions.ts";
import { stalledWords } from "./stalled-words.ts";
import { stallsAt } from "./stalls.ts";
import { unlessFaultsLasted, unlessStalledIn } from "./unless-stalled.ts";

/** A promotion is seen by a look; for so long before the window closes looks must have been possible. */
const SEEN_NS = 1e9;
/** Seen so soon after a stall, it may have come at any time in it. */
const AFTER_NS = 100e6;
const LONG_MS = 250;

/**
 * The servers go on while the tool stands still. So a promotion that never came is one that no look showed afterwards
 * either; unless no look came before the window closed. One that should not have come may be due to a fault that was
 * healed too late.
 */
export function stalledPromotion(facts: Facts, found: Found): StalledFound {
  const left = observedPromotion(facts, found);
  const { reason, setting } = left.evidence;
  // Without a priority of 0 replicas are not good enough since they were out of touch, which a busy machine brings
  // about.
  const outOfTouch = reason === "no-good-replica" && setting !== "replica-priority";
  return { ...left, holds: !outOfTouch && !OF_TIME.includes(String(reason)) };
}

/**
 * What a machine that is too busy makes of sound servers. Who was not running, or may not be promoted, was so on any
 * machine.
 */
const OF_TIME = [
  "not-detected",
  "not-promoted",
  "answered-again",
  "sentinel-tilt",
  "quorum-not-reached",
  "not-elected",
  "promotion-timed-out",
  "waiting-to-retry",
  "replica-data-too-old",
  "votes-missing",
  "election-waiting",
  "asked-replica-not-promoted",
  "needless-failover",
  "second-failover",
  "unexpected-promotion",
];

function observedPromotion(facts: Facts, found: Found): Found {
  if (found.verdict === "pass") return seenLate(facts, found);
  if (!Array.isArray(found.evidence.lost)) return unlessFaultsLasted(facts, found);
  const ends = primaryLosses(facts).map((fault) => windowEnd(facts, fault));
  return unlessStalledIn(
    facts,
    found,
    ends.map((end) => ({ from: end - SEEN_NS, to: end })),
  );
}

function seenLate(facts: Facts, found: Found): Found {
  const seen = primaryLosses(facts).flatMap((fault) => promotionsOf(facts, fault));
  const stalls = seen.flatMap(({ at }) => stallsAt(facts, { from: at - AFTER_NS, to: at }, LONG_MS));
  if (stalls.length === 0) return found;
  return { ...found, summary: `${found.summary}, or sooner: ${stalledWords([...new Set(stalls)])}` };
}
