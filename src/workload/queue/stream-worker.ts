import type { Session } from "../sessions.ts";
import { callsOf, doJob, type Worker, type WorkerParts } from "./queue.ts";
import { entriesIn, type StreamEntry } from "./stream-entries.ts";

const GROUP = "workers";
/** Most jobs that are claimed at a time. */
const CLAIMED = "10";

/** The command that adds a job. */
export const addToStream = (stream: string, job: string): string[] => ["XADD", stream, "*", "job", job];

/**
 * Reads jobs as one of a group. What it was not told of, or did not acknowledge, stays pending, and is claimed after a
 * while by whoever looks: a worker looks when it has nothing to do, and from time to time.
 */
export function streamWorker(parts: WorkerParts): Worker {
  const { name, queue, given } = parts;
  const { jobs } = queue;
  const call = callsOf(parts);
  const read = [
    "XREADGROUP",
    "GROUP",
    GROUP,
    name,
    "COUNT",
    "1",
    "BLOCK",
    String(given.blockMs),
    "STREAMS",
    jobs,
    ">",
  ];
  const claim = ["XAUTOCLAIM", jobs, GROUP, name, String(given.claimAfterMs), "0", "COUNT", CLAIMED];
  let hasGroup = false;
  let claimedAt = performance.now();

  const finish = async (session: Session, entries: readonly StreamEntry[]) => {
    for (const { id, job } of entries) {
      await doJob(parts, job);
      await call(session, "xack", ["XACK", jobs, GROUP, id], readCount, { value: job });
    }
  };
  /** The stream is made with its group: so there is one before the first job. Made by another, it is there. */
  const makeGroup = async (session: Session) => {
    const args = ["XGROUP", "CREATE", jobs, GROUP, "0", "MKSTREAM"];
    const start = { client: name, workload: "queue", f: "xgroup", key: jobs, shared: true } as const;
    const { outcome } = await parts.log.operation(start, async (answeredBy) => {
      const making = session.client.call(args, given.deadlineMs, answeredBy);
      const reply = await making.catch(unlessThere);
      return reply === null ? null : String(reply);
    });
    hasGroup = outcome === "ok";
  };
  const claimLeft = async (session: Session) => {
    claimedAt = performance.now();
    const left = await call(session, "xautoclaim", claim, readClaimed);
    await finish(session, left.found ?? []);
    return left;
  };
  return {
    name,
    async turn(session) {
      if (!hasGroup) await makeGroup(session);
      const got = await call(session, "xreadgroup", read, readEntries, given);
      if (got.outcome !== "ok") {
        hasGroup = false; // a failover may have taken the group with it
        return "failed";
      }
      const entries = got.found ?? [];
      await finish(session, entries);
      if (entries.length > 0 && performance.now() - claimedAt < given.claimAfterMs) return "worked";
      const left = await claimLeft(session);
      if (left.outcome !== "ok") return "failed";
      return entries.length + (left.found ?? []).length > 0 ? "worked" : "idle";
    },
  };
}

/** Another worker was quicker. */
function unlessThere(error: Error): null {
  if (/\bBUSYGROUP\b/.test(error.message)) return null;
  throw error;
}

const jobsOf = (entries: readonly StreamEntry[]) => entries.map(({ job }) => job).join();

function readEntries(reply: unknown) {
  const found = entriesIn(reply);
  return { found, value: found.length === 0 ? null : jobsOf(found) };
}

/** `[where the next scan begins, entries, ids of entries that are gone]` */
const readClaimed = (reply: unknown) => readEntries(Array.isArray(reply) ? reply[1] : null);

const readCount = (reply: unknown) => ({
  found: Number(reply),
  value: Number(reply) === 0 ? null : String(reply),
});
