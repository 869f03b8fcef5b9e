import type { Random } from "../base/random.ts";
import type { NatMap } from "../model/addresses.ts";
import { messageOf } from "../model/errors.ts";
import type { ClientEventData } from "../model/observed.ts";
import type { Endpoint, TopologyKind } from "../model/plan.ts";
import type { Reply } from "../valkey/admin.ts";

/** How an application finds its servers: by Sentinels, or by any nodes of a cluster. */
export type ClientTarget = (
  | {
      readonly kind: "ha";
      readonly sentinels: readonly Endpoint[];
      readonly group: string;
      /** The data nodes, for clients that know no Sentinel. */
      readonly data: readonly Endpoint[];
    }
  | { readonly kind: "cluster"; readonly nodes: readonly Endpoint[] }
) & {
  /** Where to go for each address that the servers announce, if not there: nodes in containers, clients outside. */
  readonly natMap?: NatMap;
};

export interface ClientOptions {
  readonly target: ClientTarget;
  /** Jitter of the reconnection's backoff. */
  readonly random: Random;
  /** Cluster: does the client look at the slot map again by itself from time to time? Default true. */
  readonly refreshSlots?: boolean;
  /** Told of what becomes of its connections, at once. A library that cannot tell calls it never. */
  readonly onEvent?: (event: ConnectionEvent) => void;
}

/** See `ClientEventData`; `address` is `host:port` of the connection, absent if that is not known. */
export interface ConnectionEvent extends Pick<ClientEventData, "event" | "role"> {
  readonly address?: string;
}

/**
 * Told at the end of each attempt which server's reply ended it, as `host:port` of the connection; `undefined` where no reply
 * came (a time-out, a lost connection) or the library cannot tell.
 */
export type AnsweredBy = (address: string | undefined) => void;

/**
 * One client library under test, behind one interface. A call is **one attempt**: the library's own resends and its
 * offline queue are off, so that an acknowledgement means one sending, and a redirect (which the server refused
 * before doing anything) is the only thing that is sent twice. It reconnects by itself, with backoff and jitter.
 */
export interface DrillClient {
  /** A command to the primary (of the key's slot). Rejects with the library's own error, or `TimeoutError` at the deadline. */
  call(args: readonly string[], deadlineMs: number, answeredBy?: AnsweredBy): Promise<Reply>;
  /** A read-only command to a replica (of the key's slot). */
  callReplica(args: readonly string[], deadlineMs: number, answeredBy?: AnsweredBy): Promise<Reply>;
  /** A write, then `WAIT replicas waitMs` on the same connection; `confirmed` is how many replicas have it. */
  callAndWait(
    args: readonly string[],
    wait: { replicas: number; waitMs: number },
    deadlineMs: number,
    answeredBy?: AnsweredBy,
  ): Promise<{ reply: Reply; confirmed: number }>;
  /** Redirects that this client has followed so far. */
  redirects(): { moved: number; ask: number };
  close(): Promise<void>;
}

/** `why`: what it lacks, in a few words; `issue`: where its makers say so. */
export type Support = true | { readonly why: string; readonly issue: string };

/** A client library that drills can be run with. `ClientLibrary<"iovalkey">` tells the compiler its name. */
export interface ClientLibrary<Name extends string = string> {
  /** The name by which scenarios and the command line call it. */
  readonly name: Name;
  /** What npm calls it. */
  readonly packageName: string;
  /** Of the package that is installed; `undefined` if none is. */
  readonly version: string | undefined;
  /** One line for `valkey-drill list`. */
  readonly summary: string;
  /** Whether it can be used with such a topology at all. */
  readonly supports: Readonly<Record<TopologyKind, Support>>;
  /** What decides how soon a client finds a new primary: the library's own name of the option, and its value here. */
  readonly recovery: Readonly<Record<TopologyKind, { readonly setting: string; readonly value: string }>>;
  /** A small program that uses the library against the target, ready to be pasted. */
  snippet(target: ClientTarget): string;
  /**
   * Resolves once the client is connected and can be used. An optional package is imported here, and not before.
   *
   * @throws DrillError `MISSING_PACKAGE`
   */
  connect(options: ClientOptions, deadlineMs: number): Promise<DrillClient>;
}

/** The operation's own deadline passed. The server may have done it all the same. */
export class TimeoutError extends Error {
  override readonly name = "TimeoutError";
  constructor(deadlineMs: number) {
    super(`no answer within ${deadlineMs} ms`);
  }
}

/**
 * It surely did not happen: no connection was given the command, or each server that was given it has refused it. For libraries whose
 * own error does not tell that from a lost connection, where the adapter knows.
 */
export class NotDoneError extends Error {
  override readonly name = "NotDoneError";
  constructor(cause: unknown) {
    super(`not done: ${messageOf(cause)}`, { cause });
  }
}

/** Every operation has a deadline of ours: some libraries leave a promise open for ever when a connection is lost. */
export async function withDeadline<T>(work: Promise<T>, deadlineMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new TimeoutError(deadlineMs)), deadlineMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
