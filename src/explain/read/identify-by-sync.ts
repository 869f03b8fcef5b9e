import { groupBy } from "../../base/group-by.ts";
import type { Names } from "./names.ts";
import type { Ref } from "./phrases/told.ts";
import type { Draft, Stream } from "./streams.ts";

/** What a replica asks for, and of whom. */
export interface Attempt {
  readonly stream: Stream;
  readonly asked: Draft;
  /** The address that it had connected to; `undefined`: the log begins later. */
  readonly target?: Ref;
  /** What came of it; `undefined`: nothing that the log tells. */
  readonly done?: Draft;
}

/** What a primary answers to a replica. */
export interface Answer {
  readonly stream: Stream;
  readonly given: Draft;
  readonly replica?: Ref;
}

/** A replica and its primary write the same ids and offsets: so each tells who the other is. */
export function synchronised(names: Names, streams: readonly Stream[]): void {
  for (const { attempt, answer } of syncPairs(streams)) {
    if (answer.replica)
      names.join(attempt.stream, answer.replica, "its primary names it when they synchronise");
    if (attempt.target)
      names.join(answer.stream, attempt.target, "its replica connects there when they synchronise");
  }
  const writers = new Map<string, Set<Stream>>();
  for (const stream of streams)
    for (const id of stream.replIds) writers.set(id, (writers.get(id) ?? new Set()).add(stream));
  for (const { done, target } of streams.flatMap(attemptsOf)) {
    if (done?.kind !== "full-sync-started" || target === undefined) continue;
    const under = [...(writers.get(done.data?.replId ?? "") ?? [])];
    const [writer] = new Set(under.map((one) => names.of(one))).size === 1 ? under : [];
    if (writer) names.join(writer, target, "it writes under the id that its replica got there");
  }
}

/** Pairs of which it is certain that one answers the other: nobody else asked for, or gave, the same. */
export function syncPairs(streams: readonly Stream[]): { attempt: Attempt; answer: Answer }[] {
  const attempts = streams.flatMap(attemptsOf).filter(({ asked }) => asked.times === 1);
  const answers = streams.flatMap(answersOf).filter(({ given }) => given.times === 1);
  const byId = groupBy(attempts, ({ asked: { data } }) => data?.replId);
  const gone = attempts.filter(({ done }) => done?.kind === "partial-sync-done");
  const byOffset = groupBy(gone, ({ asked: { data } }) => data?.offset);
  const keyOf = ({ given: { data } }: Answer) => `${data?.replId} ${data?.offset}`;
  const rivals = groupBy(answers, keyOf);
  return answers.flatMap((answer) => {
    const { replId, offset } = answer.given.data ?? {};
    const fits = (replId === undefined ? byOffset.get(offset) : byId.get(replId)) ?? [];
    const [attempt] = fits.length === 1 && rivals.get(keyOf(answer))?.length === 1 ? fits : [];
    return attempt === undefined || attempt.stream === answer.stream ? [] : [{ attempt, answer }];
  });
}

/** Each time a replica asked, in order. */
export function attemptsOf(stream: Stream): Attempt[] {
  const attempts: Attempt[] = [];
  let target: Ref | undefined;
  for (const [at, draft] of stream.drafts.entries()) {
    if (draft.kind === "connecting-to-primary" || draft.kind === "became-replica") {
      if (draft.subject?.startsWith("a:")) target = draft.subject;
    } else if (draft.kind === "partial-sync-asked" || draft.kind === "partial-sync-impossible") {
      const done = stream.drafts.slice(at + 1, at + 4).find(({ kind }) => DONE.has(kind));
      attempts.push({ stream, asked: draft, target, done });
    }
  }
  return attempts;
}

const DONE: ReadonlySet<string> = new Set(["partial-sync-done", "full-sync-started"]);

function answersOf(stream: Stream): Answer[] {
  const answers: Answer[] = [];
  let asking: Ref | undefined;
  for (const draft of stream.drafts) {
    if (draft.kind === "replica-asks") asking = draft.subject;
    else if (draft.kind === "partial-sync-given" || draft.kind === "partial-sync-refused") {
      if (draft.data?.offset === undefined && draft.data?.replId === undefined) continue;
      answers.push({ stream, given: draft, replica: draft.subject ?? asking });
    }
  }
  return answers;
}
