import { serverPhases } from "../../check/failover-of-servers.ts";
import type { ExplainedPhase } from "../../model/explanation.ts";
import type { Incident } from "./incidents.ts";
import type { Quotes } from "./quote.ts";
import type { Recording } from "./recording.ts";
import type { Settings } from "./settings.ts";

/** The phases of an incident, by the code that tells those of a drill; each with the line that tells it. */
export function phasesOf(
  incident: Incident,
  recording: Recording,
  settings: Settings,
  quote: Quotes,
): ExplainedPhase[] {
  const fault = recording.faults.get(incident);
  if (!fault) return [];
  const { phases, toldAt } = serverPhases(recording.facts, fault);
  return phases
    .filter(({ name }) => name !== "fault")
    .map((phase) => {
      const event = recording.eventAt(toldAt.get(phase.name) ?? -1);
      return {
        ...phase,
        since: phase.since === "fault" ? "begin" : phase.since,
        // There are no looks: what a drill knows by them stands in a log here.
        seenBy: phase.seenBy === "look" ? "log" : phase.seenBy,
        inferred: settings.isInferred(phase.governedBy?.setting ?? ""),
        clockKnown: event === undefined || event.errorMs !== null,
        lines: quote.of([event]),
      };
    });
}
