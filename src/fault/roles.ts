import type { RoleChange } from "../model/event.ts";
import type { RolesNow } from "./fault.ts";

/** For faults that take a primary's service away: another may take its place, and nobody says who. */
export function primariesMayLosePlace(
  _targets: readonly string[],
  _options: unknown,
  { hit }: RolesNow,
): readonly RoleChange[] {
  return hit.map((from) => ({ from }));
}

/** For faults after which every node is to be what it was. */
export function changesNoRole(): readonly RoleChange[] {
  return [];
}

/** `came` of a fault whose `inject` returns `changes`: who took over from whom. */
export function changesRemembered(remembered: unknown): readonly RoleChange[] | undefined {
  return (remembered as { readonly changes?: readonly RoleChange[] } | undefined)?.changes;
}

/** What came of it, where it is known: `node-4 took over from node-1; node-7, which was asked, did not`. */
export function toldChanges(changes: readonly RoleChange[]): string | undefined {
  const told = changes.flatMap(({ from, to, by }) => {
    const place = from === undefined ? "" : ` from ${from}`;
    if (by === undefined)
      return to === undefined ? [] : [`${to} was asked to take over${place}, and did not`];
    return [
      `${by} took over${place}`,
      ...(to === undefined || to === by ? [] : [`${to}, which was asked, did not`]),
    ];
  });
  return told.length > 0 ? [...new Set(told)].join("; ") : undefined;
}
