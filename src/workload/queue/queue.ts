import { pause } from "../../base/wait.ts";
import type { Log, OperationEnd } from "../log.ts";
import type { Session } from "../sessions.ts";

/** One queue: its key on the servers. */
export interface Queue {
  /** A hash tag: all that belongs to the queue is in one slot. */
  readonly name: string;
  readonly jobs: string;
  readonly kind: "list" | "stream";
}

/** Who works through one queue. */
export interface Worker {
  readonly name: string;
  /** Waits for a job and does it, once. `idle`: there was none. */
  turn(session: Session): Promise<"worked" | "idle" | "failed">;
}

/** What a worker is made of. */
export interface WorkerParts {
  readonly name: string;
  readonly queue: Queue;
  readonly given: {
    readonly take: "move" | "pop";
    readonly workMs: number;
    readonly blockMs: number;
    readonly claimAfterMs: number;
    readonly deadlineMs: number;
  };
  readonly log: Log;
  /** What it has done: it does it no second time. */
  readonly finished: Set<string>;
}

/** A call of a worker, as a line of the history. @returns its end, and the reply */
export type Call = <T>(
  session: Session,
  f: string,
  args: readonly string[],
  read: (reply: unknown) => { readonly found: T; readonly value: string | null },
  more?: { readonly value?: string; readonly blockMs?: number },
) => Promise<OperationEnd & { readonly found?: T }>;

export function callsOf({ queue, given, log }: WorkerParts): Call {
  return async (session, f, args, read, { value, blockMs = 0 } = {}) => {
    const start = {
      client: session.name,
      workload: "queue",
      f,
      key: queue.jobs,
      value,
      shared: true,
    } as const;
    let result: ReturnType<typeof read> | undefined;
    const end = await log.operation(start, async (answeredBy) => {
      result = read(await session.client.call(args, given.deadlineMs + blockMs, answeredBy));
      return result.value;
    });
    return { ...end, ...(result && { found: result.found as never }) };
  };
}

/** Does a job, unless it has done it before. */
export async function doJob({ name, queue, given, log, finished }: WorkerParts, job: string): Promise<void> {
  if (finished.has(job)) return;
  finished.add(job);
  log.observe("job-run", { queue: queue.jobs, job, worker: name, at: log.now() });
  if (given.workMs > 0) await pause(given.workMs);
}
