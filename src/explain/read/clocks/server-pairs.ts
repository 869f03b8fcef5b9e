import { groupBy } from "../../../base/group-by.ts";
import type { NodeId } from "../../model.ts";
import { attemptsOf, syncPairs } from "../identify-by-sync.ts";
import type { NodesFound } from "../nodes.ts";
import { type Draft, type Stream, utcOf } from "../streams.ts";
import { aligned, type Moment, momentOf, type Pair } from "./moments.ts";

const MESSAGE_MS = 50;

type Moments = ReadonlyMap<NodeId, readonly Moment[]>;

/** What servers tell each other: replicas and their primary, and the nodes of a cluster. */
export function serverPairs(streams: readonly Stream[], found: NodesFound, moments: Moments): Pair[] {
  return [
    ...synchronisations(streams, found),
    ...firstSynchronisations(streams, found, moments),
    ...[...moments].flatMap(([node, own]) => [
      ...elections(node, own, moments),
      ...failures(node, own, moments),
      ...endings(node, own, moments),
    ]),
  ];
}

/** A replica asks, its primary answers, and the replica goes on. */
function synchronisations(streams: readonly Stream[], found: NodesFound): Pair[] {
  return syncPairs(streams).flatMap(({ attempt, answer }): Pair[] => {
    const asked = moment(attempt.stream, attempt.asked, found);
    const given = moment(answer.stream, answer.given, found);
    const done = attempt.done && moment(attempt.stream, attempt.done, found);
    if (asked === undefined || given === undefined || asked.node === given.node) return [];
    // A full one may wait for others that want it as well.
    const soonMs = done?.kind === "partial-sync-done" ? MESSAGE_MS : undefined;
    return [
      { before: asked, after: given, soonMs: MESSAGE_MS, sure: true },
      ...(done === undefined ? [] : [{ before: given, after: done, soonMs, sure: true }]),
    ];
  });
}

/** A replica that has nothing asks for everything: no id says which answer is whose, only who asked whom. */
function firstSynchronisations(streams: readonly Stream[], found: NodesFound, moments: Moments): Pair[] {
  const attempts = streams.flatMap(attemptsOf).flatMap(({ stream, asked, target, done }) => {
    const primary = target && found.idOf(target);
    const [from, to] = [moment(stream, asked, found), done && moment(stream, done, found)];
    return from === undefined || primary === undefined ? [] : [{ from, to, primary }];
  });
  const byWay = groupBy(attempts, ({ from, primary }) => `${from.node} ${primary}`);
  return [...byWay.values()].flatMap((way): Pair[] => {
    const [
      {
        from: { node },
        primary,
      },
    ] = way as [(typeof way)[number]];
    const asks = (moments.get(primary) ?? []).filter(
      ({ kind, subject }) => kind === "replica-asks" && subject === node,
    );
    const pairs = aligned(
      way.map(({ from }) => from),
      asks,
    );
    return pairs.flatMap(([before, after]): Pair[] => {
      const done = way.find(({ from }) => from === before)?.to;
      return [
        { before, after, soonMs: MESSAGE_MS, sure: false },
        ...(done === undefined ? [] : [{ before: after, after: done, sure: false }]),
      ];
    });
  });
}

function moment(stream: Stream, draft: Draft, { idOf }: NodesFound): Moment | undefined {
  const node = idOf(stream);
  const at = utcOf(stream, draft.line.at, draft.zoned);
  return node === undefined ? undefined : momentOf(node, at, draft, (ref) => ref && idOf(ref));
}

/**
 * Votes are asked for and given. Where two are needed, nobody wins before both came: then no more than two can vote.
 */
function elections(node: NodeId, own: readonly Moment[], moments: Moments): Pair[] {
  return own.flatMap((started, at): Pair[] => {
    const { epoch } = started.data;
    if (started.kind !== "election-started" || epoch === undefined) return [];
    const later = own.slice(at + 1);
    const won = later.slice(0, 10).find(({ kind }) => kind === "election-won");
    const needed = own.findLast(({ kind, data }) => kind === "votes-counted" && data.quorum !== undefined)
      ?.data.quorum;
    return [...moments].flatMap(([voter, lines]): Pair[] => {
      const votes = lines.filter(
        ({ kind, subject, data }) => kind === "vote-granted" && subject === node && data.epoch === epoch,
      );
      const [vote] = votes;
      if (voter === node || vote === undefined || votes.length > 1) return [];
      return [
        { before: started, after: vote, soonMs: MESSAGE_MS, sure: true },
        ...(won && needed === 2 ? [{ before: vote, after: won, soonMs: MESSAGE_MS, sure: true }] : []),
      ];
    });
  });
}

/** Who finds that a node failed tells all others, and who misses an answer tells it by and by. */
function failures(node: NodeId, own: readonly Moment[], moments: Moments): Pair[] {
  const subjects = new Set(own.flatMap(({ subject }) => subject ?? []));
  return [...moments].flatMap(([other, lines]) =>
    other === node
      ? []
      : [...subjects].flatMap((subject): Pair[] => {
          const of = (from: readonly Moment[], kind: Moment["kind"], teller?: NodeId) =>
            from.filter((one) => one.kind === kind && one.subject === subject && one.teller === teller);
          const failed = aligned(of(own, "failed"), of(lines, "failed", node));
          const suspected = aligned(of(own, "suspects"), of(lines, "reported-unreachable", node));
          return [
            ...failed.map(([before, after]) => ({ before, after, soonMs: MESSAGE_MS, sure: false })),
            ...suspected.map(([before, after]) => ({ before, after, sure: false })),
          ];
        }),
  );
}

/** A primary that ends in order closes its connections. */
function endings(node: NodeId, own: readonly Moment[], moments: Moments): Pair[] {
  const ends = own.filter(({ kind }) => kind === "shutdown");
  if (ends.length !== 1) return [];
  return [...moments].flatMap(([other, lines]): Pair[] => {
    const lost = lines.filter(({ kind }, at) => kind === "primary-link-lost" && followed(lines, at) === node);
    return other === node || lost.length !== 1
      ? []
      : aligned(ends, lost).map(([before, after]) => ({ before, after, sure: false }));
  });
}

function followed(lines: readonly Moment[], at: number): NodeId | undefined {
  const last = lines
    .slice(0, at)
    .findLast(({ kind }) => kind === "connecting-to-primary" || kind === "became-replica");
  return last?.subject;
}
