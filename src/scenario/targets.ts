import type { Random } from "../base/random.ts";
import type { LinkRequest } from "../driver/driver.ts";
import { parseLinkName } from "../driver/links.ts";
import type { Fault } from "../fault/fault.ts";
import { bothWays } from "../fault/link-fault.ts";
import type { Plan } from "../model/plan.ts";
import { nodesWithRole, type TopologyView } from "../observe/view.ts";
import { checkTargets } from "./injectable.ts";
import { checkSelector, select, sentinelsNamed } from "./selectors.ts";
import { checkLinkSelector, meansClients, selectLinks } from "./selectors-links.ts";

/* What a fault is aimed at, be it nodes or links: from selectors to names, and from names back to nodes. */

type Aimed = Pick<Fault, "aim">;

/** Could these selectors mean something on that plan? @throws DrillError `BAD_USAGE` */
export function checkSelectors(fault: Fault, selectors: readonly string[], plan: Plan): void {
  for (const text of selectors) {
    if (fault.aim === "links") checkLinkSelector(text, plan);
    else checkSelector(text, plan);
  }
  if (fault.aim !== "links") checkTargets(fault, sentinelsNamed(selectors, plan), plan);
}

/** The names that they mean now. @throws DrillError `BAD_USAGE`, `NOT_READY` */
export function targetsOf(
  fault: Aimed,
  selectors: readonly string[],
  on: { plan: Plan; view: TopologyView; random: Random },
): string[] {
  const choose = fault.aim === "links" ? selectLinks : select;
  return [...new Set(selectors.flatMap((text) => choose(text, on.plan, on.view, on.random)))];
}

/** Which links must be told apart for it; undefined if none. */
export function linksNeeded(
  fault: Pick<Fault, "aim" | "needs">,
  selectors: readonly string[],
): LinkRequest | undefined {
  if (!fault.needs.includes("cut-links")) return undefined;
  return { clients: fault.aim === "links" && selectors.some(meansClients) };
}

/** The nodes that it touches: its targets, or the ends of its links. */
export function nodesTouched(fault: Aimed, targets: readonly string[]): string[] {
  if (fault.aim !== "links") return [...targets];
  const links = targets.flatMap((name) => parseLinkName(name) ?? []);
  return [...new Set(links.flatMap(({ from, to }) => [from, to]))];
}

/** Those of them that are primaries now: of a link either end, since each may find itself alone. */
export function primariesAmong(
  fault: Aimed,
  targets: readonly string[],
  { plan, view }: { plan: Plan; view: TopologyView },
): string[] {
  const primaries = nodesWithRole(view, "primary", plan);
  return nodesTouched(fault, targets).filter((name) => primaries.includes(name));
}

/** Is that target meant by a name that a person gives: of a node, of a link, or `A<>B`? */
export function isNamed(fault: Aimed, target: string, name: string): boolean {
  if (target === name) return true;
  const link = fault.aim === "links" ? parseLinkName(target) : undefined;
  if (!link) return false;
  const [a, b, ...more] = name.split("<>");
  if (b === undefined) return link.from === name || link.to === name;
  return more.length === 0 && [`${a}>${b}`, `${b}>${a}`].includes(target);
}

/** For a person: links in few words. */
export function shownTargets(fault: Aimed, targets: readonly string[]): string {
  return (fault.aim === "links" ? bothWays(targets) : targets).join(", ");
}
