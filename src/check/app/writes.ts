import { groupBy } from "../../base/group-by.ts";
import type { Operation } from "../../history/operations.ts";
import type { ProbeHeader, WriteFate } from "../../model/app.ts";
import { deliveryGraceNs } from "../../service/app-late.ts";
import type { Facts } from "../facts.ts";
import { once } from "../once.ts";
import { type Superseded, supersededPrimaries } from "../split-brain.ts";
import { expectedOf } from "./expected.ts";
import { observedUntil, type ProbeView, probeViews } from "./probes.ts";

/** What became of one write of the application. */
export interface JudgedWrite extends WriteFate {
  readonly write: Operation;
  /** The probes that could tell. */
  readonly toldBy: readonly string[];
  /** Where nobody could: why. */
  readonly why?: string;
  /** It was read back too early to tell. */
  readonly isEarly?: boolean;
}

/** What became of all writes of one probe. */
export interface WriteFates {
  readonly probe: ProbeHeader;
  /** The probes that tell what became of them. */
  readonly detectors: readonly ProbeView[];
  /** One of them sees a write that was done twice. */
  readonly seesTwice: boolean;
  readonly writes: readonly JudgedWrite[];
  readonly acknowledged: number;
  /** Acknowledged, and gone. */
  readonly lost: readonly JudgedWrite[];
  /** Done more than once, whatever was answered. */
  readonly duplicated: readonly JudgedWrite[];
  /** Acknowledged, and nobody could tell. */
  readonly untold: readonly JudgedWrite[];
  /** Not acknowledged, and done: nobody knew, or it was surely refused. */
  readonly recovered: readonly JudgedWrite[];
}

/** A read-back that comes so soon after the write says nothing of what is gone: it may be of a replica. */
const SETTLED_MS = 1000;

/** What became of the writes of each probe that writes. */
export const appWriteFates = once((facts: Facts): readonly WriteFates[] =>
  probeViews(facts)
    .filter(({ probe }) => probe.is === "write")
    .map((view) => fatesOf(facts, view)),
);

/** So many acknowledged writes of it may be gone. */
export function mostLost(facts: Facts, name: string): number {
  return expectedOf(facts, name).lost ?? 0;
}

/** Does that probe tell what became of these writes? One that names none tells of all. */
export function tellsOf({ is, of }: ProbeHeader, write: string): boolean {
  return (is === "read-back" || is === "delivered") && (of === undefined || of === write);
}

function fatesOf(facts: Facts, { probe, operations }: ProbeView): WriteFates {
  const detectors = probeViews(facts).filter((view) => tellsOf(view.probe, probe.name));
  const tellers = detectors.map((view) => tellerOf(facts, view));
  if (probe.countsTimes) tellers.push({ name: probe.name, tell: byItsAnswer });
  const writes = operations.map((write) => judged(write, tellers));
  const acknowledged = writes.filter(({ outcome }) => outcome === "ok");
  return {
    ...{ probe, detectors, writes },
    seesTwice:
      probe.countsTimes === true ||
      detectors.some((view) => view.probe.is === "delivered" || view.probe.countsTimes === true),
    acknowledged: acknowledged.length,
    lost: acknowledged.filter(({ times }) => times === 0),
    duplicated: writes.filter(({ times }) => times !== null && times > 1),
    untold: detectors.length === 0 ? [] : acknowledged.filter(({ times }) => times === null),
    recovered: writes.filter(({ outcome, times }) => outcome !== "ok" && times !== null && times > 0),
  };
}

/** How often it was done, or why that is not known. */
type Word = { readonly times: number } | { readonly why: string; readonly isEarly?: boolean };

interface Teller {
  readonly name: string;
  tell(write: Operation): Word;
}

/** What one of them holds to be gone is gone for the user, though another has seen it. */
function judged(write: Operation, tellers: readonly Teller[]): JudgedWrite {
  const words = tellers.map(({ name, tell }) => ({ name, word: tell(write) }));
  const told = words.flatMap(({ name, word }) => ("times" in word ? [{ name, times: word.times }] : []));
  const [why] = words.flatMap(({ name, word }) => ("why" in word ? [`${name}: ${word.why}`] : []));
  const isEarly = words.some(({ word }) => "why" in word && word.isEarly === true);
  const counts = told.map(({ times }) => times);
  const times = counts.length === 0 ? null : counts.includes(0) ? 0 : Math.max(...counts);
  const deciding = told.filter((one) => one.times === times).map(({ name }) => name);
  const { key: id, outcome } = write;
  return {
    id,
    outcome,
    times,
    write,
    toldBy: deciding,
    ...(times === null && why !== undefined && { why, isEarly }),
  };
}

function tellerOf(facts: Facts, view: ProbeView): Teller {
  const { name } = view.probe;
  const tell = view.probe.is === "delivered" ? byDeliveries(facts, view) : byReadBacks(facts, view);
  return { name, tell };
}

/** The answer to the write itself may say that it was done before. That it is there later it cannot say. */
function byItsAnswer({ outcome, result }: Operation): Word {
  const times = outcome === "ok" ? Number(result) : 0;
  return Number.isInteger(times) && times > 1 ? { times } : { why: "it was not read back" };
}

/** By the last read-back that was sent after the write had ended. One that failed says nothing. */
function byReadBacks(facts: Facts, { operations, probe }: ProbeView): (write: Operation) => Word {
  const byId = groupBy(operations, ({ key }) => key);
  const isRepeated = probe.when.includes("eventually");
  return ({ key, completedAt = Infinity, outcome, invokedAt }) => {
    const from = outcome === "ok" ? completedAt : invokedAt;
    const asked = (byId.get(key) ?? []).filter((one) => one.invokedAt >= from);
    const last = asked.at(-1);
    if (!last) return { why: "it was not read back" };
    if (last.outcome !== "ok") return { why: `its read-back failed (${last.error?.class ?? "no answer"})` };
    const times = timesIn(last, probe);
    const stray = mayHaveAnswered(facts, last);
    if (times > 0 && stray) return { why: strayText(stray), isEarly: true };
    if (times > 0) return { times: Math.max(...asked.map((one) => timesIn(one, probe))) };
    if (!facts.complete) return { why: "the drill was cut short before it was read back once more" };
    if (!isRepeated && (last.completedAt ?? last.invokedAt) - from < SETTLED_MS * 1e6)
      return { why: "it was read back right after the write only" };
    return { times: 0 };
  };
}

/**
 * A primary in whose place another had been promoted, that called itself one when the read-back was answered, and that
 * the application may have asked: what stands there is thrown away as soon as it becomes a replica.
 */
function mayHaveAnswered(facts: Facts, { completedAt = Infinity }: Operation): Superseded | undefined {
  return supersededPrimaries(facts).find(
    ({ node, promotedAt, endedAt = facts.endedAt, asPrimaryMs }) =>
      asPrimaryMs > 0 &&
      completedAt > promotedAt &&
      completedAt <= endedAt &&
      mayBeConnected(facts, node, completedAt),
  );
}

/** By the looks right before and right after; where nobody looked, it may. */
function mayBeConnected(facts: Facts, node: string, at: number): boolean {
  const looks = facts.observations("app-connections").filter((look) => look.node === node);
  const around = [looks.findLast((look) => look.at <= at), looks.find((look) => look.at > at)];
  if (looks.length === 0) return true;
  return around.some((look) => (look?.connections?.length ?? 0) > 0);
}

function strayText({ node, by }: Superseded): string {
  return `it was read back while ${node} still answered, in whose place ${by} had been promoted`;
}

/** A read-back that does not count sees that it was done, and no more. */
function timesIn({ outcome, result }: Operation, { countsTimes = false }: ProbeHeader): number {
  if (outcome !== "ok" || result === null) return 0;
  const count = Number(result ?? "1");
  if (!Number.isInteger(count) || count < 0) return 1;
  return countsTimes ? count : Math.min(1, count);
}

/** By how often the application said that it did it. What it has not said yet may still come. */
function byDeliveries(facts: Facts, view: ProbeView): (write: Operation) => Word {
  const counts = new Map<string, number>();
  for (const { probe, id } of facts.observations("app-delivered"))
    if (probe === view.probe.name) counts.set(id, (counts.get(id) ?? 0) + 1);
  const longestNs = view.operations
    .filter(({ outcome }) => outcome === "ok")
    .reduce((most, { invokedAt, completedAt = 0 }) => Math.max(most, completedAt - invokedAt), 0);
  const graceNs = deliveryGraceNs(longestNs);
  const open = view.outages.find(({ endAt }) => endAt === undefined);
  const until = observedUntil(facts);
  return ({ key, completedAt = Infinity }) => {
    const times = counts.get(key) ?? 0;
    if (times > 0) return { times };
    if (!facts.complete) return { why: "the drill was cut short before it was delivered" };
    if (open !== undefined && completedAt >= open.firstBadAt)
      return { why: "nothing was delivered any more when the drill ended" };
    if (until - completedAt < graceNs) return { why: "the drill ended soon after it" };
    return { times: 0 };
  };
}
