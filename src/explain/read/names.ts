import type { Ref } from "./phrases/told.ts";
import type { Stream } from "./streams.ts";

type Kind = Stream["kind"];

/** All that is known to be one node. */
export interface Bearer {
  readonly refs: Set<Ref>;
  readonly streams: Set<Stream>;
  readonly evidence: Set<string>;
  kind: Kind;
}

/**
 * Which names and which logs are one node's. What cannot be one node is never put together: two ids of a cluster or of
 * Sentinels, a server and a Sentinel.
 */
export class Names {
  readonly #of = new Map<Ref | Stream, Bearer>();

  /** Everybody, each once. */
  all(): Bearer[] {
    return [...new Set(this.#of.values())];
  }

  of(name: Ref | Stream): Bearer {
    let bearer = this.#of.get(name);
    if (bearer === undefined) {
      bearer = bearerOf(name);
      this.#of.set(name, bearer);
    }
    return bearer;
  }

  has(name: Ref): boolean {
    return this.#of.has(name);
  }

  /** Both are one node's, as `why` says. */
  join(a: Ref | Stream, b: Ref | Stream, why: string): boolean {
    const [to, from] = [this.of(a), this.of(b)];
    if (to === from) return true;
    if (!canBeOne(to, from)) return false;
    for (const ref of from.refs) to.refs.add(ref);
    for (const stream of from.streams) to.streams.add(stream);
    for (const one of from.evidence) to.evidence.add(one);
    to.evidence.add(why);
    if (to.kind === "unknown") to.kind = from.kind;
    for (const name of [...from.refs, ...from.streams]) this.#of.set(name, to);
    return true;
  }

  /** That name is of a server, or of a Sentinel. */
  mark(name: Ref, kind: Kind): void {
    const bearer = this.of(name);
    if (bearer.kind === "unknown") bearer.kind = kind;
  }
}

/** Names of one sort that a bearer has. */
export function refsOf({ refs }: Bearer, sort: Ref[0]): Ref[] {
  return [...refs].filter((ref) => ref[0] === sort);
}

/** `10.0.0.1:6379` of `a:10.0.0.1:6379`. */
export function bare(ref: Ref): string {
  return ref.slice(2);
}

function bearerOf(name: Ref | Stream): Bearer {
  if (typeof name !== "string")
    return { refs: new Set(), streams: new Set([name]), evidence: new Set(), kind: name.kind };
  const kind: Kind = name.startsWith("c:") ? "server" : /^[sp]:/.test(name) ? "sentinel" : "unknown";
  return { refs: new Set([name]), streams: new Set(), evidence: new Set(), kind };
}

function canBeOne(a: Bearer, b: Bearer): boolean {
  if (a.kind !== "unknown" && b.kind !== "unknown" && a.kind !== b.kind) return false;
  const sorts = ["c", "s"] as const;
  if (sorts.some((sort) => refsOf(a, sort).length > 0 && refsOf(b, sort).length > 0)) return false;
  const ports = (bearer: Bearer) => [...bearer.streams].flatMap(({ port }) => port ?? []);
  const [ofA, ofB] = [ports(a), ports(b)];
  if (ofA.length > 0 && ofB.length > 0 && !ofA.some((port) => ofB.includes(port))) return false;
  return ![...a.streams].some((one) => [...b.streams].some((other) => atOnce(one, other)));
}

/**
 * Two processes that ran at the same time, by one clock, are two nodes. Copies of a log are found before this is
 * asked.
 */
function atOnce(a: Stream, b: Stream): boolean {
  if (a.pid === b.pid || a.source !== b.source) return false;
  return Math.min(a.last, b.last) - Math.max(a.first, b.first) > 2000;
}
