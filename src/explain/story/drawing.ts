import type { DrawnSystem } from "../../model/drawn-system.ts";
import type { ReportLine } from "../../model/report-model.ts";
import { topologyModel } from "../../report-model/topology.ts";
import type { IncidentEvent } from "../model.ts";
import type { Explained } from "./explain.ts";

/** A page holds no more lines than this of a system. */
const LINES = 3000;

/** What a page draws of each system: who was what, and the lines that tell of it. */
export function drawings({ recordings }: Explained): DrawnSystem[] {
  return recordings.map(({ system, recording }) => {
    const { facts, startMs, nameOf } = recording;
    const begins = facts.faults.map(({ injectAt }) => injectAt / 1e6);
    const far = ({ at }: IncidentEvent) =>
      Math.min(Infinity, ...begins.map((begin) => Math.abs(at - startMs - begin)));
    const kept = new Set(system.events.toSorted((a, b) => far(a) - far(b)).slice(0, LINES));
    const lines = system.events
      .filter((event) => kept.has(event))
      .map(
        ({ at, node, line }): ReportLine => [
          Math.round(at - startMs),
          nameOf(node) ?? node,
          line.level === "?" ? "-" : line.level,
          line.text,
        ],
      );
    const lastMs = Math.max(0, ...system.events.map(({ at }) => at - startMs));
    return {
      name: system.name,
      startedAt: new Date(startMs).toISOString(),
      durationMs: Math.ceil(lastMs) + 1000,
      topology: withFirstRoles(topologyModel(facts)),
      faults: facts.faults.map(({ id, fault, targets, primaries, injectAt, healedAt }) => ({
        id,
        fault,
        label: fault.replaceAll("-", " "),
        targets: [...targets],
        primaries: [...primaries],
        shards: [],
        injectMs: injectAt / 1e6,
        ...(healedAt !== undefined && { healedMs: healedAt / 1e6 }),
      })),
      lines,
      omitted: system.events.length - lines.length,
    };
  });
}

/**
 * A drill looks at each node at its begin; logs tell only changes, so what a node was at first is a change at the
 * begin.
 */
function withFirstRoles(topology: DrawnSystem["topology"]): DrawnSystem["topology"] {
  const first = topology.nodes
    .filter(({ role }) => role !== "sentinel")
    .map(({ name, role }) => ({ atMs: 0, node: name, what: "role" as const, to: role }));
  return { ...topology, changes: [...first, ...topology.changes] };
}
