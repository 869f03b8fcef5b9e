import { z } from "zod";
import { oneOf } from "./explore.ts";
import { linkFault } from "./link-fault.ts";

const options = z.strictObject({
  bytesPerSecond: z
    .int()
    .min(1)
    .max(10_000_000_000)
    .default(100_000)
    .describe("All connections of a link together, each way."),
});

/** A link passes only so much a second, all connections together. */
export const bandwidth = linkFault({
  kind: "bandwidth",
  summary: "each link passes at most bytesPerSecond, all its connections together",
  options,
  done: ({ bytesPerSecond }) => `limited to ${bytesPerSecond} bytes/s`,
  byChance: (random) => ({ bytesPerSecond: oneOf(random, [1000, 10_000, 100_000]) }),
  effect: ({ bytesPerSecond }) => ({ kind: "bandwidth", bytesPerSecond }),
});
