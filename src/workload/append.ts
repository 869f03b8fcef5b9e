import { z } from "zod";
import { alike, runSessions, sendOnce } from "./sessions.ts";
import type { Workload } from "./workload.ts";

const options = z.strictObject({
  keys: z.int().min(1).max(1000).default(3).describe("Lists that all sessions append to."),
  sessions: z.int().min(1).max(100).default(4),
  perSecond: z.int().min(1).max(1000).default(25).describe("Appends of each session."),
  deadlineMs: z.int().min(10).max(60_000).default(500).describe("Past it an append's end is unknown (info)."),
  resend: z
    .boolean()
    .default(false)
    .describe("Plants a mistake: what ended unknown is sent again, though it may be done twice."),
});

/**
 * RPUSH to a few lists by several sessions at the same time, each element once in the whole run. The lists are read at the servers at
 * the end: what is lacking, is there twice or stands in the wrong place tells what went wrong.
 */
export const append: Workload<"append", typeof options, "steady"> = {
  name: "append",
  summary: "several sessions append to the same few lists; nothing may be lost, doubled or out of order",
  kind: "steady",
  topologies: ["ha", "cluster"],
  options,
  async run(context, given) {
    const tag = context.random.hex(6); // keys of its own each time it is started in a run
    const keys = Array.from({ length: given.keys }, (_, n) => `append:${tag}:${n + 1}`);
    for (const key of keys) context.log.readBack(key, "list");
    const push = alike("append", given, async (session, n) => {
      const key = keys[session.random.below(keys.length)] as string;
      const value = `${session.name}:${n}`;
      const start = {
        client: session.name,
        workload: "append",
        f: "append",
        key,
        value,
        shared: true,
      } as const;
      await context.log.operation(start, (answeredBy) =>
        sendOnce(context, session, ["RPUSH", key, value], given, answeredBy),
      );
    });
    await runSessions(context, push);
  },
};
