import type { Operation } from "../../history/operations.ts";
import { plural } from "../checker.ts";
import { type Facts, type FaultWindow, toMs } from "../facts.ts";
import { tallyOf } from "../fates.ts";
import { faultName } from "../faults-during.ts";
import { lostPrimaries, primaryLosses, windowEnd } from "../losses.ts";
import { once } from "../once.ts";
import { promotionsOf } from "../promotions.ts";
import { supersededPrimaries } from "../split-brain.ts";
import type { JudgedWrite } from "./writes.ts";

/** What may have taken a write of the application, by what the servers did at that time. */
export type AppLossCause =
  /** The primary was lost before what it had acknowledged was seen on a replica. */
  | "not-replicated"
  /** A primary took it after another had been promoted in its place. */
  | "superseded"
  /** Nothing that the servers did explains it. */
  | "unexplained";

/** Writes that one cause took. */
export interface AppLosses {
  readonly cause: AppLossCause;
  readonly count: number;
  /** In words, to go on from a count. */
  readonly text: string;
  /** When the first and the last of them were acknowledged, ns. */
  readonly from: number;
  readonly to: number;
}

/** By cause: those that the servers took first. */
export function appLossesOf(facts: Facts, lost: readonly JudgedWrite[]): AppLosses[] {
  const groups = new Map<string, { cause: AppLossCause; text: string; at: number[] }>();
  for (const { write } of lost) {
    const { cause, text } = causeOfLoss(facts, write);
    const group = groups.get(text) ?? { cause, text, at: [] };
    group.at.push(write.completedAt ?? write.invokedAt);
    groups.set(text, group);
  }
  const rank = { "not-replicated": 0, superseded: 1, unexplained: 2 };
  return [...groups.values()]
    .map(({ cause, text, at }) => ({
      ...{ cause, text, count: at.length },
      from: at.reduce((a, b) => Math.min(a, b)),
      to: at.reduce((a, b) => Math.max(a, b)),
    }))
    .sort((a, b) => rank[a.cause] - rank[b.cause]);
}

function causeOfLoss(
  facts: Facts,
  write: Operation,
): { readonly cause: AppLossCause; readonly text: string } {
  const at = write.completedAt ?? write.invokedAt;
  const stray = supersededPrimaries(facts).find(
    ({ promotedAt, endedAt = facts.endedAt, asPrimaryMs }) =>
      asPrimaryMs > 0 && at > promotedAt && at <= endedAt + LATE_NS,
  );
  if (stray) {
    const text =
      `acknowledged while ${stray.node} still took writes after ${stray.by} had been promoted in its place: what it ` +
      `took was thrown away`;
    return { cause: "superseded", text };
  }
  const loss = atRisk(facts).find(({ from, to }) => at > from && at <= to);
  if (loss) {
    const text =
      `acknowledged before ${loss.by} had taken over, and not yet seen on a replica when it came to ` +
      `${faultName(loss.fault)}: the servers may have lost them`;
    return { cause: "not-replicated", text };
  }
  return { cause: "unexplained", text: "which nothing explains that the servers did" };
}

/** The answer of the application comes a little later than that of its server. */
const LATE_NS = 250e6;

/** A time in which the servers could lose what they had acknowledged. ns. */
interface AtRisk {
  readonly fault: FaultWindow;
  readonly by: string;
  readonly from: number;
  readonly to: number;
}

const atRisk = once((facts: Facts): readonly AtRisk[] =>
  primaryLosses(facts).map((fault) => {
    const lost = lostPrimaries(facts, fault);
    const [promotion] = promotionsOf(facts, fault);
    // Until the last watermark of each of them everything was on its replicas.
    const replicated = lost.map((name) =>
      facts.watermarks
        .filter(({ primary, at }) => primary === name && at < fault.injectAt)
        .reduce((latest, { ackedBy }) => Math.max(latest, ackedBy), -1),
    );
    const to = promotion?.at ?? fault.healAt ?? windowEnd(facts, fault);
    const by = promotion?.to ?? "anybody";
    return { fault, by, from: Math.min(...replicated), to: to + LATE_NS };
  }),
);

/** What the drill's own client lost, which shows that the servers lost something. */
export function ownLossesNote(facts: Facts): string[] {
  const { lost } = tallyOf(facts).notable;
  if (lost.length === 0) return [];
  const at = lost.map(({ operation }) => operation.completedAt ?? 0);
  const from = toMs(at.reduce((a, b) => Math.min(a, b)));
  const to = toMs(at.reduce((a, b) => Math.max(a, b)));
  return [
    `the drill's own client lost ${plural(lost.length, "acknowledged write")} too, acknowledged from ` +
      `${(from / 1000).toFixed(2)} s to ${(to / 1000).toFixed(2)} s`,
  ];
}
