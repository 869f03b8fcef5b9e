import type { Facts } from "../../src/check/facts.ts";
import { clusterCauses } from "../../src/check/not-promoted/cluster.ts";
import { sentinelCauses } from "../../src/check/not-promoted/sentinel.ts";
import { notReplaced } from "../../src/check/promotions.ts";
import { promotionsSeen } from "../../src/check/promotions-seen.ts";
import { announcedOf } from "../../src/model/addresses.ts";
import type { ExplainedIncident, Explanation } from "../../src/model/explanation.ts";
import type { FailoverResult, Result } from "../../src/model/result.ts";

/** What a drill knows of its own run, to hold an explanation against. */
export interface SeenByDrill {
  readonly promotions: readonly Promotion[];
  readonly failovers: readonly FailoverResult[];
  /** Wall clock at which the run's clock was 0, ms since 1970. */
  readonly startedMs: number;
  readonly nodes: readonly { readonly name: string; readonly addresses: readonly string[] }[];
  /** Why nobody was promoted in place of a primary, by its name. */
  readonly reasons: ReadonlyMap<string, string>;
}

interface Promotion {
  readonly from: string;
  readonly to: string;
}

/** One explanation, held against the drill. */
export interface Outcome {
  readonly promotions: {
    readonly right: number;
    readonly missed: readonly string[];
    readonly more: readonly string[];
  };
  readonly phases: {
    readonly compared: number;
    /** Within 20 ms, or within the error that it states if that is more. */
    readonly within: number;
    readonly largestMs: number;
    readonly largestBarMs: number;
  };
  /** `open`: it says that the logs do not tell. */
  readonly causes: {
    readonly right: number;
    readonly open: number;
    readonly of: number;
    readonly wrong: readonly string[];
  };
  readonly unknown: number;
  readonly contradictions: number;
}

const WITHIN_MS = 20;
/** Phases that servers tell themselves, and not looks. */
const TOLD: readonly string[] = [
  "suspected",
  "detected",
  "voted",
  "elected",
  "selected",
  "election",
  "promoted",
  "confirmed",
  "announced",
];
/** What a fault must look like in the logs. */
const LOOKS: Readonly<Record<string, readonly string[]>> = {
  kill: ["process-ended"],
  stop: ["shut-down"],
  restart: ["restarted", "process-ended", "shut-down"],
  "rolling-restart": ["shut-down", "asked"],
  "rolling-upgrade": ["shut-down", "asked"],
  pause: ["stood-still", "not-reached"],
  cut: ["cut-off", "not-reached"],
  disconnect: ["cut-off", "not-reached"],
  failover: ["asked"],
};

/** By the drill's history: its result names the worst of many failovers alone. */
export function seenByDrill(result: Result, facts: Facts): SeenByDrill {
  const { kind } = result.topology;
  const causes = kind === "ha" ? sentinelCauses : clusterCauses;
  return {
    promotions: promotionsSeen(facts).map(({ from, to }) => ({ from, to })),
    failovers: result.failovers,
    startedMs: Date.parse(result.startedAt),
    nodes: facts.header.topology.nodes.map(({ name, endpoint }) => ({
      name,
      addresses: [endpoint, announcedOf(endpoint)].map(({ host, port }) => `${host}:${port}`),
    })),
    reasons: new Map(
      notReplaced(facts).map(({ from, fault }) => [from, causes(facts, fault, from)[0].reason] as const),
    ),
  };
}

/** @param shiftMs how far the clock is shifted that the explanation takes for the common one */
export function held(drill: SeenByDrill, explanation: Explanation, shiftMs: number): Outcome {
  const nameOf = namesOf(drill, explanation);
  const told = explanation.incidents.filter(({ outcome }) => outcome === "promoted");
  const pairs = told.map(({ primary, promoted }) => `${nameOf(primary)} → ${nameOf(promoted)}`);
  const wanted = drill.promotions.map(({ from, to }) => `${from} → ${to}`);
  const missed = without(wanted, pairs);
  const matched = drill.failovers.flatMap((failover) => {
    const incident = incidentOf(drill, explanation.incidents, failover, nameOf, shiftMs);
    return incident ? [{ failover, incident }] : [];
  });
  const differences = matched.flatMap(({ failover, incident }) =>
    phaseDifferences(drill, failover, incident, shiftMs),
  );
  const largest = differences.toSorted((a, b) => b.ms - a.ms)[0];
  const causes = drill.failovers.flatMap((failover) => {
    const incident = matched.find((one) => one.failover === failover)?.incident;
    return causeOf(drill, failover, incident);
  });
  return {
    promotions: { right: wanted.length - missed.length, missed, more: without(pairs, wanted) },
    phases: {
      compared: differences.length,
      within: differences.filter(({ ms, barMs }) => ms <= Math.max(WITHIN_MS, barMs)).length,
      largestMs: largest?.ms ?? 0,
      largestBarMs: Math.max(0, ...differences.map(({ barMs }) => barMs)),
    },
    causes: {
      right: causes.filter(({ right }) => right).length,
      open: causes.filter(({ right }) => right === undefined).length,
      of: causes.length,
      wrong: causes.filter(({ right }) => right === false).map(({ text }) => text),
    },
    unknown: explanation.unknown.length,
    contradictions: explanation.contradictions.length,
  };
}

function without(all: readonly string[], others: readonly string[]): string[] {
  const left = [...others];
  return all.filter((one) => {
    const at = left.indexOf(one);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}

/** The drill's names of nodes, by where their logs lie or by their address. */
function namesOf({ nodes }: SeenByDrill, explanation: Explanation) {
  return (label: string | null): string => {
    const node = explanation.nodes.find(({ name }) => name === label);
    const found = nodes.find(
      ({ name, addresses }) =>
        node?.files.some((file) => file.includes(`/${name}/`)) ||
        addresses.some((address) => node?.addresses.includes(address)),
    );
    return found?.name ?? String(label);
  };
}

/** The incident that is that failover: the same primary, about the same time. */
function incidentOf(
  { startedMs }: SeenByDrill,
  incidents: readonly ExplainedIncident[],
  { fault, promoted, phases }: FailoverResult,
  nameOf: (label: string | null) => string,
  shiftMs: number,
): ExplainedIncident | undefined {
  if (!fault) return undefined;
  const at = startedMs + fault.atMs + (phases.find(({ name }) => name === "promoted")?.atMs ?? 0) + shiftMs;
  const away = (one: ExplainedIncident) =>
    Math.abs(Date.parse(one.at) + (one.phases.find(({ name }) => name === "promoted")?.atMs ?? 0) - at);
  const from = promoted?.from ?? fault.targets[0];
  return incidents
    .filter((one) => nameOf(one.primary) === from)
    .filter((one) => promoted === null || nameOf(one.promoted) === promoted.to)
    .toSorted((a, b) => away(a) - away(b))
    .find((one) => away(one) < 60_000);
}

function phaseDifferences(
  { startedMs }: SeenByDrill,
  { fault, phases }: FailoverResult,
  incident: ExplainedIncident,
  shiftMs: number,
): { ms: number; barMs: number }[] {
  return phases.flatMap(({ name, atMs, seenBy, errorMs: heardLateMs = 0 }) => {
    const told = incident.phases.find((phase) => phase.name === name);
    if (!TOLD.includes(name) || seenBy === "look" || !told || !fault) return [];
    const drill = startedMs + fault.atMs + atMs + shiftMs;
    const line = told.lines[0];
    const explained = line ? Date.parse(line.at) : Date.parse(incident.at) + told.atMs;
    if (!told.clockKnown) return [];
    // While the machine was busy the drill heard late, and says by how much.
    const ms = Math.max(0, Math.abs(explained - drill) - heardLateMs);
    return [{ ms, barMs: told.errorMs ?? 0 }];
  });
}

function causeOf(
  { reasons }: SeenByDrill,
  { fault, promoted }: FailoverResult,
  incident: ExplainedIncident | undefined,
): { right: boolean | undefined; text: string }[] {
  const looks = LOOKS[fault?.kind ?? ""];
  const reason = fault?.targets.map((target) => reasons.get(target)).find((one) => one !== undefined);
  const rolls = fault?.kind.startsWith("rolling") === true && promoted === null;
  if (!fault || !looks || rolls || (promoted === null && reason === undefined)) return [];
  if (!incident) return [{ right: false, text: `${fault.name}: not found` }];
  if (promoted === null && !incident.reasons.some((one) => one.reason === reason))
    return [{ right: false, text: `${reason}: told as ${incident.reasons[0]?.reason ?? "nothing"}` }];
  const { code } = incident.begin;
  if (code === "silent" || code === "unknown") return [{ right: undefined, text: "" }];
  return [{ right: looks.includes(code), text: `${fault.name}: told as ${code}` }];
}
