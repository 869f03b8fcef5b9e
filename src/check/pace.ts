import type { LogEventData } from "../model/observed.ts";
import type { Facts } from "./facts.ts";
import { settingAt } from "./settings.ts";

/** How long a replica of a cluster waits before it asks for votes, ms. */
export interface ElectionPace {
  /** Always. Up to as much again is random. */
  readonly fixedMs: number;
  /** For each replica that has more of the data. */
  readonly rankMs: number;
  /** For each other failed primary whose turn is before. */
  readonly primaryRankMs: number;
  /** The replica that ranks best does not wait, once all replicas of the shard hold the primary failed. */
  readonly bestAtOnce: boolean;
  /** What it follows from; null: it is fixed in the server. */
  readonly setting: string | null;
}

interface PaceOfVersion {
  /** From this version on. */
  readonly from: readonly [major: number, minor: number];
  readonly pace: (nodeTimeoutMs: number) => ElectionPace;
}

const FIXED = { fixedMs: 500, rankMs: 1000, primaryRankMs: 0, bestAtOnce: false, setting: null };

/** From Valkey 9.0 on the delay is a thirtieth of the node time-out, and at most what it was before. */
function relative(nodeTimeoutMs: number): ElectionPace {
  const fixedMs = Math.min(Math.floor(nodeTimeoutMs / 30), 500);
  const rest = { rankMs: 2 * fixedMs, primaryRankMs: fixedMs, bestAtOnce: false };
  return { fixedMs, ...rest, setting: "cluster-node-timeout" };
}

/** src/cluster_legacy.c, `clusterHandleReplicaFailover` and (9.1) `myselfIsBestRankedReplica`. The newest first. */
const ELECTION: readonly PaceOfVersion[] = [
  { from: [9, 1], pace: (timeoutMs) => ({ ...relative(timeoutMs), bestAtOnce: true }) },
  { from: [9, 0], pace: relative },
  { from: [8, 1], pace: () => ({ ...FIXED, primaryRankMs: 500 }) },
  { from: [0, 0], pace: () => FIXED },
];

/**
 * A primary of a cluster refuses commands for so long after its start, so that it hears first whether another took its
 * place. src/cluster_legacy.c, `clusterUpdateState`, CLUSTER_WRITABLE_DELAY; the same from 7.2 to 9.1.
 */
export const WRITABLE_DELAY_MS = 2000;

/**
 * How long replicas wait before they ask for votes, by the server's version and settings; `undefined`: the version is
 * not known.
 */
export function electionPace(facts: Facts, at: number): ElectionPace | undefined {
  const timeout = settingAt(facts, "cluster-node-timeout", at);
  return timeout === undefined ? undefined : paceOf(facts.header.topology.valkey, Number(timeout));
}

/** The same of a version, `8.1.1`. */
export function paceOf(valkey: string, nodeTimeoutMs: number): ElectionPace | undefined {
  const version = /(\d+)\.(\d+)/.exec(valkey);
  if (!version) return undefined;
  const [major, minor] = [Number(version[1]), Number(version[2])];
  const row = ELECTION.find(
    ({ from: [fromMajor, fromMinor] }) => major > fromMajor || (major === fromMajor && minor >= fromMinor),
  );
  return row?.pace(nodeTimeoutMs);
}

/**
 * Of the delay that a replica's log tells, what no luck could have spared, ms; `undefined`: nobody can tell.
 *
 * @param delayed its line `election-delayed`, and what it said after that about the same election
 */
export function fixedDelayMs(
  pace: ElectionPace | undefined,
  delayed: LogEventData,
  after: readonly LogEventData[],
): number | undefined {
  const { delayMs, fixedMs, detail = "" } = delayed;
  if (after.some(({ event }) => event === "election-at-once")) return 0;
  const told = /rank #(\d+)(?:, primary rank #(\d+))?/.exec(detail);
  if (delayMs === undefined || pace === undefined || !told) return fixedMs;
  const [rank, primaryRank] = [Number(told[1]), Number(told[2] ?? 0)];
  const least = pace.fixedMs + rank * pace.rankMs + primaryRank * pace.primaryRankMs;
  const moved = after
    .filter(({ event }) => event === "election-moved")
    .reduce((sum, line) => sum + (line.delayMs ?? 0), 0);
  return Math.max(0, Math.min(delayMs, least) + moved);
}
