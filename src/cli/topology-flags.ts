import { type Command, Option } from "commander";
import { DrillError } from "../model/errors.ts";
import { withConfigFiles } from "../scenario/config-files.ts";
import { MAX_NODES, type TopologySpec, topologySpecSchema } from "../topology/spec.ts";
import { type ConfigFlags, checkUsed } from "./config-flags.ts";
import { type ServerOptions, wholeNumber } from "./options.ts";

/** Which topology, in words of the command line. */
export interface TopologyFlags extends ServerOptions, ConfigFlags {
  readonly replicas?: number;
  readonly sentinels?: number;
  readonly quorum?: number;
  readonly shards?: number;
  readonly port?: number;
  readonly auth?: "password" | "users";
}

/** The flags that each kind takes; the others are refused, so that none is silently without effect. */
const FLAGS_OF = { ha: ["replicas", "sentinels", "quorum"], cluster: ["shards", "replicas"] } as const;
const COUNT_FLAGS = ["replicas", "sentinels", "quorum", "shards"] as const;

/** Adds the options that say what a topology is made of. */
export function withTopologyOptions(command: Command): Command {
  const count = (least: number) => wholeNumber(least, MAX_NODES);
  return command
    .addOption(
      new Option(
        "--replicas <n>",
        "replicas; in a cluster of each shard (default: 2, in a cluster 1)",
      ).argParser(count(0)),
    )
    .addOption(new Option("--sentinels <n>", "Sentinels (ha; default: 3)").argParser(count(1)))
    .addOption(
      new Option("--quorum <n>", "Sentinels that must agree (ha; default: the majority)").argParser(count(1)),
    )
    .addOption(new Option("--shards <n>", "shards (cluster; default: 3)").argParser(count(1)))
    .addOption(
      new Option("--port <n>", "first port; the nodes take the ones from there on").argParser(
        wholeNumber(1024, 65_000),
      ),
    )
    .addOption(
      new Option("--auth <kind>", "password: one for all; users: each with the least that it needs").choices([
        "password",
        "users",
      ]),
    );
}

/**
 * The topology of that kind, as the flags say.
 *
 * @throws DrillError `BAD_USAGE` for a flag that is not for that kind, or makes no sense
 */
export async function topologyOf(
  command: string,
  kind: TopologySpec["kind"],
  flags: TopologyFlags,
): Promise<TopologySpec> {
  return configured(specOf(command, kind, flags), flags);
}

/** Flags that say what a topology is made of, where that is said elsewhere already. @throws DrillError `BAD_USAGE` */
export function refuseTopologyFlags(flags: TopologyFlags, why: string): void {
  const given = [...COUNT_FLAGS, "auth" as const].find((name) => flags[name] !== undefined);
  if (given !== undefined) throw new DrillError("BAD_USAGE", `--${given}: ${why}`);
}

function specOf(command: string, kind: TopologySpec["kind"], flags: TopologyFlags): TopologySpec {
  const taken: readonly string[] = FLAGS_OF[kind];
  const given = Object.fromEntries(
    COUNT_FLAGS.filter((name) => flags[name] !== undefined).map((name) => [name, flags[name]]),
  );
  const foreign = Object.keys(given).find((name) => !taken.includes(name));
  if (foreign)
    throw new DrillError(
      "BAD_USAGE",
      `--${foreign} is not for "${command} ${kind}"; it takes --${taken.join(", --")}`,
    );
  const auth = flags.auth && (flags.auth === "users" ? { users: {} } : { password: true });
  const parsed = topologySpecSchema.safeParse({ kind, ...given, tls: flags.tls, auth });
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(
    ({ path, message }) => `${path.map((part) => `--${String(part)} `).join("")}${message}`,
  );
  throw new DrillError("BAD_USAGE", problems.join("; "));
}

/** With configuration files; a quorum that was given as well holds. */
async function configured(spec: TopologySpec, flags: TopologyFlags): Promise<TopologySpec> {
  checkUsed([spec], flags);
  const read = await withConfigFiles(spec, process.cwd(), flags);
  return read.kind === "ha" && flags.quorum !== undefined ? { ...read, quorum: flags.quorum } : read;
}
