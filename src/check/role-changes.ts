import type { Facts, FaultWindow } from "./facts.ts";
import { once } from "./once.ts";
import { type Promotion, promotionsSeen } from "./promotions-seen.ts";
import { isDetachedAt } from "./role-story.ts";
import { isSupersededAt } from "./split-brain.ts";

/** What a fault that was asked for may still lead to after it was carried out. */
const AFTERMATH_NS = 2e9;
/** What came about while it was carried out may be seen so much later by our looks. */
const LOOK_LATE_NS = 0.1e9;

/** The primaries whose place a fault means to make free. Where a history does not tell: all that it hit. */
export function claims({ roles, primaries }: FaultWindow): readonly string[] {
  return roles === undefined ? primaries : roles.flatMap(({ from }) => from ?? []);
}

/**
 * The primaries that a fault hit, or asked to give up their place, and that had one: not a node that another had been
 * promoted in place of, nor one that was detached, whatever they called themselves.
 */
export function placeHolders(facts: Facts, fault: FaultWindow): readonly string[] {
  const { injectAt } = fault;
  return [...new Set([...fault.primaries, ...claims(fault)])].filter(
    (name) => !isDetachedAt(facts, name, injectAt) && !isSupersededAt(facts, name, injectAt),
  );
}

/** Was that primary the one that gave up its place for a promotion for which a fault had asked? */
export function gaveUpFor({ roles = [] }: FaultWindow, from: string, promotion: Promotion): boolean {
  const isSo = promotion.from === from;
  return isSo || roles.some((role) => role.from === from && [role.to, role.by].includes(promotion.to));
}

/** The fault that had asked for this promotion: it named that replica, or it saw whom Sentinel chose. */
export function whoAskedFor(facts: Facts, promotion: Promotion): FaultWindow | undefined {
  return askers(facts).get(promotion);
}

const askers = once((facts: Facts): ReadonlyMap<Promotion, FaultWindow> => {
  const found = new Map<Promotion, FaultWindow>();
  for (const promotion of promotionsSeen(facts)) {
    const [best] = facts.faults
      .filter(
        ({ injectAt, healedAt = Infinity }) =>
          injectAt < promotion.at && promotion.at <= healedAt + AFTERMATH_NS,
      )
      .map((fault) => ({ fault, rank: rankOf(fault, promotion) }))
      .filter(({ rank }) => rank > 0)
      .sort((a, b) => b.rank - a.rank || b.fault.injectAt - a.fault.injectAt);
    if (best) found.set(promotion, best.fault);
  }
  return found;
});

/**
 * The replica that it named comes first, then the one that it saw take over where it named none, then instead of
 * another. Where a history does not tell what the fault meant: a replica that took over while the fault was being
 * carried out on it.
 */
function rankOf(
  { roles, targets, primaries, injectedAt = Infinity }: FaultWindow,
  { to, at }: Promotion,
): number {
  if (roles === undefined)
    return targets.includes(to) && !primaries.includes(to) && at <= injectedAt + LOOK_LATE_NS ? 3 : 0;
  if (roles.some((role) => role.to === to)) return 3;
  if (roles.some((role) => role.by === to && role.to === undefined)) return 2;
  return roles.some((role) => role.by === to) ? 1 : 0;
}

/** A replica that a fault asked to take over, and what came of it. */
export interface Asked {
  readonly fault: FaultWindow;
  readonly asked: string;
  readonly from?: string;
  /** Who took over in that fault's time; absent: nobody did. */
  readonly tookOver?: string;
}

/** Every replica that was asked by its name, each by itself. */
export const askedReplicas = once((facts: Facts): readonly Asked[] =>
  facts.faults.flatMap((fault) =>
    (fault.roles ?? []).flatMap(({ from, to, by }): Asked[] => {
      if (to === undefined) return [];
      const own = promotionsSeen(facts).filter((one) => whoAskedFor(facts, one) === fault);
      const tookOver = own.find((one) => one.to === to)?.to ?? by ?? own.find((one) => one.from === from)?.to;
      return [
        {
          fault,
          asked: to,
          ...(from !== undefined && { from }),
          ...(tookOver !== undefined && { tookOver }),
        },
      ];
    }),
  ),
);
