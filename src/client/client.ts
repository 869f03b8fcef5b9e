import type { Random } from "../base/random.ts";
import type { ClientAccess } from "../model/access.ts";
import type { NatMap } from "../model/addresses.ts";
import type { ClientEventData } from "../model/observed.ts";
import type { Endpoint } from "../model/plan.ts";
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
  /** What the servers ask of it, where they do not take everybody. Secret. */
  readonly access?: ClientAccess;
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
 * Told at the end of each attempt which server's reply ended it, as `host:port` of the connection; `undefined` where no
 * reply came (a time-out, a lost connection) or the library cannot tell.
 */
export type AnsweredBy = (address: string | undefined) => void;

/**
 * One client library under test, behind one interface. A call is **one attempt**: the library's own resends and its
 * offline queue are off, so that an acknowledgement means one sending, and a redirect (which the server refused
 * before doing anything) is the only thing that is sent twice. It reconnects by itself, with backoff and jitter.
 */
export interface DrillClient {
  /**
   * A command to the primary (of the key's slot). Rejects with a `TimeoutError` at the deadline, else with the
   * library's own error, so that `classifyError` knows what it means (`explained`).
   */
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
  /**
   * The connection over which it sends to the primary of that key's slot now. Absent where the library cannot tell one
   * connection from the next.
   *
   * @throws what `call` rejects with where there is no connection
   */
  pinned?(key: string, deadlineMs: number): Promise<PinnedConnection>;
  /** Redirects that this client has followed so far; `null` where the library does not tell. */
  redirects(): { readonly moved: number | null; readonly ask: number | null };
  close(): Promise<void>;
}

/**
 * One connection to one primary, for commands that belong together, as `WATCH` and `EXEC` do. Once it is lost nothing
 * is sent over another in its place. Whoever uses it must see to it that nobody else uses the same client meanwhile.
 */
export interface PinnedConnection {
  /**
   * Sends the commands one right behind the other. Resolves with how each of them ended: its reply, or its error.
   *
   * @throws NotDoneError if the connection was lost before: none of them was sent
   */
  send(
    commands: readonly (readonly string[])[],
    deadlineMs: number,
    answeredBy?: AnsweredBy,
  ): Promise<readonly (Reply | Error)[]>;
}

/** What a subscriber listens to. */
export interface SubscribeOptions {
  readonly channels: readonly string[];
  /** Cluster: `SSUBSCRIBE`, at the node that serves the channel's slot. */
  readonly sharded: boolean;
  /** Told of each message, at once. Must not throw. */
  readonly onMessage: (channel: string, message: string) => void;
}

/** A subscription that the library keeps up by itself, until it is closed. */
export interface Subscription {
  close(): Promise<void>;
}
