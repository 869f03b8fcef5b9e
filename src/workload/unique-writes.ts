import { z } from "zod";
import { atFixedRate } from "../base/fixed-rate.ts";
import { durableWrite } from "./durable-write.ts";
import type { Workload } from "./workload.ts";

const options = z.strictObject({
  writesPerSecond: z.int().min(1).max(20_000).default(100),
  readsPerSecond: z.int().min(0).max(20_000).default(100),
  deadlineMs: z
    .int()
    .min(10)
    .max(60_000)
    .default(1000)
    .describe("Past it an operation's end is unknown (info)."),
});

/** Most operations in flight; above it an operation is not sent, and recorded as such. */
const MAX_IN_FLIGHT = 20_000;

/**
 * The probe: writes of unique keys and reads of acknowledged ones, each at a fixed rate, **never waiting for the
 * previous answer**. A stalled server therefore shows as many slow or lost operations and not as one
 * ("coordinated omission", Gil Tene, "How NOT to Measure Latency", 2013).
 *
 *     every 1/rate s:  key n ──write──▶ primary        acknowledged keys ──random──read──▶ primary
 */
export const uniqueWrites: Workload<"unique-writes", typeof options, "steady"> = {
  name: "unique-writes",
  summary:
    "writes of unique keys and reads of acknowledged ones at a fixed rate, never waiting for an answer",
  kind: "steady",
  standardLoad: { writesPerSecond: 200, readsPerSecond: 100 },
  topologies: ["ha", "cluster"],
  options,
  measures: ({ writesPerSecond, readsPerSecond }) => ({ writesPerSecond, readsPerSecond }),
  async run(context, given) {
    const acknowledged: { key: string; value: string }[] = [];
    const pending = new Set<Promise<unknown>>();
    const tag = context.random.hex(6); // keys of its own each time it is started in a run
    let written = 0;

    const write = (due: number) => {
      written += 1;
      const key = `unique:${tag}:${written}`;
      const value = `${written}-${context.random.hex(8)}`;
      return context.log
        .operation(
          { client: "probe", workload: "unique-writes", f: "write", key, value, due },
          async (answeredBy) => {
            refuseAbove(pending.size);
            await durableWrite(context, { key, value }, given.deadlineMs, answeredBy);
            return undefined;
          },
        )
        .then(({ outcome }) => {
          if (outcome === "ok") acknowledged.push({ key, value });
        });
    };
    const read = (due: number) => {
      const chosen = acknowledged[context.random.below(acknowledged.length)];
      if (!chosen) return Promise.resolve();
      const { key, value } = chosen;
      return context.log.operation(
        { client: "probe", workload: "unique-writes", f: "read", key, value, due },
        async (answeredBy) => {
          refuseAbove(pending.size);
          return (await context.client.call(["GET", key], given.deadlineMs, answeredBy)) as string | null;
        },
      );
    };

    const track = (operation: Promise<unknown>) => {
      pending.add(operation);
      operation.finally(() => pending.delete(operation));
    };
    const pace = { now: context.log.now, signal: context.signal };
    await Promise.all([
      atFixedRate(1000 / given.writesPerSecond, pace, (due) => track(write(due))),
      given.readsPerSecond > 0 && atFixedRate(1000 / given.readsPerSecond, pace, (due) => track(read(due))),
    ]);
    await Promise.all(pending); // each ends by its own deadline
  },
};

function refuseAbove(inFlight: number): void {
  // The text is one of the error table: never sent, so surely not done.
  if (inFlight >= MAX_IN_FLIGHT)
    throw new Error(`ECONNREFUSED by the probe: ${inFlight} operations in flight`);
}
