import { z } from "zod";
import { pause } from "../base/wait.ts";
import { withRetry } from "../client/retry.ts";
import { durableWrite } from "./durable-write.ts";
import type { Workload } from "./workload.ts";

const options = z.strictObject({
  totalMs: z
    .int()
    .min(100)
    .max(600_000)
    .default(30_000)
    .describe("Bound on all attempts and waits of one request."),
  initialMs: z.int().min(1).max(60_000).default(25).describe("First wait."),
  maxMs: z.int().min(1).max(60_000).default(500).describe("Longest wait."),
  pauseMs: z.int().min(1).max(60_000).default(20).describe("Between two requests."),
});

/** One attempt may take so long; then the next is due. */
const ATTEMPT_MS = 1000;

/**
 * What an application does: one request after the other, and each is tried again, with backoff and jitter, until
 * it gets through or its time is over. The writes are idempotent (own key, own value), so trying again is safe.
 */
export const retryingSession: Workload<"retrying-session", typeof options, "steady"> = {
  name: "retrying-session",
  summary: "one session that tries each write again, with backoff and jitter, until it gets through",
  kind: "steady",
  topologies: ["ha", "cluster"],
  options,
  async run(context, given) {
    const tag = context.random.hex(6); // keys of its own each time it is started in a run
    for (let n = 1; !context.signal.aborted; n += 1) {
      const key = `session:${tag}:${n}`;
      const value = `${n}-${context.random.hex(8)}`;
      await context.log.operation(
        { client: "session", workload: "retrying-session", f: "write", key, value },
        async (answeredBy) => {
          const write = () => durableWrite(context, { key, value }, ATTEMPT_MS, answeredBy);
          const { attempts } = await withRetry(write, { ...given, random: context.random });
          return { value: null, attempts };
        },
      );
      await pause(given.pauseMs, context.signal).catch(() => {}); // aborted: the loop's own condition ends it
    }
  },
};
