import { z } from "zod";
import { durableCall } from "./durable-write.ts";
import { listWorker } from "./queue/list-worker.ts";
import type { Queue, Worker } from "./queue/queue.ts";
import { addToStream, streamWorker } from "./queue/stream-worker.ts";
import { work } from "./queue/work.ts";
import { alike, besideEachOther, runSessions } from "./sessions.ts";
import type { Workload } from "./workload.ts";

const options = z
  .strictObject({
    kind: z
      .enum(["list", "stream"])
      .default("list")
      .describe("list: RPUSH, and BLMOVE or BLPOP; stream: XADD, XREADGROUP, XAUTOCLAIM, XACK."),
    take: z
      .enum(["move", "pop"])
      .default("move")
      .describe(
        "list: move: BLMOVE into a list of what the worker has in hand, LREM when it is done; pop: BLPOP, which " +
          "hands out and forgets.",
      ),
    queues: z.int().min(1).max(100).default(1),
    producers: z.int().min(1).max(100).default(2),
    workers: z.int().min(1).max(100).default(3),
    perSecond: z.int().min(1).max(1000).default(20).describe("Jobs of each producer."),
    workMs: z.int().min(0).max(60_000).default(10).describe("How long a job takes."),
    blockMs: z
      .int()
      .min(10)
      .max(2000)
      .default(200)
      .describe("How long a worker waits at the server for a job."),
    claimAfterMs: z
      .int()
      .min(10)
      .max(60_000)
      .default(1000)
      .describe(
        "stream: a job that was not acknowledged for so long is given to another worker (XAUTOCLAIM).",
      ),
    deadlineMs: z
      .int()
      .min(10)
      .max(60_000)
      .default(500)
      .describe("Of a call, beyond the time for which it waits at the server."),
  })
  .refine(({ kind, take }) => kind === "list" || take === "move", {
    path: ["take"],
    error: "pop is for lists: what is read from a stream stays until it is acknowledged",
  })
  .refine(({ queues, workers }) => queues <= workers, {
    path: ["workers"],
    error: "are fewer than there are queues: each worker works through one",
  });

/**
 * A job queue as applications build it: producers add jobs, each once; workers wait at the server for the next one
 * (a blocking command, on a connection of their own), do it, and say that it is done.
 *
 *     producer ── RPUSH ──▶ jobs ── BLMOVE ──▶ in hand ── work, LREM          list, move: at least once
 *     producer ── RPUSH ──▶ jobs ── BLPOP ──▶ work                            list, pop: at most once
 *     producer ── XADD ──▶ stream ── XREADGROUP ──▶ pending ── work, XACK     stream: at least once
 *                                    XAUTOCLAIM ◀──┘ of a worker that is gone
 *
 * A worker that is not told what became of a call looks at what it has in hand. It remembers what it has done: such a
 * job it only acknowledges once more. When the workload is stopped the workers go on for a moment, until nothing is
 * left.
 */
export const queue: Workload<"queue", typeof options, "steady"> = {
  name: "queue",
  summary: "producers and workers of a job queue, on lists or streams: jobs lost, run twice, never run",
  kind: "steady",
  topologies: ["ha", "cluster"],
  options,
  measures: ({ producers, perSecond }) => ({ jobsPerSecond: producers * perSecond }),
  async run(context, given) {
    const tag = context.random.hex(6); // keys of its own each time it is started in a run
    const queues = Array.from({ length: given.queues }, (_, n): Queue => {
      const name = `{queue:${tag}:${n + 1}}`;
      return { name, jobs: `${name}:jobs`, kind: given.kind };
    });
    for (const { jobs } of queues) context.log.readBack(jobs, given.kind);
    const producers = alike(
      "producer",
      { sessions: given.producers, perSecond: given.perSecond },
      async (session, n) => {
        const { jobs } = queues[session.random.below(queues.length)] as Queue;
        const job = `${session.name}:${n}`;
        const [f, args] =
          given.kind === "list" ? ["rpush", ["RPUSH", jobs, job]] : ["xadd", addToStream(jobs, job)];
        const start = {
          client: session.name,
          workload: "queue",
          f: f as string,
          key: jobs,
          value: job,
          shared: true,
        } as const;
        await context.log.operation(start, async (answeredBy) => {
          const writer = { writer: session.client, waitReplicas: context.waitReplicas };
          return String(await durableCall(writer, args as string[], given.deadlineMs, answeredBy));
        });
      },
    );
    const workers = Array.from({ length: given.workers }, (_, n): Worker => {
      const own = queues[n % queues.length] as Queue;
      const worker = {
        name: `worker-${n + 1}`,
        queue: own,
        given,
        log: context.log,
        finished: new Set<string>(),
      };
      return given.kind === "list" ? listWorker(worker) : streamWorker(worker);
    });
    await besideEachOther(context, [(own) => runSessions(own, producers), (own) => work(own, workers)]);
  },
};
