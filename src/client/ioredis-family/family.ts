import type { Cluster, Command, ReplyError, Valkey } from "iovalkey";
import { importPackage } from "../packages.ts";

/** ioredis and its forks: the same names for the same things. Typed by iovalkey, which is always installed. */
export interface Family {
  readonly Redis: typeof Valkey;
  readonly Cluster: typeof Cluster;
  readonly Command: typeof Command;
  readonly ReplyError: typeof ReplyError;
  /**
   * A cluster client connects to a node as soon as it knows it, not at the first call. ioredis 6 fails every call that comes while a
   * connection is made, where iovalkey lets it wait: without this, of the first calls to a node only one would be sent.
   */
  readonly connectsAtOnce: boolean;
}

export type FamilyName = "iovalkey" | "ioredis";

/** @throws DrillError `MISSING_PACKAGE` if it is not installed */
export async function loadFamily(name: FamilyName): Promise<Family> {
  const family: unknown = await (name === "iovalkey"
    ? import("iovalkey")
    : importPackage("ioredis", () => import("ioredis")));
  const { Redis, Cluster, Command, ReplyError } = family as Omit<Family, "connectsAtOnce">;
  return { Redis, Cluster, Command, ReplyError, connectsAtOnce: name === "ioredis" };
}
