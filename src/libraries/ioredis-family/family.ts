import type { Cluster, Command, ReplyError, Valkey } from "iovalkey";

/** ioredis and its forks: the same names for the same things. Typed by iovalkey, which is always installed. */
export interface Family {
  readonly Redis: typeof Valkey;
  readonly Cluster: typeof Cluster;
  readonly Command: typeof Command;
  readonly ReplyError: typeof ReplyError;
  /**
   * A cluster client connects to a node as soon as it knows it, not at the first call. ioredis 6 fails every call that
   * comes while a connection is made, where iovalkey lets it wait: without this, of the first calls to a node only one
   * would be sent.
   */
  readonly connectsAtOnce: boolean;
}
