import { groupBy } from "../../base/group-by.ts";
import { electedAndFailed } from "./identify-by-elections.ts";
import { synchronised } from "./identify-by-sync.ts";
import { joinStretches } from "./join-stretches.ts";
import { type Bearer, bare, Names, refsOf } from "./names.ts";
import type { Ref } from "./phrases/told.ts";
import { joinSides, type SideInput } from "./side/side-streams.ts";
import type { Stream } from "./streams.ts";

/** Says which names and logs are one node's, by all that the lines tell, the surest first. */
export function identify(streams: readonly Stream[], sides: readonly SideInput[] = []): Names {
  const names = new Names();
  for (const stream of streams) names.of(stream);
  mentioned(names, streams);
  for (const stream of streams) {
    for (const ref of stream.refs) names.join(stream, ref, `its own line names it ${bare(ref)}`);
  }
  joinStretches(names, streams);
  const all = [...streams, ...joinSides(names, streams, sides)];
  // Each may tell what the others wait for.
  for (let before = -1; before !== names.all().length; ) {
    before = names.all().length;
    byPort(names, all);
    synchronised(names, streams);
    electedAndFailed(names, streams);
    theOtherSentinel(names);
    byLabel(names, streams);
  }
  shortIds(names);
  return names;
}

function mentioned(names: Names, streams: readonly Stream[]): void {
  for (const stream of streams) {
    for (const { kind, subject, to, teller, data, told } of stream.drafts) {
      const { same = [], follows = [] } = told;
      for (const ref of [subject, to, teller, ...follows]) if (ref !== undefined) names.of(ref);
      for (const [a, b] of same) names.join(a, b, `a line names ${bare(b)} beside ${bare(a).slice(0, 8)}…`);
      const isServer =
        data?.subjectKind === "primary" || data?.subjectKind === "replica" || SERVERS.test(kind);
      if (subject?.startsWith("a:") && isServer) names.mark(subject, "server");
      if (to?.startsWith("a:")) names.mark(to, "server");
      for (const ref of follows) names.mark(ref, "server");
    }
    // A replica that is told to follow a node of the cluster connects to that node's address next.
    for (const [at, { kind, subject }] of stream.drafts.entries()) {
      const next = stream.drafts[at + 1];
      if (kind !== "became-replica" || !subject?.startsWith("c:") || next?.kind !== "connecting-to-primary")
        continue;
      if (next.subject) names.join(subject, next.subject, "a replica of it connects there");
    }
  }
}

const SERVERS = /^(?:replica-|full-sync|partial-sync|connecting-to-primary|became-replica)/;

/** Its start tells the port. Where only one node that others name has it, it is that one. */
function byPort(names: Names, streams: readonly Stream[]): void {
  const free = withoutLog(names);
  const byPort = groupBy(streams, ({ port }) => port);
  for (const [port, same] of byPort) {
    const bearers = new Set(same.map((stream) => names.of(stream)));
    const [bearer] = bearers;
    const [stream] = same;
    if (port === undefined || stream === undefined || bearer === undefined || bearers.size > 1) continue;
    if (refsOf(bearer, "a").length > 0) continue;
    const there = free.filter((one) => mayBe(one, bearer) && portsOf(one).includes(String(port)));
    const [ref] = there.length === 1 ? refsOf(there[0] as Bearer, "a") : [];
    if (ref !== undefined) names.join(stream, ref, `it says that its port is ${port}`);
  }
}

/** Nodes that are known by an address and of which no log is known yet. */
function withoutLog(names: Names): Bearer[] {
  return names.all().filter((one) => one.streams.size === 0 && refsOf(one, "a").length > 0);
}

function mayBe(one: Bearer, other: Bearer): boolean {
  return (
    one.streams.size === 0 && (one.kind === other.kind || one.kind === "unknown" || other.kind === "unknown")
  );
}

function portsOf(bearer: Bearer): string[] {
  return refsOf(bearer, "a").map((ref) => ref.slice(ref.lastIndexOf(":") + 1));
}

/** A Sentinel names all others and never itself. */
function theOtherSentinel(names: Names): void {
  const everybody = names.all().filter((one) => one.kind === "sentinel" && refsOf(one, "s").length > 0);
  for (const bearer of names.all()) {
    if (bearer.kind !== "sentinel" || bearer.streams.size === 0 || refsOf(bearer, "s").length > 0) continue;
    const own = [...bearer.streams];
    const others = new Set(
      own.flatMap(({ drafts }) => drafts.flatMap(otherSentinels)).map((ref) => names.of(ref)),
    );
    const left = everybody.filter((one) => !others.has(one) && one.streams.size === 0);
    const [ref] = left.length === 1 && others.size > 0 ? refsOf(left[0] as Bearer, "s") : [];
    const [stream] = own;
    if (ref !== undefined && stream !== undefined)
      names.join(stream, ref, "it names all Sentinels but this one");
  }
}

function otherSentinels({ kind, subject, teller }: Stream["drafts"][number]): Ref[] {
  const others = kind === "+config-update-from" ? [teller] : [subject];
  return others.filter((ref) => ref?.startsWith("s:")).filter((ref) => ref !== undefined);
}

/** The name of its file, host or container holds an address that nobody else has. */
function byLabel(names: Names, streams: readonly Stream[]): void {
  const free = withoutLog(names);
  const done = new Set<Bearer>();
  for (const stream of streams) {
    const bearer = names.of(stream);
    if (done.has(bearer) || refsOf(bearer, "a").length > 0) continue;
    done.add(bearer);
    const words = new Set(stream.source.toLowerCase().split(/[^\w.-]+|[_-](?=\d{4,5}\b)|\.(?=log\b)/));
    const named = free.filter(
      (one) => mayBe(one, bearer) && refsOf(one, "a").some((ref) => isNamed(ref, words)),
    );
    const [ref] = named.length === 1 ? refsOf(named[0] as Bearer, "a") : [];
    if (ref !== undefined) names.join(stream, ref, `the name of its file or container tells ${bare(ref)}`);
  }
}

function isNamed(ref: Ref, words: ReadonlySet<string>): boolean {
  const at = bare(ref);
  const cut = at.lastIndexOf(":");
  const [host, port] = [at.slice(0, cut), at.slice(cut + 1)];
  const isName = /[a-z]/i.test(host);
  return words.has(host) || words.has(port) || (isName && words.has(host.split(".")[0] ?? host));
}

/** Servers name the Sentinel that asked by the first characters of its id. */
function shortIds(names: Names): void {
  for (const bearer of names.all()) {
    for (const short of refsOf(bearer, "p")) {
      const fits = names
        .all()
        .filter((one) => refsOf(one, "s").some((id) => bare(id).startsWith(bare(short))));
      const [id] = fits.length === 1 ? refsOf(fits[0] as Bearer, "s") : [];
      if (id !== undefined) names.join(id, short, "the first characters of its id");
    }
  }
}
