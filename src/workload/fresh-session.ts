import { pause } from "../base/wait.ts";
import type { DrillClient } from "../client/client.ts";
import type { SessionPlan } from "./sessions.ts";
import type { WorkloadContext } from "./workload.ts";

/**
 * The same plan, each turn on a connection of its own, as a process has that lives for one request. Without a
 * connection there is no turn.
 */
export function afresh(context: WorkloadContext, plan: SessionPlan): SessionPlan {
  return {
    ...plan,
    turn: async (session, n) => {
      const client = await connectUnlessStopped(context);
      try {
        if (client) await plan.turn({ ...session, client }, n);
      } finally {
        await client?.close();
      }
    },
  };
}

/** A process that serves one request does not wait longer for a server that accepts it and says nothing. */
const GIVE_UP_MS = 2000;

/** A client, or none: nobody could be reached in time, or the workload was stopped before it was there. */
async function connectUnlessStopped({ connect, signal }: WorkloadContext): Promise<DrillClient | undefined> {
  const connecting = connect({}).catch(() => undefined); // nobody is kept waiting by it: the next turn tries again
  const over = new AbortController();
  const waited = pause(GIVE_UP_MS, AbortSignal.any([signal, over.signal])).catch(() => {});
  const client = await Promise.race([connecting, waited.then(() => undefined)]);
  over.abort();
  if (!client) connecting.then((late) => late?.close());
  return client;
}
