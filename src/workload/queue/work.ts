import { pause } from "../../base/wait.ts";
import { runSessions } from "../sessions.ts";
import type { WorkloadContext } from "../workload.ts";
import type { Worker } from "./queue.ts";

/** After it was stopped, no worker begins another turn later than this: a drill that is interrupted waits for it. */
const DRAIN_MS = 700;
/** After an error, so that a server that refuses everything is not asked as fast as it can refuse. */
const AFTER_ERROR_MS = 20;
/** Turns one after the other: each waits at the server for a job. */
const AT_ONCE = 1000;

/**
 * The workers of a queue, each on connections of its own. When the workload is stopped each goes on until it finds
 * nothing any more, or its time is over.
 */
export async function work(context: WorkloadContext, workers: readonly Worker[]): Promise<void> {
  const { signal } = context;
  const left = workers.map(() => new AbortController());
  let timer: NodeJS.Timeout | undefined;
  const endAll = () => {
    for (const one of left) one.abort();
  };
  const onStop = () => {
    timer = setTimeout(endAll, DRAIN_MS);
  };
  signal.addEventListener("abort", onStop);
  if (signal.aborted) onStop();
  try {
    await Promise.all(
      workers.map((worker, n) => {
        const own = left[n] as AbortController;
        const turn = async (session: Parameters<Worker["turn"]>[0]) => {
          const end = await worker.turn(session);
          if (end === "idle" && signal.aborted) own.abort();
          if (end === "failed") await pause(AFTER_ERROR_MS, own.signal).catch(() => {}); // ended: it goes
        };
        return runSessions({ ...context, signal: own.signal }, [
          { name: worker.name, perSecond: AT_ONCE, turn },
        ]);
      }),
    );
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", onStop);
  }
}
