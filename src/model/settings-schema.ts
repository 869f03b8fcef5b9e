import { z } from "zod";
import { settingName } from "./setting-name.ts";

/** Settings that checkers compute with. */
const NUMBERS: ReadonlySet<string> = new Set([
  "down-after-milliseconds",
  "failover-timeout",
  "parallel-syncs",
  "min-replicas-to-write",
  "min-replicas-max-lag",
  "replica-priority",
  "cluster-node-timeout",
  "cluster-replica-validity-factor",
  "repl-ping-replica-period",
]);

/** Settings of a server: one that is a number there is a number here, or no server ever ran with it. */
export const settingsSchema = z.record(z.string(), z.string()).superRefine((settings, context) => {
  for (const [name, value] of Object.entries(settings))
    if (NUMBERS.has(settingName(name)) && !/^\d{1,15}$/.test(value))
      context.addIssue({ code: "custom", message: "not a whole number", path: [name] });
});
