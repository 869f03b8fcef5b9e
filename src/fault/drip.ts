import { z } from "zod";
import { between, oneOf } from "./explore.ts";
import { linkFault } from "./link-fault.ts";

const options = z.strictObject({
  bytes: z.int().min(1).max(1_000_000).default(16).describe("Size of a piece."),
  everyMs: z.number().min(1).max(60_000).default(10).describe("Time from one piece to the next."),
});

/** Bytes come in small pieces: whoever takes one read for one message finds out. */
export const drip = linkFault({
  kind: "drip",
  summary: "each connection passes pieces of so many bytes, one each everyMs",
  options,
  done: ({ bytes, everyMs }) => `dripping ${bytes} bytes each ${everyMs} ms`,
  byChance: (random) => ({ bytes: oneOf(random, [1, 16, 256]), everyMs: between(random, 1, 50) }),
  effect: ({ bytes, everyMs }) => ({ kind: "drip", bytes, everyMs }),
});
