import { listed } from "../../check/not-promoted/cause.ts";
import type { ExplainedPhase } from "../../model/explanation.ts";
import type { IncidentEvent, NodeId } from "../model.ts";
import type { Beginning } from "./begin.ts";
import type { Incident } from "./incidents.ts";
import type { Quotes } from "./quote.ts";
import type { Recording } from "./recording.ts";
import type { Settings } from "./settings.ts";

/** All that is known of one incident, from which it is told. */
export interface Known {
  readonly incident: Incident;
  readonly begin: Beginning;
  /** Those of its time, from its begin until the next incident. */
  readonly events: readonly IncidentEvent[];
  readonly recording: Recording;
  readonly settings: Settings;
  readonly phases: readonly ExplainedPhase[];
  readonly quote: Quotes;
  /** Other incidents of the same report, in order of time. */
  readonly others: readonly Incident[];
}

/** What people call a node; one that nobody names is told as such. */
export function called(
  { recording }: Known,
  id: NodeId | undefined,
  otherwise = "a node that no line names",
) {
  return recording.nameOf(id) ?? otherwise;
}

/** Events of an incident's time, from its begin until the next one. */
export function eventsWithin(incident: Incident, begin: Beginning): IncidentEvent[] {
  const from = Math.min(begin.at, incident.firstAt);
  return incident.system.events.filter(({ at }) => at >= from && at < incident.until);
}

/** The first of these kinds in the incident's time. */
export function firstOf(
  known: Known,
  kinds: readonly string[],
  isIt: (event: IncidentEvent) => boolean = () => true,
): IncidentEvent | undefined {
  return known.events.find((event) => kinds.includes(event.kind) && isIt(event));
}

/** `a`, `a and b`, `a, b and c`. */
export function names(known: Known, ids: readonly (NodeId | undefined)[]): string {
  return listed([...new Set(ids.map((id) => called(known, id)))]);
}

/** Data nodes of the system that are not the lost primary. */
export function candidates({ incident }: Known): NodeId[] {
  const { system, primary, roles, firstAt } = incident;
  return system.nodes
    .filter(({ id, kind }) => kind !== "sentinel" && id !== primary)
    .filter(({ id }) => system.kind === "ha" || roles.at(id, firstAt).follows === primary)
    .map(({ id }) => id);
}
