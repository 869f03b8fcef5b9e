import { slotsIn } from "../base/ranges.ts";
import { SLOT_COUNT } from "../base/slots.ts";
import type { TopologyEvent } from "../model/event.ts";
import type { Look } from "./look.ts";
import type { NodeView } from "./view.ts";

type Change = Omit<TopologyEvent, "type" | "at">;

/**
 * What one look shows that the look before did not.
 *
 * @param flags what each node last said of each other (`source/subject` → health) and its count of slots served;
 *   updated here
 */
export function changesBetween(
  name: string,
  before: NodeView,
  look: Look,
  flags: Map<string, string>,
): Change[] {
  const after = look.node;
  const changes: Change[] = [];
  const own = (event: Change["event"], to: string) =>
    changes.push({ source: name, event, subject: name, to });

  if (after.reachable !== before.reachable) own("reachable", after.reachable ? "yes" : "no");
  if (!after.reachable) return changes;
  if (after.role && after.role !== before.role)
    changes.push({
      source: name,
      event: "role",
      subject: name,
      to: after.role,
      ...(look.cluster.length > 0 && { ownSlots: slotsIn(after.slots) }),
    });
  if (after.follows && after.follows !== before.follows) own("follows", after.follows);
  if (after.linkUp !== before.linkUp) own("link", after.linkUp ? "up" : "down");
  if (after.state && after.state !== before.state) own("state", after.state);

  for (const line of look.cluster) {
    const subject = look.nameOf(line.id);
    if (subject !== undefined && differs(flags, `${name}/${subject}`, line.health, "ok")) {
      changes.push({ source: name, event: "flag", subject, to: line.health });
    }
  }
  if (look.cluster.length > 0) {
    const served = look.cluster.reduce(
      (sum, line) => (line.health === "fail" ? sum : sum + slotsIn(line.slots)),
      0,
    );
    if (differs(flags, name, String(served), String(SLOT_COUNT))) {
      changes.push({ source: name, event: "slots", to: String(served) });
    }
  }
  return changes;
}

function differs(seen: Map<string, string>, key: string, value: string, initial: string): boolean {
  const before = seen.get(key) ?? initial;
  seen.set(key, value);
  return before !== value;
}
