import type { IncidentKind } from "../model.ts";
import type { Draft, Stream } from "./streams.ts";

/** What tells little by itself, and comes often. */
const MINOR: ReadonlySet<IncidentKind> = new Set<IncidentKind>([
  "warning",
  "connecting-to-primary",
  "sync-failed",
  "save-started",
  "save-done",
  "config-rewritten",
  "client-dropped",
  "clients-refused",
  "votes-counted",
  "reported-unreachable",
  "epoch-changed",
  "data-discarded",
  "+slave",
  "+sentinel",
  "+new-epoch",
  "-script-error",
  "name-not-resolved",
]);

/** What had to be left out. */
export interface LeftOut {
  minor: number;
  others: number;
  /** Of the others, the last time, as the clock of its log showed it. */
  until: number;
}

/** Keeps at most so many events: minor ones go first, and of the others the oldest. */
export function keepAtMost(streams: readonly Stream[], most: number, leftOut: LeftOut): number {
  const count = () => streams.reduce((sum, { drafts }) => sum + drafts.length, 0);
  const before = count();
  if (before <= most) return before;
  const isMinor = ({ kind }: Draft) => MINOR.has(kind);
  const minors = streams.flatMap(({ drafts }) => drafts.filter(isMinor).map(({ line }) => line.at));
  const minorsKept = Math.max(0, most - (before - minors.length));
  leftOut.minor += dropOldest(streams, isMinor, minors, minorsKept).dropped;
  if (count() <= most) return count();
  const others = streams.flatMap(({ drafts }) => drafts.map(({ line }) => line.at));
  const { dropped, until } = dropOldest(streams, () => true, others, most);
  leftOut.others += dropped;
  leftOut.until = Math.max(leftOut.until, until);
  return count();
}

function dropOldest(
  streams: readonly Stream[],
  which: (draft: Draft) => boolean,
  times: readonly number[],
  kept: number,
): { dropped: number; until: number } {
  const from = kept === 0 ? Infinity : (times.toSorted((a, b) => b - a)[kept - 1] ?? -Infinity);
  let dropped = 0;
  let until = -Infinity;
  for (const stream of streams) {
    stream.drafts = stream.drafts.filter((draft) => {
      const stays = !which(draft) || draft.line.at >= from;
      if (!stays) {
        dropped += 1;
        until = Math.max(until, draft.line.at);
      }
      return stays;
    });
  }
  return { dropped, until };
}
