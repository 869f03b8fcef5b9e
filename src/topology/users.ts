import type { TopologyKind } from "../model/plan.ts";

/*
 * The users of a topology with `auth.users`. Each may do what its job needs, and no more. The commands of replication and
 * of Sentinel are those that https://valkey.io/topics/acl names ("ACL rules for Sentinel and Replicas").
 */

/** The users that the drill knows of. */
export const USER_JOBS = ["application", "replication", "sentinel"] as const;
export type UserJob = (typeof USER_JOBS)[number];

/** The drill's own user, which may do everything: it looks at nodes, and breaks them. */
export const ADMIN_USER = "valkey-drill";

/**
 * Reads, writes, scripts, subscriptions, and what client libraries ask to find their way: `INFO` before they call a
 * connection ready, and the maps of a cluster. No administration: no `FLUSHALL`, `KEYS`, `CONFIG`, `DEBUG`.
 */
const APPLICATION =
  "~* &* -@all +@read +@write +@connection +@transaction +@pubsub +@scripting +wait +command -@dangerous -@admin " +
  "+info +role +restore +sort +sort_ro";
/** A cluster's maps. */
const IN_A_CLUSTER =
  "+cluster|slots +cluster|shards +cluster|nodes +cluster|info +cluster|myid +cluster|keyslot +cluster|countkeysinslot";

/** `SYNC` is what a replica falls back to when its `PSYNC` is refused. */
const REPLICATION = "resetchannels -@all +psync +replconf +ping +sync";
/** What Valkey 9 needs besides, where slots move atomically. */
const SLOT_MIGRATION =
  "~* +@write -@dangerous +ping +select +psync +sync +replconf +cluster|syncslots -flushall -flushdb -restore " +
  "-restore-asking";

const SENTINEL =
  "allchannels -@all +multi +slaveof +ping +exec +subscribe +config|rewrite +role +publish +info +client|setname " +
  "+client|kill +script|kill";

/** What an application asks a Sentinel: who the primary and the replicas are, and to be told when that changes. */
export const AT_SENTINELS_RULES =
  "resetkeys allchannels -@all +@connection -client|kill -client|pause -client|unpause +subscribe +psubscribe " +
  "+unsubscribe +punsubscribe +info +role +command +sentinel|get-master-addr-by-name +sentinel|master " +
  "+sentinel|masters +sentinel|replicas +sentinel|slaves +sentinel|sentinels +sentinel|myid";

/** The rules of a user by its job, without name and password. */
export function rulesOf(job: UserJob, kind: TopologyKind, { syncSlots = false } = {}): string {
  if (job === "application") return kind === "cluster" ? `${APPLICATION} ${IN_A_CLUSTER}` : APPLICATION;
  if (job === "sentinel") return SENTINEL;
  return kind === "cluster" && syncSlots ? SLOT_MIGRATION : REPLICATION;
}

/** What stands behind the word `user` in a configuration file, or in an ACL file; the password as SHA-256, in hexadecimal. */
export function userLine(name: string, sha256: string, rules: string): string {
  return `${name} on #${sha256} ${rules}`;
}

/** The rules of the drill's own user. */
export const ADMIN_RULES = "~* &* +@all";
