import type { NodeId } from "../../model.ts";
import { aligned, type Moment, type Pair } from "./moments.ts";

/** A message between two machines, and the work that it makes. */
const MESSAGE_MS = 50;
/** A Sentinel says what it knows every 2 s (src/sentinel.c, `sentinel_publish_period`). */
const HELLO_MS = 2500;

type Moments = ReadonlyMap<NodeId, readonly Moment[]>;

/** What Sentinels tell each other and the servers: votes, new configurations, commands to take over and to follow. */
export function sentinelPairs(moments: Moments): Pair[] {
  const leaders = [...moments].flatMap(([node, own]) => attemptsOf(node, own));
  return [
    ...leaders.flatMap((leader) => votes(leader, moments)),
    ...[...moments].flatMap(([node, own]) => [
      ...configurations(node, own, moments),
      ...commands(own, moments),
      ...returns(own, moments),
    ]),
  ];
}

interface Attempt {
  readonly leader: NodeId;
  readonly tried: Moment;
  readonly epoch: number;
}

/** A Sentinel that tries a failover asks the others at once, and votes for itself. */
function attemptsOf(leader: NodeId, own: readonly Moment[]): Attempt[] {
  return own.flatMap((tried, at): Attempt[] => {
    if (tried.kind !== "+try-failover") return [];
    const vote = own.slice(at + 1, at + 6).find(({ kind }) => kind === "+vote-for-leader");
    return vote?.to === leader && vote.data.epoch !== undefined
      ? [{ leader, tried, epoch: vote.data.epoch }]
      : [];
  });
}

function votes({ leader, tried, epoch }: Attempt, moments: Moments): Pair[] {
  const isIt = (one: Moment) => one.to === leader && one.data.epoch === epoch;
  return [...moments].flatMap(([node, own]): Pair[] => {
    const given = own.filter((one) => one.kind === "+vote-for-leader" && isIt(one));
    const [vote] = given;
    if (node === leader || vote === undefined || given.length > 1) return [];
    const told = (moments.get(leader) ?? []).filter(
      (one) => one.kind === "vote-told" && one.subject === node && isIt(one),
    );
    return [
      { before: tried, after: vote, soonMs: MESSAGE_MS, sure: true },
      ...told.slice(0, 1).map((after) => ({ before: vote, after, soonMs: MESSAGE_MS, sure: true })),
    ];
  });
}

/** Once the leader has seen the new primary it tells the others. */
function configurations(node: NodeId, own: readonly Moment[], moments: Moments): Pair[] {
  const taken = own.flatMap((update, at) => {
    const next = own[at + 1];
    if (update.kind !== "+config-update-from" || next?.kind !== "+switch-master") return [];
    return update.teller === undefined || update.teller === node || next.to === undefined
      ? []
      : [{ update, leader: update.teller, primary: next.to }];
  });
  const keys = new Set(taken.map(({ leader, primary }) => `${leader} ${primary}`));
  return [...keys].flatMap((key): Pair[] => {
    const [leader = "", primary] = key.split(" ");
    const promoted = (moments.get(leader) ?? []).filter(
      ({ kind, subject }) => kind === "+promoted-slave" && subject === primary,
    );
    const updates = taken.filter((one) => `${one.leader} ${one.primary}` === key).map(({ update }) => update);
    return aligned(promoted, updates).map(([before, after]) => ({
      before,
      after,
      soonMs: HELLO_MS,
      sure: false,
    }));
  });
}

/** What a Sentinel tells a server to do, and that it then sees it done. */
const COMMANDS = [
  { told: "+failover-state-wait-promotion", done: "promoted", seen: "+promoted-slave" },
  { told: "+slave-reconf-sent", done: "became-replica", seen: "+slave-reconf-inprog" },
] as const;

function commands(own: readonly Moment[], moments: Moments): Pair[] {
  return COMMANDS.flatMap(({ told, done, seen }) => {
    const subjects = new Set(own.flatMap(({ kind, subject }) => (kind === told && subject ? [subject] : [])));
    return [...subjects].flatMap((subject): Pair[] => {
      const of = (name: string) => own.filter((one) => one.kind === name && one.subject === subject);
      const acts = (moments.get(subject) ?? []).filter(({ kind }) => kind === done);
      return [
        ...aligned(of(told), acts).map(([before, after]) => ({
          before,
          after,
          soonMs: MESSAGE_MS,
          sure: false,
        })),
        ...aligned(acts, of(seen)).map(([before, after]) => ({ before, after, sure: false })),
      ];
    });
  });
}

/** Nobody answers before it was started. */
function returns(own: readonly Moment[], moments: Moments): Pair[] {
  const subjects = new Set(
    own.flatMap(({ kind, subject }) => (kind === "-sdown" && subject ? [subject] : [])),
  );
  return [...subjects].flatMap((subject): Pair[] => {
    const answers = own.filter(({ kind, subject: of }) => kind === "-sdown" && of === subject);
    const starts = (moments.get(subject) ?? []).filter(({ kind }) => kind === "restarted");
    const missed = own.filter(({ kind, subject: of }) => kind === "+sdown" && of === subject);
    if (starts.length !== 1 || answers.length !== 1 || missed.length !== 1) return [];
    return aligned(starts, answers).map(([before, after]) => ({ before, after, sure: false }));
  });
}
