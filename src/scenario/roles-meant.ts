import type { Fault, RolesNow } from "../fault/fault.ts";
import { primariesMayLosePlace } from "../fault/roles.ts";
import type { RoleChange } from "../model/event.ts";
import type { Plan } from "../model/plan.ts";
import { nodesWithRole, type TopologyView } from "../observe/view.ts";
import { primariesAmong } from "./targets.ts";

/** Whom a fault affects, by what the nodes said of their roles when it came. */
export interface RolesMeant {
  /** Those that are primaries now, and that it hits or asks to give up their place. */
  readonly primaries: readonly string[];
  readonly roles: readonly RoleChange[];
}

/** What the fault means to change on these targets, now. */
export function rolesMeant(
  fault: Fault,
  targets: readonly string[],
  options: unknown,
  on: { readonly plan: Plan; readonly view: TopologyView },
): RolesMeant {
  const now = rolesNow(fault, targets, on);
  const roles = fault.means?.(targets, options, now) ?? primariesMayLosePlace(targets, options, now);
  const givers = roles.flatMap(({ from }) =>
    from !== undefined && now.primaryOf(from) === from ? from : [],
  );
  return { primaries: [...new Set([...now.hit, ...givers])], roles };
}

function rolesNow(
  fault: Fault,
  targets: readonly string[],
  { plan, view }: { readonly plan: Plan; readonly view: TopologyView },
): RolesNow {
  const primaries = nodesWithRole(view, "primary", plan);
  const isReplica = (name: string) =>
    view.get(name)?.reachable === true && view.get(name)?.role === "replica";
  const planned = (name: string) => plan.nodes.find((node) => node.name === name)?.shard;
  return {
    kind: plan.kind,
    hit: primariesAmong(fault, targets, { plan, view }),
    isReplica,
    primaryOf(node) {
      if (primaries.includes(node)) return node;
      const followed = followedBy(view, node);
      if (followed !== undefined) return primaries.find((name) => name === followed);
      return primaries.find((name) => plan.kind === "ha" || planned(name) === planned(node));
    },
  };
}

/** Whom a replica follows in the end: who was just replaced follows another itself. */
function followedBy(view: TopologyView, node: string): string | undefined {
  const passed = new Set([node]);
  let at = view.get(node)?.follows;
  for (let next = at; next !== undefined && !passed.has(next); next = view.get(next)?.follows) {
    passed.add(next);
    at = next;
  }
  return at;
}
