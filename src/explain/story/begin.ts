import type { Begin } from "../../model/explanation.ts";
import type { IncidentEvent, NodeId } from "../model.ts";
import type { Incident } from "./incidents.ts";

/** What became of the primary, and when, on the common clock. */
export interface Beginning {
  readonly code: Begin["code"];
  readonly certain: boolean;
  readonly at: number;
  /** How far `at` may be off; `null`: it began at an unknown time before. */
  readonly errorMs: number | null;
  readonly events: readonly IncidentEvent[];
  /** When it was there again; absent: the logs do not tell. */
  readonly backAt?: number;
  /** Somebody asked for the failover, in these words. */
  readonly asked?: IncidentEvent;
  /** What held its process or its disk up, or how it ended, by its own log. */
  readonly trouble: readonly IncidentEvent[];
}

/** So long before somebody noticed, what a primary or its replicas wrote may be the reason. */
const LOOK_BACK_MS = 120_000;
/** Somebody asks for a failover no earlier than this before it is carried out. */
const ASKED_MS = 15_000;

/** The first that the logs tell of a loss. */
export function beginningOf(incident: Incident, detectionMs: number | undefined): Beginning {
  const { system, primary, firstAt, after } = incident;
  const from = Math.max(after, firstAt - Math.max(LOOK_BACK_MS, 3 * (detectionMs ?? 0)));
  const until = Math.min(incident.until, (incident.promotedAt ?? incident.lastAt) + LOOK_BACK_MS);
  const inTime = system.events.filter(({ at }) => at >= from && at <= until);
  const own = inTime.filter(({ node }) => node === primary);
  const trouble = own.filter(({ kind, at }) => TROUBLE.includes(kind) && at <= incident.lastAt);
  const backAt = comesBack(incident, inTime);
  const rest = { trouble, ...(backAt !== undefined && { backAt }) };

  const asked = askedFor(incident, inTime);
  if (asked) return { code: "asked", certain: true, ...told(asked), asked, ...rest };
  const end = own.find(({ kind, at }) => ENDS.includes(kind) && at <= incident.lastAt);
  if (end) {
    const code =
      end.kind === "crashed" ? "crashed" : end.kind === "out-of-memory" ? "out-of-memory" : "shut-down";
    return {
      code,
      certain: true,
      ...told(
        end,
        own.filter(({ kind }) => ENDS.includes(kind)),
      ),
      ...rest,
    };
  }
  const lost = firstLoss(incident, inTime);
  const restarted = own.find(
    ({ kind, at }) => kind === "restarted" && at >= Math.min(lost?.at ?? firstAt, firstAt) - QUICK_MS,
  );
  const refused = inTime.find(
    ({ kind, at, data, node }) =>
      kind === "sync-failed" &&
      /refused/i.test(data.detail ?? "") &&
      at >= (lost?.at ?? firstAt) - 1 &&
      at <= incident.lastAt + QUICK_MS &&
      incident.roles.at(node, at).follows === primary,
  );
  if (restarted && !incident.promoted && restarted.at <= firstAt + QUICK_MS && !refused)
    return { code: "restarted", certain: true, ...told(lost ?? restarted, [restarted]), ...rest };
  if (restarted || refused) {
    const proof = [lost, refused, restarted].filter((one) => one !== undefined);
    const { events } = told(lost ?? refused ?? restarted, proof);
    return { code: "process-ended", certain: true, ...when(incident, lost, detectionMs), events, ...rest };
  }
  return { ...unreachable(incident, own, lost, detectionMs), ...rest };
}

const ENDS: readonly string[] = ["shutdown-asked", "shutdown", "crashed", "out-of-memory"];
const TROUBLE: readonly string[] = [
  "aof-slow",
  "aof-failed",
  "disk-full",
  "save-failed",
  "slow-script",
  "stuck",
  "loading",
  "clock-jumped",
  "clients-refused",
  "client-dropped",
  "out-of-memory",
];
/** A process that is started anew at once is back before anybody notices. */
const QUICK_MS = 1_000;

function told(
  event: IncidentEvent | undefined,
  proof: readonly IncidentEvent[] = [],
): Pick<Beginning, "at" | "errorMs" | "events"> {
  const first = event ?? (proof[0] as IncidentEvent);
  return {
    at: first.at,
    errorMs: first.errorMs,
    events: [first, ...proof.filter((one) => one !== first)],
  };
}

/** The log of the primary goes on, or nobody gave it: it stood still, was cut off, or nobody can tell. */
function unreachable(
  incident: Incident,
  own: readonly IncidentEvent[],
  lost: IncidentEvent | undefined,
  detectionMs: number | undefined,
): Omit<Beginning, "trouble" | "backAt"> {
  const { firstAt, lastAt, system, primary } = incident;
  const noticed = system.events.find(({ at }) => at === firstAt);
  const events = [lost, noticed].filter((one) => one !== undefined);
  const given = system.nodes.find(({ id }) => id === primary);
  const begun = when(incident, lost, detectionMs);
  if (!given || given.files.length === 0) return { code: "unknown", certain: false, ...begun, events };
  const later = own.filter(({ at }) => at > begun.at + ALIVE_MS);
  const alive = later.filter(({ at }) => at < Math.min(incident.promotedAt ?? lastAt, lastAt));
  if (alive.length > 0)
    return { code: "cut-off", certain: true, ...begun, events: [...events, ...alive.slice(0, 3)] };
  const jumped = own.find(({ kind, at }) => STOOD_STILL.includes(kind) && at >= begun.at);
  if (jumped) return { code: "stood-still", certain: true, ...begun, events: [...events, jumped] };
  const [wentOn] = later;
  return wentOn
    ? { code: "not-reached", certain: false, ...begun, events: [...events, wentOn] }
    : { code: "silent", certain: false, ...begun, events };
}

/** When the connection broke, if that came before anybody noticed; else so long before as the setting says. */
function when(
  { firstAt }: Incident,
  lost: IncidentEvent | undefined,
  detectionMs: number | undefined,
): Pick<Beginning, "at" | "errorMs"> {
  if (lost && lost.at <= firstAt && (detectionMs === undefined || lost.at >= firstAt - 2 * detectionMs))
    return { at: lost.at, errorMs: lost.errorMs };
  if (detectionMs === undefined) return { at: firstAt, errorMs: null };
  return { at: firstAt - detectionMs, errorMs: Math.min(1000, detectionMs) };
}

const STOOD_STILL: readonly string[] = ["stuck", "clock-jumped", "slow-script"];
/** What it wrote so soon after it was lost may have been written before. */
const ALIVE_MS = 50;

/** Who lost the connection to it first. */
function firstLoss(
  { primary, firstAt, roles, lastAt }: Incident,
  events: readonly IncidentEvent[],
): IncidentEvent | undefined {
  const isLoss = ({ kind, node, at, subject }: IncidentEvent) => {
    if (at > lastAt) return false;
    if (kind === "replica-link-lost") return node === primary;
    return kind === "primary-link-lost" && (subject ?? roles.at(node, at).follows) === primary;
  };
  const losses = events.filter(isLoss);
  // A link that was lost and came back before anybody noticed has nothing to do with it.
  const isMended = (event: IncidentEvent) =>
    events.some(
      ({ kind, node, at }) => node === event.node && at > event.at && at < firstAt && MENDED.includes(kind),
    );
  return losses.find((event) => !isMended(event));
}

const MENDED: readonly string[] = ["partial-sync-done", "full-sync-done", "replica-synchronised"];

function askedFor(incident: Incident, events: readonly IncidentEvent[]): IncidentEvent | undefined {
  const { promoted, promotedAt, primary, firstAt } = incident;
  const asked = events.find(
    ({ kind, node, at }) =>
      kind === "manual-failover" &&
      at >= firstAt - ASKED_MS &&
      at <= (promotedAt ?? incident.lastAt) + 1 &&
      (promoted === undefined || node === promoted || node === primary || isSentinel(incident, node)),
  );
  if (asked || promoted === undefined) return asked;
  // Told by hand, with no Sentinel that agreed on anything.
  const agreed = events.some(
    ({ kind, at }) =>
      ["+odown", "+try-failover", "failed", "election-started"].includes(kind) &&
      at >= firstAt - ASKED_MS &&
      at <= (promotedAt ?? 0) + 1,
  );
  const sentinels = incident.system.nodes.some(({ kind, files }) => kind === "sentinel" && files.length > 0);
  const byHand = events.find(
    ({ kind, node, at }) => kind === "promoted" && node === promoted && at === promotedAt,
  );
  return incident.system.kind === "ha" && sentinels && !agreed ? byHand : undefined;
}

function isSentinel({ system }: Incident, node: NodeId): boolean {
  return system.nodes.some(({ id, kind }) => id === node && kind === "sentinel");
}

/** When it answered again, by its own log or by those who had held it to be down. */
function comesBack(
  { primary, firstAt, system }: Incident,
  events: readonly IncidentEvent[],
): number | undefined {
  const back = [...events, ...system.events.filter(({ at }) => at > firstAt)].find(
    ({ kind, node, subject, at }) =>
      at > firstAt &&
      ((node === primary && ["restarted", "became-replica", "ready"].includes(kind)) ||
        (subject === primary && ["-sdown", "failed-cleared"].includes(kind))),
  );
  return back?.at;
}
