import type { ClientTarget } from "../client/client.ts";
import type { ClientAccess } from "../model/access.ts";
import type { Reply } from "../valkey/admin.ts";

/**
 * - `default`: exactly what one gets from the library's README: the constructor with nothing but addresses, and
 *   listeners only where the README's first sample has them. No settings, as a rule.
 * - `tuned`: the best settings that we know for surviving a failover.
 */
export type ProfileName = "default" | "tuned";

/** Settings of a library for each way to find its servers. */
export type Profile = Readonly<Record<TargetKind, ProfileOf>>;

/**
 * How an application finds its servers: by Sentinels, by any nodes of a cluster, or, as managed services give it, by
 * one name that always means the primary (`dns`; it knows of no Sentinel).
 */
export type ApplicationTarget =
  | ClientTarget
  | {
      readonly kind: "dns";
      readonly host: string;
      readonly port: number;
      readonly access?: ClientAccess;
    };

export type TargetKind = ApplicationTarget["kind"];

export interface ProfileOf {
  readonly settings: readonly Setting[];
  /**
   * Does the application listen for the client's `error` event? `false`: the adapter attaches no listener, so that what
   * the library does then (throw, print, nothing) is seen. In `default`: as the README's sample does. `true` for a
   * library without such an event.
   */
  readonly listensForErrors: boolean;
}

/** One option that a profile sets. */
export interface Setting {
  /** Its path in the options that `open` is given: `redisOptions.connectTimeout`. */
  readonly option: string;
  /** Its value; for a function `shown` says what it does. */
  readonly value: unknown;
  /** How the value is written in documents, where it is not JSON: `(times) => Math.min(times * 50, 500)`. */
  readonly shown?: string;
  /** What it buys, in one sentence; what it costs, if it costs something. */
  readonly why: string;
  /** Where its makers document it. */
  readonly docs: string;
}

export interface OpenOptions {
  /**
   * Sentinels and group (`ha`), nodes (`cluster`), or a name (`dns`). `natMap`, if there, goes to the library's own
   * option for it.
   */
  readonly target: ApplicationTarget;
  /**
   * Merged over what the README's constructor is given; made of a profile's settings, or read from the user's own file.
   */
  readonly options: Readonly<Record<string, unknown>>;
  readonly listensForErrors: boolean;
  /** Of the default user, on data nodes; absent: none is asked. */
  readonly password?: string;
  readonly hooks: Hooks;
}

/** What the servers ask of the application: a password of its own goes before that of the target. */
export function accessFor({ target, password }: OpenOptions): ClientAccess | undefined {
  return password === undefined ? target.access : { ...target.access, login: { password } };
}

/** What an adapter tells, at once. Never throws. */
export interface Hooks {
  /**
   * Something happened to a connection of the client. Only what the library really tells; a library without events
   * calls it never. `address`: `host:port`, where it is known.
   */
  connection(event: {
    readonly event: "ready" | "lost" | "reconnecting" | "rerouted";
    readonly address?: string;
  }): void;
  /** The client's `error` event. Only with `listensForErrors`. */
  error(error: unknown): void;
}

/**
 * A client as an application has it: the library's own retries, queues and redirects are on, as its profile says, and
 * **nothing is added**: no deadline, no retry, no translation of errors. A promise that the library never settles is a
 * finding, and so is one that rejects: reject with the library's own error.
 *
 * Replies are strings, integers, `null` and arrays of these, as RESP2 has them: buffers become UTF-8 text, and maps
 * flat arrays.
 *
 * All but `call` and `close` are optional: what a library does not offer for such a topology is left out, and shown as
 * "not offered".
 */
export interface AppClient {
  /**
   * One command, its name first, in upper case; the key, if it has one, second (`["RPUSH", key, element]`). A cluster
   * is routed by it.
   */
  call(args: readonly string[]): Promise<Reply>;
  /**
   * A read-only command to a replica, by the library's own means (`scaleReads`, `readFrom`, …), over a client of its
   * own if need be.
   */
  readReplica?(args: readonly string[]): Promise<Reply>;
  /**
   * The commands in one go, not atomically, all keys in one slot. Resolves to a reply or an error for each; rejects if
   * the library does.
   */
  pipeline?(commands: readonly (readonly string[])[]): Promise<readonly (Reply | Error)[]>;
  /** MULTI … EXEC, all keys in one slot. Resolves to the replies. */
  transaction?(commands: readonly (readonly string[])[]): Promise<readonly Reply[]>;
  /**
   * BLPOP, over a connection of its own, as every library advises; opened by its first use, closed by `close`. Resolves
   * to the element, or `null` after `timeoutSeconds` without one.
   */
  blockingPop?(key: string, timeoutSeconds: number): Promise<string | null>;
  /**
   * Subscribes to a channel, over a connection of its own where the library needs one. Resolves once the server has
   * confirmed. Then calls `onMessage` for each message, for as long as the library keeps the subscription up.
   */
  subscribe?(channel: string, onMessage: (message: string) => void): Promise<void>;
  /**
   * Runs a Lua script by the library's own helper for scripts, which sends its SHA and deals with `NOSCRIPT` as it may
   * (`defineCommand`, `defineScript`, `Script`). Called again and again with the same source: define it once.
   */
  script?(source: string, keys: readonly string[], args: readonly string[]): Promise<Reply>;
  /**
   * Opens a pool of so many connections to the primary, by the library's own means; where it has none, that many
   * clients of its own (`sideBySide`). Its connections are named `POOL_CONNECTION`, so that they can be counted at the
   * servers.
   */
  pool?(size: number): Promise<AppClientPool>;
  /** Closes all connections. Must not hang: what does not end by itself is dropped. */
  close(): Promise<void>;
}

/** Name of a pool's connections, for `CLIENT LIST`. A library may put something of its own before it. */
export const POOL_CONNECTION = "valkey-drill-pool";

export interface AppClientPool {
  /** What it is, in a few words: the library's option, or that it has none and what was done. */
  readonly how: string;
  /** One command over one of its connections, which nobody else uses meanwhile. Resolves to which one it was. */
  use(args: readonly string[]): Promise<string>;
}
