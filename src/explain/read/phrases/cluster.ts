import { logEventOf } from "../../../base/log-events.ts";
import { address, clusterRef, type Phrase, phrase, plain, requester, type Told } from "./told.ts";

const ID = "([0-9a-f]{40})";
const EPOCH = /epoch (\d+)/;

/** Lines of src/cluster_legacy.c (until 7.0 src/cluster.c), Redis 6 to Valkey 9.1. */
export const CLUSTER_PHRASES: readonly Phrase[] = [
  known("Start of election delayed"),
  known("Replica rank updated"),
  known("Failed primary rank updated"),
  known("", ["best ranked replica"]),
  known("Starting a failover election", ["Starting a failover election"], epochOf),
  known("Failover election won", ["Failover election won"], (text) => ({
    kind: "election-won",
    data: { detail: text },
  })),
  known("Currently unable to failover"),
  known("Needed quorum", ["Needed quorum"], (text) => {
    const [quorum, votes] = text.match(/\d+/g)?.map(Number) ?? [];
    return { data: { quorum, votes } };
  }),
  known("Failover auth granted to", ["Failover auth granted to"], epochOf),
  known("Failover auth denied to", ["Failover auth denied to"], epochOf),
  known("NODE ", ["possibly failing"]),
  known("Marking node ", ["as failing"]),
  known("FAIL message received from", ["FAIL message received from"], (text) => ({
    teller: clusterRef(new RegExp(`received from ${ID}`).exec(text)?.[1]),
  })),
  known("Clear FAIL state for node"),
  known("Cluster state changed"),
  known("Cluster is currently down"),
  phrase("Node ", new RegExp(`^Node ${ID}.*? reported node ${ID}.*? as not reachable`), reported, [
    "as not reachable",
  ]),
  phrase("Node configuration loaded, I'm ", new RegExp(`I'm ${ID}`), itself),
  phrase("No cluster configuration found, I'm ", new RegExp(`I'm ${ID}`), itself),
  phrase("Node hard reset, now I'm ", new RegExp(`I'm ${ID}`), itself),
  phrase("Address updated for node ", new RegExp(`node ${ID}.*?, now (\\S+:\\d+)`), ([, id, at]) => {
    const found = address(at);
    return found && { same: [[`c:${id}`, found]] };
  }),
  phrase(
    "Configuration change detected. Reconfiguring myself",
    new RegExp(`replica of (?:node )?${ID}`),
    ([detail, id]) => ({ kind: "became-replica", subject: clusterRef(id), data: { detail } }),
  ),
  phrase("Lost my last slot", new RegExp(`replica of ${ID}`), ([detail, id]) => ({
    kind: "slots-lost",
    subject: clusterRef(id),
    data: { detail },
  })),
  phrase("My last slot was migrated to node ", new RegExp(`node ${ID}`), ([detail, id]) => ({
    kind: "slots-lost",
    subject: clusterRef(id),
    data: { detail },
  })),
  phrase("Manual failover requested by replica ", new RegExp(`replica ${ID}`), ([, id]) => ({
    kind: "manual-failover",
    subject: clusterRef(id),
    data: { detail: "a replica asked its primary to hand over" },
  })),
  ...["Forced failover user request accepted", "Manual failover user request accepted"].map(asked),
  ...["Taking over the primary", "Taking over the master"].map((starts) => ({
    starts,
    tells: (text: string): Told => ({ kind: "promoted", data: { detail: text }, ...requester(text) }),
  })),
  ...plain(
    "manual-failover",
    "All primary replication stream processed",
    "All master replication stream processed",
  ),
  ...plain("manual-failover", "Manual failover timed out", "FAILOVER requested to", "FAILOVER to "),
  phrase("configEpoch set to ", /^configEpoch set to (\d+)/, epochChanged),
  phrase("New configEpoch set to ", /^New configEpoch set to (\d+)/, epochChanged),
  phrase("configEpoch collision", /configEpoch set to (\d+)/, epochChanged),
  phrase("Setting myself to ", new RegExp(`my old (?:primary|master) is ${ID}`), ([detail, id]) => ({
    kind: "epoch-changed",
    subject: clusterRef(id),
    data: { detail },
  })),
];

/** A line that the observer of drills reads too: one table says what it means. */
function known(starts: string, words?: readonly string[], more?: (text: string) => Told): Phrase {
  return {
    starts,
    words,
    tells: (text) => {
      const found = logEventOf(text, (id) => id);
      if (found === undefined) return undefined;
      const { event, subject, detail, delayMs, rank, primaryRank } = found;
      const { data, ...rest } = more?.(text) ?? {};
      return {
        kind: event,
        subject: clusterRef(subject),
        ...rest,
        data: { detail, delayMs, rank, primaryRank, ...data },
      };
    },
  };
}

function asked(starts: string): Phrase {
  return {
    starts,
    tells: (text) => ({ kind: "manual-failover", data: { detail: starts }, ...requester(text) }),
  };
}

function reported([, teller, subject]: RegExpExecArray): Told {
  return { kind: "reported-unreachable", subject: clusterRef(subject), teller: clusterRef(teller) };
}

function itself([, id]: RegExpExecArray): Told {
  return { own: { refs: [`c:${id}`], mode: "cluster" } };
}

function epochOf(text: string): Told {
  const epoch = EPOCH.exec(text)?.[1];
  return epoch === undefined ? {} : { data: { epoch: Number(epoch) } };
}

function epochChanged([detail, epoch]: RegExpExecArray): Told {
  return { kind: "epoch-changed", data: { epoch: Number(epoch), detail } };
}
