import { CAPABILITIES, type Capability, nodeOf } from "../driver/driver.ts";
import type { Fault } from "../fault/fault.ts";
import { DrillError } from "../model/errors.ts";
import type { Plan, TopologyKind } from "../model/plan.ts";

/** What has capabilities: a driver, or an environment that it started. */
interface Capable {
  readonly capabilities: ReadonlySet<Capability>;
  lacks?(capability: Capability): string | undefined;
}

/** @throws DrillError `LACKS_CAPABILITY`, with what would give it */
export function checkCapabilities(fault: Pick<Fault, "kind" | "needs">, on: Capable, name: string): void {
  const lacking = fault.needs.filter((need) => !on.capabilities.has(need));
  if (lacking.length === 0) return;
  const missing = lacking.map((need) => `${CAPABILITIES[need]} (${need})`).join(", ");
  const hint = lacking.map((need) => on.lacks?.(need)).filter(Boolean);
  throw new DrillError("LACKS_CAPABILITY", `${fault.kind} needs ${missing}, which the ${name} lacks here`, {
    ...(hint.length > 0 && { hint: hint.join("\n") }),
  });
}

/** Why the fault, or one of the options that are given, makes no sense on that kind of topology; `undefined`: it does. */
export function misfit(
  { kind, topologies, unsupportedOn }: Pick<Fault, "kind" | "topologies" | "unsupportedOn">,
  topology: TopologyKind,
  options?: unknown,
): string | undefined {
  if (topologies !== undefined && !topologies.includes(topology))
    return `${kind} is for ${topologies.join(", ")}, not for ${topology}`;
  const why = options === undefined ? undefined : unsupportedOn?.(options, topology);
  return why === undefined ? undefined : `${kind}: ${why}`;
}

/** What a fault does, and where it can be used, if not everywhere. */
export function toldFault({ summary, topologies }: Pick<Fault, "summary" | "topologies">): string {
  return topologies === undefined ? summary : `${summary} (${topologies.join(", ")} only)`;
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
  const none = misfit(fault, topology);
  if (none !== undefined) throw new DrillError("BAD_USAGE", none);
  const parsed = fault.options.safeParse(given);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => [...path, message].join(": "));
    throw new DrillError("BAD_USAGE", `fault ${fault.kind}: ${problems.join("; ")}`, {
      hint: "Options stand after the target, as name=value; docs/guide.md lists those of each fault.",
    });
  }
  const why = misfit(fault, topology, parsed.data);
  if (why !== undefined) throw new DrillError("BAD_USAGE", why);
  return parsed.data;
}

/** @throws DrillError `BAD_USAGE` if one of them is a Sentinel, and the fault is not for those, or the other way round */
export function checkTargets(fault: Fault, targets: readonly string[], plan: Plan): void {
  if (!fault.dataNodesOnly && !fault.sentinelsOnly) return;
  const wrong = fault.dataNodesOnly ? "sentinel" : "server";
  const target = targets.find((one) => nodeOf(plan, one).program === wrong);
  if (target === undefined) return;
  const meant = fault.dataNodesOnly ? "data nodes" : "Sentinels";
  throw new DrillError("BAD_USAGE", `${fault.kind} cannot hit ${target}: it is for ${meant}`);
}
