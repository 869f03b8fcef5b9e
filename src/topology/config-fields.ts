import { z } from "zod";
import { settingName } from "../model/setting-name.ts";
import type { Replaced } from "./owned.ts";
import { whyNotInConfig, whyOwnedOfSentinel } from "./owned.ts";

const scalar = z.union([z.string(), z.number(), z.boolean()]);

const directives = z.record(
  z.string().regex(/^(sentinel )?[a-z][a-z0-9._-]*$/),
  z.union([scalar, z.array(z.union([z.string(), z.number()])).min(1)]),
  {
    error: (issue) =>
      issue.code === "invalid_key" ? "is not the name of a configuration directive" : undefined,
  },
);

/** How the data nodes are configured: the fields of both kinds of topology. */
export const configFileFields = {
  configFile: z
    .string()
    .min(1)
    .optional()
    .describe("A valkey.conf for the data nodes; its path is relative to the scenario."),
  config: directives
    .superRefine((given, context) => {
      for (const name of Object.keys(given)) {
        const why = whyNotInConfig(settingName(name));
        const hint = name.endsWith("-announce-ip") ? "; `hostnames` gives the nodes names" : "";
        if (why) context.addIssue({ code: "custom", message: `cannot be set: ${why}${hint}`, path: [name] });
      }
    })
    .default({})
    .describe(
      "Any directive of valkey.conf for the data nodes, over configFile; true and false are written as yes and no, " +
        "a list as one line for each value.",
    ),
  defaults: z
    .enum(["drill", "server"])
    .optional()
    .describe(
      "What holds where nothing is set: drill (persistence on, no snapshots), or what the server does by itself; " +
        "with configFile: server.",
    ),
};

/** Directives of `sentinel` that have a field of their own in a topology. */
const OTHER_FIELD: Readonly<Record<string, string>> = {
  "down-after-milliseconds": "downAfterMs",
  "failover-timeout": "failoverTimeoutMs",
  monitor: "quorum and sentinelGroup",
};

/** The same for Sentinels. */
export const sentinelConfigFields = {
  sentinelConfigFile: z
    .string()
    .min(1)
    .optional()
    .describe("A sentinel.conf for the Sentinels; its path is relative to the scenario."),
  sentinelConfig: directives
    .superRefine((given, context) => {
      for (const name of Object.keys(given)) {
        const field = OTHER_FIELD[name];
        const why = whyOwnedOfSentinel(name);
        const message = field ? `is set by ${field}` : why && `cannot be set: ${why}`;
        if (message) context.addIssue({ code: "custom", message, path: [name] });
      }
    })
    .optional()
    .describe(
      "Any directive of sentinel.conf, without `sentinel` and the name of the group: parallel-syncs: 2.",
    ),
  sentinelGroup: z
    .string()
    .regex(/^[A-Za-z0-9._-]+$/, "must be letters, digits and the three characters . - _")
    .optional()
    .describe("By which name the Sentinels know the primary; default: that of sentinelConfigFile, or drill."),
};

/**
 * Where a topology's directives come from, as far as they come from files. Not part of what is written: it has been
 * read.
 */
export interface ConfigOrigin {
  readonly origin?: {
    readonly files: readonly string[];
    /** How many directives hold. */
    readonly held: number;
    /** Where the line of a node's configuration stands, by the line: `valkey.conf:12`. */
    readonly places: ReadonlyMap<string, string>;
    readonly replaced: readonly Replaced[];
    readonly notes: readonly string[];
  };
}
