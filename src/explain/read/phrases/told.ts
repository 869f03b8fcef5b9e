import type { IncidentData, IncidentKind } from "../../model.ts";

/**
 * A name of a node, as lines give it: `a:HOST:PORT` an address, `c:ID` an id in a cluster, `s:ID` a Sentinel's id,
 * `p:START` the first
 * characters of a Sentinel's id.
 */
export type Ref = `${"a" | "c" | "s" | "p"}:${string}`;

/** What a line tells, before anybody knows which node is meant. */
export interface Told {
  /** Absent: the line tells who writes, and nothing that happened. */
  readonly kind?: IncidentKind;
  readonly subject?: Ref;
  readonly to?: Ref;
  readonly teller?: Ref;
  readonly data?: Omit<IncidentData, "to" | "teller">;
  /** Two names of one node. */
  readonly same?: readonly (readonly [Ref, Ref])[];
  /** Who follows whom. */
  readonly follows?: readonly [Ref, Ref];
  readonly own?: Own;
  /** Settings: by name, of a Sentinel's group with its name before. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** What a line tells of the node that writes it. */
export interface Own {
  readonly refs?: readonly Ref[];
  readonly port?: number;
  readonly version?: string;
  readonly mode?: string;
  /** Replication ids under which it writes. */
  readonly replIds?: readonly string[];
}

/** One sort of line. */
export interface Phrase {
  /** With what its text begins; empty: it may begin with anything. */
  readonly starts: string;
  /**
   * What stands in each such line; by default `starts`. Lines are looked for by these words before anything is
   * decoded.
   */
  readonly words?: readonly string[];
  readonly tells: (text: string) => Told | undefined;
}

/** A phrase by a regular expression. */
export function phrase(
  starts: string,
  when: RegExp,
  tells: (match: RegExpExecArray) => Told | undefined,
  words?: readonly string[],
): Phrase {
  return {
    starts,
    words,
    tells: (text) => {
      const match = when.exec(text);
      return match === null ? undefined : tells(match);
    },
  };
}

/** A phrase that always means the same and says nothing more than itself. */
export function plain(kind: IncidentKind, ...starts: string[]): Phrase[] {
  return starts.map((start) => ({ starts: start, tells: (text) => ({ kind, data: { detail: text } }) }));
}

/**
 * `HOST:PORT` as it stands in lines (an IPv6 address has colons of its own), or host and port; `undefined`: that is no
 * address.
 */
export function address(hostOrBoth: string | undefined, port?: string): Ref | undefined {
  const [host, number] = port === undefined ? splitLast(hostOrBoth ?? "") : [hostOrBoth ?? "", port];
  const bare = host.replace(/^\[|\]$/g, "").toLowerCase();
  if (!/^[\w.:%-]{1,253}$/.test(bare) || !/^\d{1,5}$/.test(number) || number === "0") return undefined;
  return `a:${bare.includes(":") ? `[${bare}]` : bare}:${number}`;
}

function splitLast(text: string): [string, string] {
  const at = text.lastIndexOf(":");
  return [text.slice(0, at), text.slice(at + 1)];
}

const ID = /^[0-9a-f]{40}$/;

/** An id in a cluster; `undefined`: that is none. */
export function clusterRef(id: string | undefined): Ref | undefined {
  return id !== undefined && ID.test(id) ? `c:${id}` : undefined;
}

/** A Sentinel's id; `undefined`: that is none. */
export function sentinelRef(id: string | undefined): Ref | undefined {
  return id !== undefined && ID.test(id) ? `s:${id}` : undefined;
}

/**
 * Who asked for something, of `user request from 'id=4 addr=… laddr=127.0.0.1:7001 … name=sentinel-1a2b3c4d-cmd …'`.
 */
export function requester(text: string): Pick<Told, "own" | "teller"> {
  const laddr = / laddr=(\S+:\d+) /.exec(text)?.[1];
  const sentinel = / name=sentinel-([0-9a-f]{8})-cmd/.exec(text)?.[1];
  const own = laddr === undefined || laddr.startsWith("/") ? undefined : address(laddr);
  return {
    ...(own && { own: { refs: [own] } }),
    ...(sentinel && { teller: `p:${sentinel}` as const }),
  };
}
