import { address, type Phrase, phrase, plain, requester, type Told } from "./told.ts";

/* Until 7.2 and in Redis a primary is a MASTER. */
const PRIMARY = "(?:PRIMARY|MASTER|primary|master|Primary|Master)";
const ID = "([0-9a-f]{40})";

/** Lines of src/replication.c, as either side writes them. */
export const REPLICATION_PHRASES: readonly Phrase[] = [
  // Who it is
  ...["PRIMARY MODE enabled", "MASTER MODE enabled"].map((starts) => ({
    starts,
    tells: (text: string): Told => ({ kind: "promoted", data: { detail: text }, ...requester(text) }),
  })),
  ...["REPLICAOF ", "SLAVE OF "].map((starts) =>
    phrase(starts, /^\S+(?: OF)? (\S+:\d+) enabled(.*)/, ([detail, at, by = ""]) => ({
      kind: "became-replica",
      subject: address(at),
      data: { detail },
      ...requester(by),
    })),
  ),
  // A replica
  ...["Connecting to ", "Reconnecting to "].map((starts) =>
    phrase(starts, new RegExp(`^(?:Rec|C)onnecting to ${PRIMARY} (\\S+:\\d+)`), ([, at]) => ({
      kind: "connecting-to-primary",
      subject: address(at),
    })),
  ),
  ...plain("primary-link-lost", "Connection with master lost", "Connection with primary lost"),
  ...plain("primary-link-lost", "MASTER timeout: no data", "PRIMARY timeout: no data"),
  ...plain("primary-link-lost", "Error reading from primary", "Error reading from master"),
  ...["Trying a partial resynchronization"].map((starts) =>
    phrase(starts, /request ([0-9a-f]{40}):(\d+)\)/, ([, replId, offset]) => ({
      kind: "partial-sync-asked",
      data: { replId, offset: Number(offset) },
    })),
  ),
  ...plain("partial-sync-impossible", "Partial resynchronization not possible"),
  ...plain("partial-sync-done", "Successful partial resynchronization"),
  ...["Full resync from primary: ", "Full resync from master: "].map((starts) =>
    phrase(starts, new RegExp(`: ${ID}:(\\d+)`), ([, replId, offset]) => ({
      kind: "full-sync-started",
      data: { replId, offset: Number(offset) },
    })),
  ),
  phrase("", new RegExp(`^${PRIMARY} <-> REPLICA sync: (.*)$`), syncStep, ["<-> REPLICA sync: F"]),
  phrase(
    "",
    new RegExp(`^${PRIMARY} replication ID changed to ${ID}`),
    ([, newReplId]) => ({ data: { newReplId } }),
    ["replication ID changed to"],
  ),
  ...plain(
    "sync-failed",
    "Error condition on socket for SYNC",
    "Failed to read response from the server",
    "Unable to connect to MASTER",
    "Unable to connect to PRIMARY",
    "Unable to connect to Primary",
    "Timeout connecting to the MASTER",
    "Timeout connecting to the PRIMARY",
    "Timeout receiving bulk data from",
    "MASTER aborted replication",
    "PRIMARY aborted replication",
    "Master is currently unable to PSYNC",
    "Primary is currently unable to PSYNC",
    "Unable to AUTH to",
    "Error reply to PING from",
    "I/O error trying to sync with",
    "I/O error reading bulk count from",
    "Failed trying to load the MASTER",
    "Failed trying to load the PRIMARY",
    "Master did not respond to",
    "Primary did not respond to",
    "Unexpected reply to PSYNC",
    "Write error or short write writing to the DB dump file",
  ),
  phrase(
    "Setting secondary replication ID to ",
    new RegExp(`to ${ID}, valid up to offset: (\\d+)\\. New.*? ${ID}`),
    (found) => ({
      kind: "replication-id",
      data: { replId: found[1], offset: Number(found[2]), newReplId: found[3] },
      own: { replIds: [found[3] ?? ""] },
    }),
  ),
  ...plain("data-discarded", "Discarding previously cached"),
  // A primary
  phrase("Replication backlog created", new RegExp(`IDs are '${ID}'`), ([, id = ""]) => ({
    own: { replIds: [id] },
  })),
  phrase("Replica ", /^Replica (\S+:\d+) asks for synchronization/, replica("replica-asks"), [
    "asks for synchronization",
  ]),
  phrase("Full resync requested by ", /(?:replica|slave) (\S+:\d+)/, replica("full-sync-given")),
  phrase(
    "Partial resynchronization request from ",
    /from (\S+:\d+) accepted\. Sending (\d+) bytes .*? offset (\d+)/,
    (found) => ({
      kind: "partial-sync-given",
      subject: address(found[1]),
      data: { bytes: Number(found[2]), offset: Number(found[3]) },
    }),
  ),
  phrase("Partial resynchronization not accepted", /^Partial resynchronization not accepted: (.*)$/, refused),
  phrase(
    "Unable to partial resync with",
    /(?:replica|slave) (\S+:\d+) (.*?)(?: \(\S+ request was: (\d+)\))?\.?$/,
    (found) => ({
      kind: "partial-sync-refused",
      subject: address(found[1]),
      data: { detail: found[2], ...(found[3] && { offset: Number(found[3]) }) },
    }),
  ),
  phrase(
    "Synchronization with ",
    /with (?:replica|slave) (\S+:\d+) succeeded/,
    replica("replica-synchronised"),
  ),
  phrase(
    "Connection with replica ",
    /replica (?:client id #\d+ )?(\S+:\d+) lost/,
    replica("replica-link-lost"),
  ),
  phrase("Connection with slave ", /slave (?:client id #\d+ )?(\S+:\d+) lost/, replica("replica-link-lost")),
  phrase("Disconnecting timedout replica", /: (\S+:\d+)/, replica("replica-link-lost")),
];

function replica(kind: "replica-asks" | "full-sync-given" | "replica-synchronised" | "replica-link-lost") {
  return ([detail, at]: RegExpExecArray): Told => ({ kind, subject: address(at), data: { detail } });
}

/** Ids that do not match, or more asked for than the old id reached. */
function refused([, detail = ""]: RegExpExecArray): Told {
  const [, asked, own] =
    /asked for '([0-9a-f]{40})', my replication IDs are '([0-9a-f]{40})'/.exec(detail) ?? [];
  const [, offset, upTo] = /offset for second ID was (\d+), but I can reply up to (\d+)/.exec(detail) ?? [];
  return {
    kind: "partial-sync-refused",
    data: {
      detail,
      ...(asked !== undefined && { replId: asked }),
      ...(offset !== undefined && { offset: Number(offset), upTo: Number(upTo) }),
    },
    ...(own !== undefined && { own: { replIds: [own] } }),
  };
}

function syncStep([, step = ""]: RegExpExecArray): Told | undefined {
  if (step.startsWith("Finished with success")) return { kind: "full-sync-done" };
  if (step.startsWith("Flushing old data")) return { kind: "data-discarded", data: { detail: step } };
  return undefined;
}
