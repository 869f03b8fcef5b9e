import { z } from "zod";
import { pause } from "../base/wait.ts";
import { durableWrite } from "./durable-write.ts";
import type { Workload, WorkloadContext } from "./workload.ts";

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
    await Promise.all([
      atRate(given.writesPerSecond, context, (due) => track(write(due))),
      atRate(given.readsPerSecond, context, (due) => track(read(due))),
    ]);
    await Promise.all(pending); // each ends by its own deadline
  },
};

function refuseAbove(inFlight: number): void {
  // The text is one of the error table: never sent, so surely not done.
  if (inFlight >= MAX_IN_FLIGHT)
    throw new Error(`ECONNREFUSED by the probe: ${inFlight} operations in flight`);
}

/** Calls `send` at each due time (ns on the run's clock), catching up at once when the event loop was late. */
async function atRate(
  perSecond: number,
  context: WorkloadContext,
  send: (due: number) => void,
): Promise<void> {
  if (perSecond === 0) return;
  const began = context.log.now();
  const intervalNs = 1e9 / perSecond;
  for (let sent = 0; !context.signal.aborted; ) {
    const elapsed = context.log.now() - began;
    for (; sent * intervalNs <= elapsed && !context.signal.aborted; sent += 1) {
      send(Math.round(began + sent * intervalNs));
    }
    const untilNextMs = (sent * intervalNs - (context.log.now() - began)) / 1e6;
    await pause(Math.max(1, untilNextMs), context.signal).catch(() => {}); // aborted: the loop's own condition ends it
  }
}
