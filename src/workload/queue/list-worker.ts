import type { Session } from "../sessions.ts";
import { callsOf, doJob, type Worker, type WorkerParts } from "./queue.ts";

/** Takes jobs off a list, by `BLMOVE` or `BLPOP`. */
export function listWorker(parts: WorkerParts): Worker {
  return parts.given.take === "pop" ? popping(parts) : moving(parts);
}

/** Whoever pops has the job, and nobody else knows of it. */
function popping(parts: WorkerParts): Worker {
  const { name, queue, given } = parts;
  const call = callsOf(parts);
  const args = ["BLPOP", queue.jobs, seconds(given.blockMs)];
  return {
    name,
    async turn(session) {
      const popped = await call(session, "blpop", args, readPopped, given);
      if (popped.outcome !== "ok") return "failed";
      if (typeof popped.found !== "string") return "idle";
      await doJob(parts, popped.found);
      return "worked";
    },
  };
}

/** Whoever moves has the job on a list of its own, until it says that it is done. */
function moving(parts: WorkerParts): Worker {
  const { name, queue, given, log } = parts;
  const inHand = `${queue.name}:in-hand:${name}`;
  log.readBack(inHand, "list");
  const call = callsOf(parts);
  const move = ["BLMOVE", queue.jobs, inHand, "LEFT", "RIGHT", seconds(given.blockMs)];

  const finish = async (session: Session, job: string) => {
    await doJob(parts, job);
    await call(session, "lrem", ["LREM", inHand, "1", job], readCount, { value: job });
  };
  return {
    name,
    async turn(session) {
      const moved = await call(session, "blmove", move, readJob, given);
      if (moved.outcome === "ok" && typeof moved.found === "string") {
        await finish(session, moved.found);
        return "worked";
      }
      // What was moved without an answer, or not taken off the list, is there still.
      const left = await call(session, "lrange", ["LRANGE", inHand, "0", "-1"], readJobs);
      for (const job of left.found ?? []) await finish(session, job);
      if (moved.outcome !== "ok" || left.outcome !== "ok") return "failed";
      return (left.found ?? []).length > 0 ? "worked" : "idle";
    },
  };
}

const seconds = (ms: number) => String(ms / 1000);

const readJob = (reply: unknown) => ({ found: reply as string | null, value: reply as string | null });

/** `[key, job]`, or nothing. */
function readPopped(reply: unknown) {
  const job = Array.isArray(reply) ? String(reply[1]) : null;
  return { found: job, value: job };
}

const readJobs = (reply: unknown) => ({
  found: (reply as string[]).map(String),
  value: (reply as string[]).join(),
});

const readCount = (reply: unknown) => ({
  found: Number(reply),
  value: Number(reply) === 0 ? null : String(reply),
});
