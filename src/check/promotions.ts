import { type Facts, type FaultWindow, shardOfNode } from "./facts.ts";
import { attributedUntil, lostPrimaries, primaryLosses } from "./losses.ts";
import { type Promotion, promotionsSeen } from "./promotions-seen.ts";

/**
 * The promotions that a fault asked for: in place of each primary that it took, the first replica of the same shard that became
 * one.
 */
export function promotionsOf(facts: Facts, fault: FaultWindow): Promotion[] {
  const until = attributedUntil(facts, fault);
  const seen = promotionsSeen(facts).filter(({ at }) => at > fault.injectAt && at <= until);
  return lostPrimaries(facts, fault).flatMap((from) => {
    const shard = shardOfNode(facts, from);
    const first = seen.find((one) => one.to !== from && one.shard === shard);
    return first ? [{ ...first, from }] : [];
  });
}

/**
 * Promotions that no loss asked for: no primary was lost, or another node had taken its place already. Where the scenario
 * expects that nobody is promoted, all promotions.
 */
export function needlessPromotions(facts: Facts): readonly Promotion[] {
  const seen = promotionsSeen(facts);
  if (facts.header.expect.promoted === false) return seen;
  const asked = primaryLosses(facts).flatMap((fault) => promotionsOf(facts, fault));
  return seen.filter(({ to, at }) => !asked.some((one) => one.to === to && one.at === at));
}
