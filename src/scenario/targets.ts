import { majority } from "../base/majority.ts";
import type { Random } from "../base/random.ts";
import type { LinkRequest } from "../driver/driver.ts";
import { CLIENTS_END, parseLinkName } from "../driver/links.ts";
import type { Fault } from "../fault/fault.ts";
import { bothWays, shortLinks } from "../fault/link-fault.ts";
import type { Plan } from "../model/plan.ts";
import { nodesWithRole, type TopologyView } from "../observe/view.ts";
import { checkTargets } from "./injectable.ts";
import { checkSelector, select, sentinelsNamed } from "./selectors.ts";
import { checkLinkSelector, meansClients, selectLinks } from "./selectors-links.ts";

/* What a fault is aimed at, be it nodes or links: from selectors to names, and from names back to nodes. */

type HasTargetKind = Pick<Fault, "targetKind">;

/** Could these selectors mean something on that plan? @throws DrillError `BAD_USAGE` */
export function checkSelectors(
  fault: Fault,
  selectors: readonly string[],
  plan: Plan,
  options?: unknown,
): void {
  for (const text of selectors) {
    if (fault.targetKind === "links") checkLinkSelector(text, plan);
    else checkSelector(text, plan);
  }
  if (fault.targetKind !== "links") checkTargets(fault, sentinelsNamed(selectors, plan), plan, options);
}

/** The names that they mean now. @throws DrillError `BAD_USAGE`, `NOT_READY` */
export function targetsOf(
  fault: HasTargetKind,
  selectors: readonly string[],
  on: { plan: Plan; view: TopologyView; random: Random },
): string[] {
  const choose = fault.targetKind === "links" ? selectLinks : select;
  return [...new Set(selectors.flatMap((text) => choose(text, on.plan, on.view, on.random)))];
}

/** Which links must be told apart for it; undefined if none. */
export function linksNeeded(
  fault: Pick<Fault, "targetKind" | "needs">,
  selectors: readonly string[],
): LinkRequest | undefined {
  // A client that went to the servers themselves would not notice that a node is elsewhere.
  if (fault.needs.includes("own-addresses")) return { clients: true, ownAddresses: true };
  if (!fault.needs.includes("cut-links")) return undefined;
  return { clients: fault.targetKind === "links" && selectors.some(meansClients) };
}

/**
 * The primaries that it hits: among the targets; of links, those that it parts from clients, or from so many who judge
 * that they could declare it down: a quorum of the Sentinels, or in a cluster a majority of the primaries (all others,
 * where there are not that many). A replica that is parted from its primary takes nothing from anybody.
 */
export function primariesAmong(
  fault: HasTargetKind,
  targets: readonly string[],
  { plan, view }: { plan: Plan; view: TopologyView },
): string[] {
  const primaries = nodesWithRole(view, "primary", plan);
  if (fault.targetKind !== "links") return targets.filter((name) => primaries.includes(name));
  const links = targets.flatMap((name) => parseLinkName(name) ?? []);
  return primaries.filter((primary) => {
    const partedFrom = new Set(
      links.flatMap(({ from, to }) => (from === primary ? to : to === primary ? from : [])),
    );
    const { judges, needed } = judgesOf(primary, primaries, plan);
    const parted = judges.filter((name) => partedFrom.has(name)).length;
    return partedFrom.has(CLIENTS_END) || (needed > 0 && parted >= needed);
  });
}

/** Who can say that this primary is down, and how many of them must. */
function judgesOf(primary: string, primaries: readonly string[], plan: Plan) {
  if (plan.kind === "ha") {
    const judges = plan.nodes.filter((node) => node.role === "sentinel").map((node) => node.name);
    return { judges, needed: plan.quorum ?? majority(judges.length) };
  }
  const judges = primaries.filter((name) => name !== primary);
  return { judges, needed: Math.min(judges.length, majority(primaries.length)) };
}

/** Is that target meant by a name that a person gives: of a node, of a link, or `A<>B`? */
export function isNamed(fault: HasTargetKind, target: string, name: string): boolean {
  if (target === name) return true;
  const link = fault.targetKind === "links" ? parseLinkName(target) : undefined;
  if (!link) return false;
  const [a, b, ...more] = name.split("<>");
  if (b === undefined) return link.from === name || link.to === name;
  return more.length === 0 && [`${a}>${b}`, `${b}>${a}`].includes(target);
}

/** More than these are told in fewer words. */
const MOST_SHOWN = 8;

/** For a person: links in few words. */
export function shownTargets(fault: HasTargetKind, targets: readonly string[]): string {
  if (fault.targetKind !== "links") return targets.join(", ");
  const short = bothWays(targets);
  return short.length > MOST_SHOWN ? shortLinks(targets) : short.join(", ");
}
