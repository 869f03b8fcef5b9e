import { type Facts, type FaultWindow, shardOfNode } from "./facts.ts";
import { attributedUntil, lostPrimaries, primaryLosses } from "./losses.ts";
import { type Promotion, promotionsSeen } from "./promotions-seen.ts";
import { whoAskedFor } from "./role-changes.ts";

/**
 * The promotions in place of each primary that a fault took: that for which the fault asked, else the first replica of
 * the same shard that became one while the fault may have been the cause. Where a later fault asked a replica to take a
 * place that this one had left empty, that promotion is in its place as well.
 */
export function promotionsOf(facts: Facts, fault: FaultWindow): Promotion[] {
  const until = attributedUntil(facts, fault);
  return lostPrimaries(facts, fault).flatMap((from) => {
    const shard = shardOfNode(facts, from);
    const after = heldFrom(facts, from, fault);
    const seen = promotionsSeen(facts).filter(
      (one) => one.to !== from && one.shard === shard && one.at > after,
    );
    const [first] = seen;
    const asked = seen.find((one) => whoAskedFor(facts, one) === fault);
    const found = asked ?? (first && isOwn(first) ? first : undefined);
    return found ? [{ ...found, from }] : [];

    function isOwn(one: Promotion): boolean {
      const asker = whoAskedFor(facts, one);
      if (asker === undefined) return one.at <= until;
      const filled = asker.roles?.some(({ from: giver = from }) => giver === from) ?? false;
      const { healAt, healedAt = Infinity } = fault;
      return filled && asker.injectAt > fault.injectAt && asker.injectAt < (healAt ?? healedAt);
    }
  });
}

/** The lost primaries in whose place nobody was promoted, with the fault that took each. */
export function notReplaced(facts: Facts): { readonly from: string; readonly fault: FaultWindow }[] {
  return primaryLosses(facts).flatMap((fault) => {
    const replaced = promotionsOf(facts, fault).map(({ from }) => from);
    return lostPrimaries(facts, fault)
      .filter((from) => !replaced.includes(from))
      .map((from) => ({ from, fault }));
  });
}

/** From when on that node could lose its place to this fault: one that is to take it first, not before it has. */
function heldFrom(facts: Facts, name: string, { injectAt, primaries }: FaultWindow): number {
  if (primaries.includes(name)) return injectAt;
  return promotionsSeen(facts).find(({ to, at }) => to === name && at > injectAt)?.at ?? injectAt;
}

/**
 * Promotions that no loss and no fault asked for: no primary was lost, or another node had taken its place already.
 * Where the scenario expects that nobody is promoted, all promotions.
 */
export function needlessPromotions(facts: Facts): readonly Promotion[] {
  const seen = promotionsSeen(facts);
  if (facts.header.expect.promoted === false) return seen;
  const asked = primaryLosses(facts).flatMap((fault) => promotionsOf(facts, fault));
  return seen.filter(
    (promotion) =>
      whoAskedFor(facts, promotion) === undefined &&
      !asked.some((one) => one.to === promotion.to && one.at === promotion.at),
  );
}
