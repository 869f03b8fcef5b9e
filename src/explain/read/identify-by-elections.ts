import { groupBy } from "../../base/group-by.ts";
import type { Names } from "./names.ts";
import type { Ref } from "./phrases/told.ts";
import type { Draft, Stream } from "./streams.ts";

/**
 * Who asked for votes is who got them, who told of a failure is who found it, and a Sentinel that tries a failover
 * votes for itself.
 */
export function electedAndFailed(names: Names, streams: readonly Stream[]): void {
  elections(names, streams);
  failures(names, streams);
  for (const stream of streams) {
    const id = ownVote(stream);
    if (id !== undefined) names.join(stream, id, "it was elected, and a Sentinel votes for itself");
  }
}

function elections(names: Names, streams: readonly Stream[]): void {
  const asked = byEpoch(streams, "election-started");
  const granted = byEpoch(streams, "vote-granted");
  for (const [epoch, candidates] of asked) {
    const [candidate, ...rivals] = new Set(candidates.map(({ stream }) => stream));
    const [id, ...others] = new Set((granted.get(epoch) ?? []).map(({ draft }) => draft.subject));
    if (candidate === undefined || id === undefined || rivals.length > 0 || others.length > 0) continue;
    names.join(candidate, id, `it asked for votes in epoch ${epoch}, and got them under that id`);
  }
}

function failures(names: Names, streams: readonly Stream[]): void {
  const found = new Map<Ref, Set<Stream>>();
  const told = new Map<Ref, Set<Ref>>();
  for (const stream of streams) {
    for (const { kind, subject, teller } of stream.drafts) {
      if (kind !== "failed" || subject === undefined) continue;
      if (teller === undefined) found.set(subject, (found.get(subject) ?? new Set()).add(stream));
      else told.set(subject, (told.get(subject) ?? new Set()).add(teller));
    }
  }
  for (const [subject, finders] of found) {
    const [finder, ...more] = finders;
    const [teller, ...others] = told.get(subject) ?? [];
    if (finder && teller && more.length === 0 && others.length === 0)
      names.join(finder, teller, "it found a failure that this id told of");
  }
}

/** The id for which it voted when it tried a failover itself, and for which it was elected. */
function ownVote({ drafts }: Stream): Ref | undefined {
  let tried: Draft | undefined;
  let vote: Ref | undefined;
  for (const draft of drafts) {
    if (draft.kind === "+try-failover") [tried, vote] = [draft, undefined];
    else if (draft.kind === "+vote-for-leader") vote = tried && vote === undefined ? draft.to : undefined;
    else if (draft.kind === "+elected-leader" && tried && vote) return vote;
  }
  return undefined;
}

function byEpoch(streams: readonly Stream[], kind: Draft["kind"]) {
  const found = streams.flatMap((stream) =>
    stream.drafts
      .filter((draft) => draft.kind === kind && draft.data?.epoch !== undefined)
      .map((draft) => ({ stream, draft })),
  );
  return groupBy(found, ({ draft }) => draft.data?.epoch);
}
