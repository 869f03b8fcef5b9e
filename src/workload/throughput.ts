import { setMaxListeners } from "node:events";
import { z } from "zod";
import { Histogram } from "../base/histogram.ts";
import { pause } from "../base/wait.ts";
import type { DrillClient } from "../client/client.ts";
import { classifyError } from "../client/errors.ts";
import type { ThroughputData } from "../model/observed.ts";
import { durableWrite } from "./durable-write.ts";
import { withOwnClients } from "./own-clients.ts";
import type { Workload, WorkloadContext } from "./workload.ts";

const options = z.strictObject({
  connections: z.int().min(1).max(200).default(8),
  pipeline: z.int().min(1).max(1000).default(8).describe("Writes under way on each connection."),
  durationMs: z.int().min(200).max(60_000).default(2000),
  valueBytes: z.int().min(1).max(100_000).default(64),
});

type Options = z.infer<typeof options>;

/** Connections warm up and the servers' buffers grow: the first of it is not counted. */
const WARM_UP_SHARE = 0.2;
const DEADLINE_MS = 5000;
/** After an error, so that a server that refuses everything is not asked as fast as it can refuse. */
const AFTER_ERROR_MS = 5;
/** Keys that each connection writes again and again. */
const KEYS = 1000;

/**
 * As many writes as go through: on each connection so many are under way, and each that ends is followed by the next.
 * So what a setting costs (an fsync for each write, WAIT) shows as fewer writes, where a fixed rate would only show as
 * latency.
 *
 *     connection ─┬─ SET ──▶ ok, SET ──▶ ok, SET …        count of those that ended well ÷ time
 *                 └─ SET ──▶ ok, SET ──▶ …     (pipeline)
 *
 * The single writes are no part of the history: they are a measure of the servers and this client together, taken
 * before a fault. A write counts when it is acknowledged as the scenario says, WAIT included.
 */
export const throughput: Workload<"throughput", typeof options, "finite"> = {
  name: "throughput",
  summary: "as many writes as go through, on several connections, for a short time: what settings cost",
  kind: "finite",
  topologies: ["ha", "cluster"],
  options,
  async run(context, given) {
    setMaxListeners(0, context.signal);
    await withOwnClients(context, given.connections, async (clients) => {
      context.log.observe("throughput", await saturate(context, clients, given));
    });
  },
};

async function saturate(
  context: WorkloadContext,
  clients: readonly DrillClient[],
  { connections, pipeline, durationMs, valueBytes }: Options,
): Promise<ThroughputData> {
  const tag = context.random.hex(6);
  const value = "x".repeat(valueBytes);
  const began = performance.now();
  const countsFrom = began + durationMs * WARM_UP_SHARE;
  const until = began + durationMs;
  const tookUs = new Histogram(3);
  let errors = 0;
  let lastError: string | null = null;
  let written = 0;

  const writeOn = async (writer: DrillClient, connection: number) => {
    while (performance.now() < until && !context.signal.aborted) {
      written += 1;
      const key = `throughput:${tag}:${connection}:${written % KEYS}`;
      const sentAt = performance.now();
      try {
        await durableWrite({ writer, waitReplicas: context.waitReplicas }, { key, value }, DEADLINE_MS);
        const endedAt = performance.now();
        if (sentAt >= countsFrom && endedAt <= until) tookUs.add((endedAt - sentAt) * 1000);
      } catch (error) {
        errors += 1;
        lastError = classifyError(error).class;
        await pause(AFTER_ERROR_MS, context.signal).catch(() => {}); // aborted: the loop's own condition ends it
      }
    }
  };
  await Promise.all(
    clients.flatMap((client, connection) =>
      Array.from({ length: pipeline }, () => writeOn(client, connection)),
    ),
  );
  const at = (share: number) => {
    const us = tookUs.atShare(share);
    return us === null ? null : us / 1000;
  };
  return {
    connections,
    pipeline,
    perSecond: Math.round(tookUs.total / ((until - countsFrom) / 1000)),
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    errors,
    lastError,
  };
}
