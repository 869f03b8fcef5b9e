import type { LogEventData } from "../model/observed.ts";

type Found = Omit<LogEventData, "node" | "at" | "errorMs">;
type NameOf = (id: string) => string | undefined;

/**
 * What a line of a node's log tells of elections, votes and failures; `undefined`: nothing. Lines of
 * src/cluster_legacy.c, src/replication.c, src/sentinel.c and src/server.c, Valkey 7.2 to 9.1. (Until 7.2 a primary was
 * a master.)
 *
 * @param nameOf name of the node with that cluster id
 */
export function logEventOf(text: string, nameOf: NameOf): Found | undefined {
  for (const { when, tells } of LINES) {
    const match = when.exec(text);
    if (match) return tells(match, nameOf);
  }
  return undefined;
}

interface Line {
  readonly when: RegExp;
  readonly tells: (match: RegExpExecArray, nameOf: NameOf) => Found | undefined;
}

const LINES: readonly Line[] = [
  // clusterHandleReplicaFailover
  {
    when: /^Start of election delayed for (\d+) milliseconds \(rank #(\d+)(?:, primary rank #(\d+))?/,
    tells: ([detail, delay, rank, primaryRank]) => ({
      event: "election-delayed",
      delayMs: Number(delay),
      rank: Number(rank),
      primaryRank: Number(primaryRank ?? 0),
      detail,
    }),
  },
  {
    when: /^(?:Replica rank|Failed primary rank) updated to #\d+, added (-?\d+) milliseconds of delay/,
    tells: ([detail, delay]) => ({ event: "election-moved", delayMs: Number(delay), detail }),
  },
  {
    when: /best ranked replica/,
    tells: ({ input }) => ({ event: "election-at-once", detail: input }),
  },
  { when: /^Starting a failover election for epoch/, tells: () => ({ event: "election-started" }) },
  { when: /^(PRIMARY|MASTER) MODE enabled|^Failover election won/, tells: () => ({ event: "promoted" }) },
  // clusterLogCantFailover
  {
    when: /^Currently unable to failover: (.*)$/,
    tells: ([, detail]) => ({ event: "cannot-failover", detail }),
  },
  { when: /^Needed quorum: \d+\. .*$/, tells: ([detail]) => ({ event: "votes-counted", detail }) },
  // clusterSendFailoverAuthIfNeeded
  {
    when: /^Failover auth granted to ([0-9a-f]{40})/,
    tells: ([, id = ""], nameOf) => ({ event: "vote-granted", subject: nameOf(id) }),
  },
  {
    when: /^Failover auth denied to ([0-9a-f]{40}).*?: (.*)$/,
    tells: ([, id = "", why = ""], nameOf) => ({
      event: "vote-denied",
      subject: nameOf(id),
      detail: why.replace(/moment\)$/, "moment"), // the server's own stray parenthesis
    }),
  },
  // clusterCron, markNodeAsFailingIfNeeded, clusterProcessPacket, clearNodeFailureIfNeeded
  { when: /^NODE ([0-9a-f]{40}) .*possibly failing/, tells: about("suspects") },
  { when: /^Marking node ([0-9a-f]{40}) .*as failing/, tells: about("failed") },
  { when: /^FAIL message received from .* about ([0-9a-f]{40})/, tells: about("failed") },
  { when: /^Clear FAIL state for node ([0-9a-f]{40})/, tells: about("failed-cleared") },
  // clusterUpdateState, clusterLogFailReason
  {
    when: /^Cluster state changed: (ok|fail)/,
    tells: ([, detail]) => ({ event: "cluster-state", detail }),
  },
  {
    when: /^Cluster is currently down: (.*)$/,
    tells: ([, detail]) => ({ event: "cluster-down", detail }),
  },
  // loadDataFromDisk
  {
    when: /^DB loaded from (?:disk|append only file).*$/,
    tells: ([detail]) => ({ event: "loaded", detail }),
  },
  // sentinelStartFailoverIfNeeded
  { when: /^Next failover delay: .*$/, tells: ([detail]) => ({ event: "failover-delayed", detail }) },
  { when: /is starting oO0O/, tells: () => ({ event: "restarted" }) },
];

function about(event: LogEventData["event"]): Line["tells"] {
  return ([, id = ""], nameOf) => {
    const subject = nameOf(id);
    return subject === undefined ? undefined : { event, subject };
  };
}
