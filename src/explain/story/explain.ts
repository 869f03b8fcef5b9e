/*
 *   logs ─ read/ ─▶ ReadReport ─┬─ systems ─ roles ─ incidents ─ begin ─┐
 *                               │                                       ▼
 *                               └────────────── recording: what a drill would have recorded of the same
 *                                                                       │ check/: phases, causes
 *                                                                       ▼
 *                                         story · reasons · losses · advice · rehearsal ─▶ Explanation
 */
import {
  EXPLANATION_SCHEMA_VERSION,
  type ExplainedIncident,
  type Explanation,
  type Sentence,
} from "../../model/explanation.ts";
import type { NodeId, ReadReport } from "../model.ts";
import { adviceOf, titleOf } from "./advice.ts";
import { type Beginning, beginningOf } from "./begin.ts";
import { beginText } from "./begin-text.ts";
import { type Incident, incidentsOf } from "./incidents.ts";
import { lossesOf } from "./losses.ts";
import { phasesOf } from "./phases.ts";
import { quotes } from "./quote.ts";
import { reasonsOf } from "./reasons.ts";
import { type Recording, recordingOf } from "./recording.ts";
import { rehearsalOf } from "./rehearsal.ts";
import { rolesOf } from "./roles.ts";
import { storyOf } from "./sentences.ts";
import { inferredSettings, settingsFrom, toldSettings } from "./settings.ts";
import { type System, systemsOf } from "./systems.ts";
import { eventsWithin, type Known } from "./told.ts";
import { unknowns } from "./unknowns.ts";

/** What the logs tell, and the recordings that it was told from, to draw. */
export interface Explained {
  readonly explanation: Explanation;
  readonly recordings: readonly { readonly system: System; readonly recording: Recording }[];
}

/** Tells what happened, from what was read. Pure. */
export function explain(report: ReadReport): Explained {
  const recordings: { system: System; recording: Recording }[] = [];
  const found: { at: number; incident: Omit<ExplainedIncident, "id"> }[] = [];
  const systems = systemsOf(report);
  for (const system of systems) {
    const { recording, incidents } = explainSystem(system);
    recordings.push({ system, recording });
    found.push(...incidents);
  }
  found.sort((a, b) => a.at - b.at);
  const incidents = found.map(({ incident }, index) => ({ id: index + 1, ...incident }));
  const times = report.events.map(({ at }) => at);
  const [from, to] = [times[0], times.at(-1)];
  const explanation: Explanation = {
    schemaVersion: EXPLANATION_SCHEMA_VERSION,
    verdict: report.events.length === 0 ? "unknown" : "explained",
    summary: summaryOf(report, incidents),
    from: from === undefined ? null : new Date(from).toISOString(),
    to: to === undefined ? null : new Date(to).toISOString(),
    nodes: report.nodes.map((node) => nodeOf(report, node)),
    incidents,
    unknown: unknowns(report, systems),
    contradictions: contradictionsOf(report),
    warnings: [...report.warnings],
    skipped: [...report.skipped],
    totals: report.totals,
  };
  return { explanation, recordings };
}

function explainSystem(system: System) {
  const roles = rolesOf(system);
  const all = incidentsOf(system, roles);
  const told = toldSettings(system);
  const settings = settingsFrom([...told, ...inferredSettings(system, all, told)]);
  const detection = system.kind === "ha" ? "down-after-milliseconds" : "cluster-node-timeout";
  const detectionMs = Number(settings.value(detection) ?? Number.NaN);
  const begins = new Map<Incident, Beginning>(
    all.map((incident) => [incident, beginningOf(incident, detectionMs > 0 ? detectionMs : undefined)]),
  );
  const recording = recordingOf(system, roles, begins, settings);
  const nameOf = (id: NodeId) => recording.nameOf(id) ?? id;
  const quote = quotes(nameOf);
  const incidents = all.map((incident) => {
    const begin = begins.get(incident) as Beginning;
    const phases = phasesOf(incident, recording, settings, quote);
    const events = eventsWithin(incident, begin);
    const known: Known = { incident, begin, events, recording, settings, phases, quote, others: all };
    return { at: begin.at, incident: incidentTold(known) };
  });
  return { recording, incidents };
}

function incidentTold(known: Known): Omit<ExplainedIncident, "id"> {
  const { incident, begin, recording, settings, phases, quote } = known;
  const reasons = reasonsOf(known);
  const losses = lossesOf(known);
  const { system, primary, promoted } = incident;
  const name = recording.nameOf(primary) ?? null;
  const shard = recording.facts.header.topology.nodes.find((node) => node.name === name)?.shard;
  const rehearsal = rehearsalOf(known, reasons);
  return {
    system: system.name,
    kind: system.kind,
    shard: shard ?? null,
    outcome: promoted === undefined ? "not-promoted" : "promoted",
    title: titleOf(known),
    at: new Date(begin.at).toISOString(),
    atErrorMs: begin.errorMs,
    primary: name,
    promoted: recording.nameOf(promoted) ?? null,
    begin: {
      code: begin.code,
      text: beginText(known),
      certain: begin.certain,
      lines: quote.of(begin.events),
    },
    story: storyOf(known, reasons, losses),
    phases: [...phases],
    unavoidableMs: sumOf(phases.map(({ path, governedBy }) => (path ? (governedBy?.unavoidableMs ?? 0) : 0))),
    reasons,
    losses,
    advice: adviceOf(known, reasons, losses),
    settings: [...settings.all],
    rehearsal: { scenario: rehearsal.scenario, notes: [...rehearsal.notes] },
  };
}

function sumOf(all: readonly number[]): number {
  return Math.round(all.reduce((a, b) => a + b, 0) * 10) / 10;
}

function nodeOf({ offsets }: ReadReport, node: ReadReport["nodes"][number]): Explanation["nodes"][number] {
  const clock = offsets.find((one) => one.node === node.id);
  return {
    name: node.label,
    kind: node.kind,
    role: node.role ?? null,
    version: node.version ?? null,
    addresses: [...node.addresses],
    identified: node.identified,
    files: [...node.files],
    clock: clock && node.files.length > 0 ? { offsetMs: clock.offsetMs, errorMs: clock.errorMs } : null,
  };
}

function contradictionsOf({ offsets, nodes }: ReadReport): Sentence[] {
  const quote = quotes((id) => nodes.find((node) => node.id === id)?.label ?? id);
  const all = offsets.flatMap(({ contradictions }) => contradictions);
  return [...new Map(all.map((one) => [one.text, one])).values()].map(
    ({ text, byMs, lines, nodes: whose }) => ({
      text: `${text} (by ${Math.round(byMs)} ms)`,
      lines: lines.map((line, index) => quote.line(line, whose[index] ?? whose[0] ?? "", line.at)),
    }),
  );
}

function summaryOf({ events, nodes }: ReadReport, incidents: readonly ExplainedIncident[]): string {
  if (events.length === 0) return "The logs tell nothing of roles, failures or failovers.";
  const logged = nodes.filter(({ files }) => files.length > 0).length;
  const of = `${logged} of ${nodes.length} nodes gave a log`;
  if (incidents.length === 0)
    return `Nobody was lost and nobody was promoted in the time of these logs; ${of}.`;
  const [first] = incidents;
  const more = incidents.length === 1 ? "" : `, and ${incidents.length - 1} more`;
  return `${first?.title}${more}; ${of}.`;
}
