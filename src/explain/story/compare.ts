import type { ExplainedIncident, Proof } from "../../model/explanation.ts";
import { lasted } from "./words.ts";

/**
 * Ways to be lost that a drill shows alike: it kills where a process crashed, and lets stand still what may have been
 * cut off.
 */
const ALIKE: Readonly<Record<string, string>> = {
  crashed: "process-ended",
  "out-of-memory": "process-ended",
  "stood-still": "not-reached",
  "cut-off": "not-reached",
};

/**
 * Holds an incident against what the logs of its drill tell. Times differ from run to run: they are told, and prove
 * nothing.
 */
export function compared(
  incident: ExplainedIncident,
  drill: ExplainedIncident | undefined,
  run: string,
): Proof {
  const family = (code: string) => ALIKE[code] ?? code;
  const code = incident.begin.code;
  const rows = [
    {
      what: "what became of the primary",
      incident: words(code),
      drill: drill ? words(drill.begin.code) : "nothing",
      same:
        code === "unknown" || code === "silent"
          ? null
          : drill !== undefined && family(drill.begin.code) === family(code),
    },
    {
      what: "what came of it",
      incident: words(incident.outcome),
      drill: drill ? words(drill.outcome) : "nothing",
      same: drill?.outcome === incident.outcome,
    },
    ...reasonRow(incident, drill),
    ...incident.phases
      .filter(({ path, name }) => path && name !== "begin")
      .map(({ name, tookMs }) => ({
        what: name,
        incident: `+${lasted(tookMs)}`,
        drill: stepOf(drill, name),
        same: null,
      })),
  ];
  return { incident: incident.id, run, same: rows.every(({ same }) => same !== false), rows };
}

function reasonRow(incident: ExplainedIncident, drill: ExplainedIncident | undefined): Proof["rows"] {
  if (incident.outcome === "promoted") return [];
  const first = ({ reasons }: ExplainedIncident) => reasons[0]?.reason ?? "not told";
  const given = drill?.reasons.map(({ reason }) => reason) ?? [];
  return [
    {
      what: "why nobody was promoted",
      incident: words(first(incident)),
      drill: drill ? words(first(drill)) : "nothing",
      same: given.includes(first(incident)),
    },
  ];
}

function stepOf(drill: ExplainedIncident | undefined, name: string): string {
  const phase = drill?.phases.find((one) => one.name === name);
  return phase ? `+${lasted(phase.tookMs)}` : "did not come";
}

function words(code: string): string {
  return code.replaceAll("-", " ");
}
