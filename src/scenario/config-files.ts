import { readdir, readFile } from "node:fs/promises";
import { dirname, relative, resolve } from "node:path";
import { groupBy } from "../base/group-by.ts";
import { DrillError } from "../model/errors.ts";
import { type ConfigSource, type ReadConfig, readConfig } from "../topology/config-file.ts";
import type { TopologySpec } from "../topology/spec.ts";
import { withServerConfig } from "../topology/with-config.ts";
import { withSentinelConfig } from "../topology/with-sentinel-config.ts";

/** `--config` and `--sentinel-config`: they take the place of those that a topology names; of a cluster only the first is used. */
export interface ConfigFlags {
  readonly config?: string;
  readonly sentinelConfig?: string;
}

/**
 * The topology with what its configuration files say, which are not needed any more then. Does nothing where it names none.
 *
 * @param folder from where the paths of the topology are meant
 * @throws DrillError `BAD_CONFIG` with `file:line`
 */
export async function withConfigFiles(
  spec: TopologySpec,
  folder: string,
  flags: ConfigFlags = {},
): Promise<TopologySpec> {
  const own = flags.config ?? (spec.configFile && resolve(folder, spec.configFile));
  const withOwn = own === undefined ? spec : withServerConfig(spec, await readConfigFile(own));
  if (withOwn.kind !== "ha") return withOwn;
  const { sentinelConfigFile } = withOwn;
  const sentinel = flags.sentinelConfig ?? (sentinelConfigFile && resolve(folder, sentinelConfigFile));
  return sentinel === undefined ? withOwn : withSentinelConfig(withOwn, await readConfigFile(sentinel));
}

/** A topology as its schema takes it. */
export function withoutOrigin({ origin: _, ...spec }: TopologySpec): Omit<TopologySpec, "origin"> {
  return spec;
}

/** What was taken from files, what not, and why: lines for a person. */
export function configNotes({ origin }: TopologySpec): string[] {
  if (!origin) return [];
  const { files, held, replaced, notes } = origin;
  const byReason = groupBy(replaced, ({ why }) => why);
  return [
    `configuration from ${[...new Set(files)].join(", ")}: ${held} directives hold, ${replaced.length} are replaced`,
    ...[...byReason].flatMap(([reason, those]) => [
      `replaced, since ${reason}:`,
      ...those.map(({ text, place }) => `  ${place}  ${text}`),
    ]),
    ...notes,
  ];
}

/** A file and all that it includes. @throws DrillError `BAD_CONFIG` */
export function readConfigFile(path: string): Promise<ReadConfig> {
  return readConfig(resolve(path), ofDisk);
}

const ofDisk: ConfigSource = {
  get folder() {
    return process.cwd();
  },
  resolve,
  dirname,
  shown: (path) => {
    const near = relative(process.cwd(), path);
    return near.startsWith("..") ? path : near;
  },
  async read(path) {
    const bytes = await readFile(path).catch((cause: NodeJS.ErrnoException) => {
      if (cause.code === "ENOENT" || cause.code === "ENOTDIR") return undefined;
      throw new DrillError("BAD_CONFIG", `${path} cannot be read: ${cause.message}`, { cause });
    });
    if (bytes === undefined) return undefined;
    try {
      return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    } catch (cause) {
      throw new DrillError("BAD_CONFIG", `${path} is not UTF-8 text`, { cause });
    }
  },
  matching: (pattern) => matching("/", resolve(pattern).split("/").filter(Boolean)),
};

/** As glob(3) does without flags: `*`, `?` and `[…]` within one name, no hidden files unless they are named. */
async function matching(folder: string, [part, ...rest]: readonly string[]): Promise<string[]> {
  if (part === undefined) return [folder];
  const name = nameOf(part);
  const entries = await readdir(folder).catch(() => []); // what cannot be listed matches nothing
  const found = entries.filter(
    (entry) => name.test(entry) && (part.startsWith(".") || !entry.startsWith(".")),
  );
  const all = await Promise.all(found.sort().map((entry) => matching(resolve(folder, entry), rest)));
  return all.flat();
}

function nameOf(pattern: string): RegExp {
  const text = pattern.replace(/\[!?[^\]]+\]|[\s\S]/g, (part) => {
    if (part === "*") return ".*";
    if (part === "?") return ".";
    if (part.length > 1) return part.replace("[!", "[^").replaceAll("\\", "\\\\");
    return part.replace(/[.+^${}()|\\/[\]]/, "\\$&");
  });
  return new RegExp(`^${text}$`, "s");
}
