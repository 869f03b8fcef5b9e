import { nodeOf } from "../driver/driver.ts";
import type { Fault } from "../fault/fault.ts";
import { availability, requireAvailable } from "../model/availability.ts";
import type { Capable } from "../model/capabilities.ts";
import { DrillError } from "../model/errors.ts";
import type { Plan, TopologyKind } from "../model/plan.ts";
import { TOPOLOGIES } from "../topology/registry.ts";

/* Faults by what is known of where they are to be used: each asks `availability`. */

/** @throws DrillError `LACKS_CAPABILITY`, with what would give it */
export function checkCapabilities(
  { kind, needs }: Pick<Fault, "kind" | "needs">,
  capable: Capable,
  name: string,
): void {
  requireAvailable(kind, { needs }, { on: { capable, name } });
}

/** What a fault does, and where it can be used, if not everywhere. */
export function toldFault(fault: Fault): string {
  const all = Object.keys(TOPOLOGIES) as TopologyKind[];
  const fitting = all.filter((topology) => availability(fault.kind, fault, { topology }).available);
  return fitting.length === all.length ? fault.summary : `${fault.summary} (${fitting.join(", ")} only)`;
}

/**
 * A fault's options as its own schema reads them.
 *
 * @throws DrillError `BAD_USAGE` if they are wrong, or make no sense on that kind of topology
 */
export function fittingOptions(
  fault: Fault,
  given: Readonly<Record<string, unknown>>,
  topology: TopologyKind,
): unknown {
  requireAvailable(fault.kind, fault, { topology });
  const parsed = fault.options.safeParse(given);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => [...path, message].join(": "));
    throw new DrillError("BAD_USAGE", `fault ${fault.kind}: ${problems.join("; ")}`, {
      hint: "Options stand after the target, as name=value; docs/guide.md lists those of each fault.",
    });
  }
  requireAvailable(fault.kind, fault, { topology, options: parsed.data });
  return parsed.data;
}

/**
 * @throws DrillError `BAD_USAGE` if one of them is a Sentinel, and the fault is not for those, or the other way round;
 *   or if that topology lacks what it needs
 */
export function checkTargets(fault: Fault, targets: readonly string[], plan: Plan): void {
  const lacking = fault.lackingOf?.(plan);
  if (lacking !== undefined) throw new DrillError("BAD_USAGE", `${fault.kind} needs ${lacking}`);
  if (fault.targetKind === "links") return; // their names are no nodes'
  requireAvailable(fault.kind, fault, { targets: targets.map((name) => nodeOf(plan, name)) });
}
