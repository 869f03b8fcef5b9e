import { basename, dirname } from "node:path";
import type { ExplainedNode, KnownSetting, NodeId } from "../model.ts";
import { clean } from "./clean.ts";
import { type Bearer, bare, type Names, refsOf } from "./names.ts";
import type { Ref } from "./phrases/told.ts";
import type { Stream } from "./streams.ts";

/** The nodes as they are shown, and who bears which. */
export interface NodesFound {
  readonly nodes: readonly ExplainedNode[];
  readonly idOf: (name: Ref | Stream) => NodeId | undefined;
}

/** Spans on the common clock are added later, when it is known. */
export function nodesOf(names: Names, streams: readonly Stream[]): NodesFound {
  const seenAt = lastSeen(streams);
  const isAlone = onlyOnce(streams);
  const bearers = names
    .all()
    .filter((one) => one.streams.size > 0 || refsOf(one, "p").length < one.refs.size);
  const described = bearers
    .map((bearer) => ({ bearer, ...describe(bearer, seenAt, isAlone) }))
    .toSorted((a, b) => order(a) - order(b) || compare(a.name, b.name));
  const ids = new Map(described.map(({ bearer }, at) => [bearer, `node-${at + 1}`]));
  const idOf = (name: Ref | Stream) => ids.get(names.of(name));
  const roles = rolesByOthers(streams);
  const groups = groupsByBearer(streams, names);
  const taken = new Map<string, number>();
  const nodes = described.map(({ bearer, name, identified }): ExplainedNode => {
    const times = (taken.get(name) ?? 0) + 1;
    taken.set(name, times);
    return {
      id: ids.get(bearer) ?? "",
      label: times === 1 ? name : `${name} (${times})`,
      identified,
      addresses: addresses(bearer, seenAt),
      runIds: [...new Set(latest(bearer).flatMap(({ runIds }) => [...runIds]))],
      clusterId: idIn(bearer, "c"),
      sentinelMyid: idIn(bearer, "s"),
      kind: bearer.kind,
      ...roleOf(bearer, roles),
      ...followed(bearer, idOf),
      groups: [...(groups.get(bearer) ?? [])],
      version: latest(bearer)
        .flatMap(({ version }) => version ?? [])
        .at(-1),
      files: [...new Set(latest(bearer).flatMap(({ files }) => [...files]))],
      evidence: [...bearer.evidence],
      settings: settingsOf(bearer),
    };
  });
  return { nodes, idOf };
}

/** When an address was named last, so that of several the one in force is known. */
function lastSeen(streams: readonly Stream[]): Map<Ref, number> {
  const seen = new Map<Ref, number>();
  const see = (ref: Ref | undefined, at: number) => {
    if (ref !== undefined && at >= (seen.get(ref) ?? -Infinity)) seen.set(ref, at);
  };
  for (const { drafts } of streams)
    for (const { subject, to, line } of drafts) {
      see(subject, line.at);
      see(to, line.at);
    }
  return seen;
}

function addresses(bearer: Bearer, seenAt: ReadonlyMap<Ref, number>): string[] {
  return refsOf(bearer, "a")
    .toSorted((a, b) => (seenAt.get(b) ?? 0) - (seenAt.get(a) ?? 0) || compare(a, b))
    .map((ref) => clean(bare(ref), 260));
}

function describe(
  bearer: Bearer,
  seenAt: ReadonlyMap<Ref, number>,
  isAlone: (name: string) => boolean,
): { name: string; identified: boolean } {
  const [address] = addresses(bearer, seenAt);
  if (address !== undefined) return { name: address, identified: true };
  const id = idIn(bearer, "c") ?? idIn(bearer, "s");
  const [stream] = bearer.streams;
  const place = stream && placeOf(stream, isAlone);
  if (id !== undefined) return { name: place ?? id.slice(0, 8), identified: true };
  return { name: `unidentified${place === undefined ? "" : `: ${place}`}`, identified: false };
}

/** Whether no other folder has a file of that name. */
function onlyOnce(streams: readonly Stream[]): (name: string) => boolean {
  const paths = new Set(
    streams.map(({ source }) => source.split("\n")).map(([root = "", header]) => header || root),
  );
  const times = new Map<string, number>();
  for (const path of paths) times.set(basename(path), (times.get(basename(path)) ?? 0) + 1);
  return (name) => times.get(name) === 1;
}

/** What a person calls the log. */
function placeOf({ label, source }: Stream, isAlone: (name: string) => boolean): string {
  const [root = "", header = ""] = source.split("\n");
  const path = header || root;
  const name = basename(path);
  const within = isAlone(name) ? name : `${basename(dirname(path))}/${name}`;
  return clean(label || within || path, 80);
}

function order({ bearer }: { bearer: Bearer }): number {
  return bearer.kind === "server" ? 0 : bearer.kind === "sentinel" ? 1 : 2;
}

/** By code points, whatever language the machine speaks. */
export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function idIn(bearer: Bearer, sort: "c" | "s"): string | undefined {
  const [ref] = refsOf(bearer, sort);
  return ref && bare(ref);
}

function latest({ streams }: Bearer): Stream[] {
  return [...streams].toSorted((a, b) => a.last - b.last);
}

/** By its own last line; without a log by what Sentinels said of it last. */
function roleOf(
  bearer: Bearer,
  byOthers: ReadonlyMap<Ref, "primary" | "replica">,
): Pick<ExplainedNode, "role"> {
  const own = latest(bearer).flatMap(({ role }) => role ?? []);
  const told = refsOf(bearer, "a").flatMap((ref) => byOthers.get(ref) ?? []);
  const role = own.at(-1) ?? told.at(-1);
  return role === undefined || bearer.kind === "sentinel" ? {} : { role };
}

function rolesByOthers(streams: readonly Stream[]): Map<Ref, "primary" | "replica"> {
  const roles = new Map<Ref, "primary" | "replica">();
  const all = streams.flatMap(({ drafts }) => drafts).toSorted((a, b) => a.line.at - b.line.at);
  for (const { kind, subject, to, data } of all) {
    if (kind === "+switch-master" && to) roles.set(to, "primary");
    else if (kind === "+slave" && subject) roles.set(subject, "replica");
    else if (kind === "+monitor" && subject && data?.subjectKind === "primary") roles.set(subject, "primary");
  }
  return roles;
}

function followed(bearer: Bearer, idOf: NodesFound["idOf"]): Pick<ExplainedNode, "follows"> {
  const drafts = latest(bearer).flatMap((stream) => stream.drafts);
  const last = drafts.findLast(({ kind }) => FOLLOWS.has(kind));
  const follows = last && !LEADS.has(last.kind) && last.subject ? idOf(last.subject) : undefined;
  return follows === undefined ? {} : { follows };
}

const LEADS: ReadonlySet<string> = new Set(["promoted", "election-won"]);
const FOLLOWS: ReadonlySet<string> = new Set([...LEADS, "became-replica", "connecting-to-primary"]);

/** Names of groups that a node's own lines tell, or that others say it belongs to. */
function groupsByBearer(streams: readonly Stream[], names: Names): Map<Bearer, Set<string>> {
  const groups = new Map<Bearer, Set<string>>();
  for (const stream of streams) {
    for (const { data, subject, to } of stream.drafts) {
      if (data?.group === undefined) continue;
      for (const name of [stream, subject, to]) {
        if (name === undefined) continue;
        const bearer = names.of(name);
        groups.set(bearer, (groups.get(bearer) ?? new Set()).add(clean(data.group, 100)));
      }
    }
  }
  return groups;
}

function settingsOf(bearer: Bearer): Record<string, KnownSetting> {
  const all = latest(bearer).flatMap(({ settings }) => [...settings]);
  return Object.fromEntries(
    all.map(([name, { value, line }]) => [
      clean(name, 200),
      { value, place: { file: line.file, lineNo: line.lineNo } },
    ]),
  );
}
