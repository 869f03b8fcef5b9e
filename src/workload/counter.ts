import { z } from "zod";
import { alike, runSessions, sendOnce } from "./sessions.ts";
import type { Workload } from "./workload.ts";

const options = z.strictObject({
  keys: z.int().min(1).max(1000).default(3).describe("Counters that all sessions count on."),
  sessions: z.int().min(1).max(100).default(4),
  perSecond: z.int().min(1).max(1000).default(25).describe("Increments of each session."),
  deadlineMs: z
    .int()
    .min(10)
    .max(60_000)
    .default(500)
    .describe("Past it an increment's end is unknown (info)."),
  resend: z
    .boolean()
    .default(false)
    .describe("Plants a mistake: what ended unknown is sent again, though it may count twice."),
});

/**
 * INCR on a few keys by several sessions at the same time. An increment is sent once: not idempotent, it must not be tried again
 * where nobody knows whether it was done. The counters are read at the servers at the end.
 */
export const counter: Workload<"counter", typeof options, "steady"> = {
  name: "counter",
  summary: "several sessions count on the same few keys; nothing may be lost, nothing be counted twice",
  kind: "steady",
  topologies: ["ha", "cluster"],
  options,
  async run(context, given) {
    const tag = context.random.hex(6); // keys of its own each time it is started in a run
    const keys = Array.from({ length: given.keys }, (_, n) => `counter:${tag}:${n + 1}`);
    for (const key of keys) context.log.readBack(key, "string");
    const count = alike("counter", given, async (session) => {
      const key = keys[session.random.below(keys.length)] as string;
      const start = { client: session.name, workload: "counter", f: "incr", key, shared: true } as const;
      await context.log.operation(start, (answeredBy) =>
        sendOnce(context, session, ["INCR", key], given, answeredBy),
      );
    });
    await runSessions(context, count);
  },
};
