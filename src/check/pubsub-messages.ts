import { groupBy } from "../base/group-by.ts";
import type { Operation } from "../history/operations.ts";
import type { Facts } from "./facts.ts";

/** What one subscriber should have heard, and heard. Times in ns on the run's clock. */
export interface Listening {
  readonly subscriber: string;
  readonly from: number;
  readonly until: number;
  /** Messages that it heard, by name, in the order in which it heard them. */
  readonly heard: readonly { readonly message: string; readonly channel: string; readonly at: number }[];
  /** Acknowledged while it listened, and never heard by it. */
  readonly missed: readonly Operation[];
  /** Messages that it heard more than once. */
  readonly twice: readonly string[];
  /** The longest time in which it heard nothing; of sharded channels, nothing on one of them. */
  readonly silence: Silence;
  /** By channel, what it missed since it last heard anything there. */
  readonly unheardSince: readonly Unheard[];
}

/** A time in which a subscriber heard nothing. */
export interface Silence {
  readonly from: number;
  readonly to: number;
  /** Of sharded channels: on this one. Others are heard over the same connections. */
  readonly channel?: string;
  /** Acknowledged meanwhile, and missed. */
  readonly missed: number;
}

/** A channel on which a subscriber hears no more. */
export interface Unheard {
  readonly channel: string;
  /** Of the last messages published there without a pause: when the first was sent, and the last acknowledged. */
  readonly from: number;
  readonly to: number;
  readonly missed: number;
}

/** What was under way when a history ends in the middle may have been heard a moment later. */
const UNDER_WAY_NS = 500e6;
/** Messages that are further apart were not published one after the other: nobody knows what was in between. */
const PAUSE_NS = 1e9;

export function isMessage({ workload, f }: Operation): boolean {
  return workload === "pubsub" && f === "publish";
}

/** What each subscription of the workload `pubsub` heard, in the order in which they began. */
export function listenings(facts: Facts): Listening[] {
  const published = groupBy(
    facts.operations.filter((one) => isMessage(one) && one.outcome === "ok"),
    ({ key }) => key,
  );
  const heardBy = groupBy(
    facts.observations("message-heard"),
    ({ subscriber, channel }) => `${subscriber} ${channel}`,
  );
  const phases = facts.observations("subscription");
  return phases
    .filter(({ phase }) => phase === "begin")
    .map(({ subscriber, channels, sharded, at: from }) => {
      const isOwn = (one: (typeof phases)[number]) =>
        one.subscriber === subscriber && one.channels[0] === channels[0];
      const end = phases.find((one) => one.phase === "end" && isOwn(one));
      const until = end?.at ?? facts.endedAt - UNDER_WAY_NS;
      const heard = channels
        .flatMap((channel) => heardBy.get(`${subscriber} ${channel}`) ?? [])
        .toSorted((a, b) => a.at - b.at);
      const names = heard.map(({ message }) => message);
      const known = new Set(names);
      const missed = channels
        .flatMap((channel) => published.get(channel) ?? [])
        .filter(({ invokedAt, completedAt = Infinity }) => invokedAt >= from && completedAt <= until)
        .filter(({ value = "" }) => !known.has(value));
      return {
        subscriber,
        from,
        until,
        heard,
        missed,
        twice: repeated(names),
        silence: (sharded ? channels : [undefined])
          .map((channel) => longestSilence({ from, until, heard, missed }, channel))
          .reduce((longest, one) => (one.to - one.from > longest.to - longest.from ? one : longest)),
        unheardSince: channels.flatMap((channel) => unheardSince(channel, heard, missed)),
      };
    });
}

function repeated(names: readonly string[]): string[] {
  const seen = new Set<string>();
  const again = new Set<string>();
  for (const name of names) (seen.has(name) ? again : seen).add(name);
  return [...again];
}

function longestSilence(
  { from: begin, until, heard, missed }: Pick<Listening, "from" | "until" | "heard" | "missed">,
  channel: string | undefined,
): Silence {
  const isOf = (one: string) => channel === undefined || one === channel;
  let [from, to, last] = [begin, begin, begin];
  for (const at of [...heard.filter((one) => isOf(one.channel)).map((one) => one.at), until]) {
    if (at - last > to - from) [from, to] = [last, at];
    last = Math.max(last, at);
  }
  const within = missed.filter(
    ({ key, invokedAt, completedAt = 0 }) => isOf(key) && completedAt >= from && invokedAt <= to,
  );
  return { from, to, missed: within.length, ...(channel !== undefined && { channel }) };
}

/** Empty: the last that was acknowledged there was heard. */
function unheardSince(channel: string, heard: Listening["heard"], missed: readonly Operation[]): Unheard[] {
  const lastHeard = heard.filter((one) => one.channel === channel).at(-1)?.at ?? -1;
  const since = missed
    .filter(({ key, invokedAt }) => key === channel && invokedAt > lastHeard)
    .toSorted((a, b) => (a.completedAt ?? 0) - (b.completedAt ?? 0));
  let first = since.length - 1;
  while (first > 0) {
    const [one, before] = [since[first] as Operation, since[first - 1] as Operation];
    if (one.invokedAt - (before.completedAt ?? 0) > PAUSE_NS) break;
    first -= 1;
  }
  const last = since.at(-1);
  const begin = since[first];
  if (!last || !begin) return [];
  return [{ channel, from: begin.invokedAt, to: last.completedAt ?? last.invokedAt, missed: since.length }];
}
