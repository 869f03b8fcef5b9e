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
  /** The availability zone in which it is, where it is in one: a library that can reads from there. */
  readonly zone?: string;
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
  /** Redirects that this client has followed so far; `null` where the library does not tell. */
  redirects(): { readonly moved: number | null; readonly ask: number | null };
  close(): Promise<void>;
}
