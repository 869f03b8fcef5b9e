import { z } from "zod";
import { between } from "./explore.ts";
import { linkFault } from "./link-fault.ts";

const options = z
  .strictObject({
    ms: z.number().min(1).max(60_000).default(100).describe("How much later bytes arrive, each way."),
    jitterMs: z.number().min(0).max(60_000).default(0).describe("Up to so much more or less, by chance."),
  })
  .refine(({ ms, jitterMs }) => jitterMs <= ms, {
    path: ["jitterMs"],
    error: "is more than the delay itself",
  });

/** Bytes arrive later, in their order. */
export const delay = linkFault({
  kind: "delay",
  summary: "bytes arrive later by ms, more or less by up to jitterMs, in their order",
  options,
  done: ({ ms, jitterMs }) => `delayed by ${ms} ms${jitterMs > 0 ? ` ± ${jitterMs} ms` : ""}`,
  byChance: (random) => {
    const ms = between(random, 5, 1000);
    return { ms, jitterMs: random.below(ms) };
  },
  effect: ({ ms, jitterMs }, random) => ({ kind: "delay", ms, jitterMs, seed: random.below(2 ** 32) }),
});
