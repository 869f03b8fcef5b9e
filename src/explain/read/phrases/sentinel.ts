import { SENTINEL_EVENTS } from "../../model.ts";
import { address, type Phrase, phrase, sentinelRef, type Told } from "./told.ts";

type Kind = (typeof SENTINEL_EVENTS)[number];
const KNOWN: ReadonlySet<string> = new Set(SENTINEL_EVENTS);
const KINDS = { master: "primary", slave: "replica", sentinel: "sentinel" } as const;
const ID = "[0-9a-f]{40}";

/** Lines of src/sentinel.c (`sentinelEvent` and what it logs besides), Redis 6 to Valkey 9.1. */
export const SENTINEL_PHRASES: readonly Phrase[] = [
  ...SENTINEL_EVENTS.map((event) => ({ starts: event, tells: eventOf })),
  phrase("", new RegExp(`^(${ID}) voted for (${ID}) (\\d+)$`), voteTold, [" voted for "]),
  phrase("Sentinel ID is ", new RegExp(`^Sentinel ID is (${ID})`), ([, id]) => ({
    own: { refs: [`s:${id}`] },
  })),
  phrase("Sentinel new configuration saved", /^/, () => ({})),
  phrase("WARNING: Sentinel was not able to save", /: ([^:]*)$/, ([, why]) => ({
    kind: "config-rewrite-failed",
    data: { detail: why },
  })),
  phrase("Failed to resolve hostname", /'(.*)'/, ([, name]) => ({
    kind: "name-not-resolved",
    data: { detail: name },
  })),
  phrase("Executing user requested FAILOVER of", /'(.*)'/, ([detail, group]) => ({
    kind: "manual-failover",
    data: { group, detail },
  })),
  phrase("Next failover delay: ", /^Next failover delay: (.*)$/, ([detail]) => ({
    kind: "failover-delayed",
    data: { detail },
  })),
];

/** `+sdown slave 10.0.0.2:6379 10.0.0.2 6379 @ mymaster 10.0.0.1 6379 #more` */
function eventOf(text: string): Told | undefined {
  const [event = "", ...words] = text.split(" ");
  if (!KNOWN.has(event)) return undefined;
  const kind = event as Kind;
  switch (kind) {
    case "+switch-master":
      return switched(kind, words);
    case "+vote-for-leader":
      return { kind, to: sentinelRef(words[0]), data: { epoch: Number(words[1]) } };
    case "+new-epoch":
      return { kind, data: { epoch: Number(words[0]) } };
    case "+tilt":
    case "-tilt":
    case "-script-error":
    case "-script-timeout":
      return { kind, data: { detail: words.join(" ") } };
    default:
      return about(kind, words);
  }
}

function switched(kind: Kind, [group, host, port, toHost, toPort]: readonly string[]): Told {
  return {
    kind,
    subject: address(host, port),
    to: address(toHost, toPort),
    data: { group, subjectKind: "primary" },
  };
}

function about(kind: Kind, [what = "", name = "", host, port, ...rest]: readonly string[]): Told | undefined {
  const subjectKind = KINDS[what as keyof typeof KINDS];
  const at = address(host, port);
  if (subjectKind === undefined || at === undefined) return undefined;
  const id = subjectKind === "sentinel" ? sentinelRef(name) : undefined;
  const primary = rest[0] === "@" ? address(rest[2], rest[3]) : undefined;
  const group = subjectKind === "primary" ? name : rest[0] === "@" ? rest[1] : undefined;
  const more = subjectKind === "primary" ? rest : rest.slice(4);
  return {
    kind,
    subject: kind === "+config-update-from" ? primary : (id ?? at),
    ...(kind === "+config-update-from" && { teller: id }),
    data: {
      group,
      subjectKind: kind === "+config-update-from" ? "primary" : subjectKind,
      ...extra(kind, more),
    },
    ...(id && { same: [[id, at]] }),
    ...(subjectKind === "replica" && primary && { follows: [at, primary] }),
    ...settingsOf(kind, group, more),
  };
}

function extra(kind: Kind, more: readonly string[]): { votes?: number; quorum?: number; detail?: string } {
  const [votes, quorum] = /#quorum (\d+)\/(\d+)/.exec(more.join(" "))?.slice(1).map(Number) ?? [];
  if (votes !== undefined) return { votes, quorum };
  if (kind === "+monitor" && more[0] === "quorum") return { quorum: Number(more[1]) };
  return more.length > 0 ? { detail: more.join(" ") } : {};
}

function settingsOf(kind: Kind, group: string | undefined, more: readonly string[]): Pick<Told, "settings"> {
  const [name, value] = more;
  if (group === undefined || name === undefined || value === undefined) return {};
  if (kind === "+monitor" || kind === "+set")
    return { settings: { [`${group} ${name}`]: more.slice(1).join(" ") } };
  return {};
}

function voteTold([, voter, leader, epoch]: RegExpExecArray): Told {
  return {
    kind: "vote-told",
    subject: sentinelRef(voter),
    to: sentinelRef(leader),
    data: { epoch: Number(epoch) },
  };
}
