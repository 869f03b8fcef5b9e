import type { EnvPreset } from "../preset.ts";
import { sentinelOptions } from "./ioredis.ts";

/**
 * BullMQ: what its classes take as `connection`, as JSON. It reads no variable itself:
 * `new Queue("mail", { connection: JSON.parse(process.env.BULLMQ_CONNECTION) })`.
 */
export const bullmq: EnvPreset = {
  name: "bullmq",
  summary: "BullMQ: BULLMQ_CONNECTION, what its classes take as `connection`, as JSON",
  docs: "https://docs.bullmq.io/guide/connections",
  misfit: (kind) =>
    kind === "cluster"
      ? "BullMQ takes an instance of a cluster client, not options: make one with --env-preset ioredis"
      : undefined,
  variables: (places) => ({ BULLMQ_CONNECTION: JSON.stringify(sentinelOptions(places)) }),
};
