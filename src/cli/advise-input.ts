import { pathToFileURL } from "node:url";
import type { AdvisedClient } from "../advise/advised.ts";
import { type OwnProfiles, ownOptionsOf } from "../bakeoff/own-profiles.ts";
import { readProfile } from "../bakeoff/profiles.ts";
import { libraryNamed } from "../libraries/registry.ts";
import { DrillError } from "../model/errors.ts";
import type { TopologyKind } from "../model/plan.ts";
import { type ConfigFlags, readConfigFile, withConfigFiles } from "../scenario/config-files.ts";
import { loadScenario } from "../scenario/load.ts";
import type { Directive } from "../topology/config-file.ts";
import { type TopologySpec, topologySpecSchema } from "../topology/spec.ts";
import { checkUsed } from "./config-flags.ts";

/** What servers and Sentinels do by themselves (valkey.conf, sentinel.conf): a file that does not set it means that. */
const BY_DEFAULT = {
  ha: { downAfterMs: 30_000, failoverTimeoutMs: 180_000 },
  cluster: { nodeTimeoutMs: 15_000, requireFullCoverage: true },
} as const;

/** What is advised on, and where it comes from. */
export interface AdviseInput {
  readonly spec: TopologySpec;
  readonly from: readonly string[];
}

/**
 * The topology of a scenario, or that which configuration files describe: as many replicas and Sentinels as they know,
 * else as a drill has by default.
 *
 * @param ref `ha`, `cluster`, a scenario, or nothing: what the files are of
 * @throws DrillError `BAD_USAGE`, `BAD_CONFIG`, and whatever `loadScenario` throws
 */
export async function adviseInput(ref: string | undefined, flags: ConfigFlags): Promise<AdviseInput> {
  const files = [flags.config, flags.sentinelConfig].filter((file) => file !== undefined);
  if (ref !== undefined && ref !== "ha" && ref !== "cluster") {
    const { topology } = await loadScenario(ref, flags);
    checkUsed([topology], flags);
    return { spec: topology, from: [ref, ...files] };
  }
  if (ref === undefined && files.length === 0)
    throw new DrillError("BAD_USAGE", "advise needs --config, --sentinel-config, or a scenario", {
      hint: "valkey-drill advise --config valkey.conf --sentinel-config sentinel.conf; valkey-drill advise ha-failover",
    });
  const own = flags.config === undefined ? [] : (await readConfigFile(flags.config)).directives;
  const sentinel =
    flags.sentinelConfig === undefined ? [] : (await readConfigFile(flags.sentinelConfig)).directives;
  const kind = ref ?? (enablesCluster(own) ? "cluster" : "ha");
  checkUsed([{ kind }], flags);
  const bare = topologySpecSchema.parse({
    kind,
    defaults: "server",
    ...BY_DEFAULT[kind],
    ...(kind === "ha" && countsOf(sentinel)),
  });
  return { spec: await withConfigFiles(bare, process.cwd(), flags), from: files.length > 0 ? files : [kind] };
}

function enablesCluster(directives: readonly Directive[]): boolean {
  return directives.findLast(({ name }) => name === "cluster-enabled")?.args[0]?.toLowerCase() === "yes";
}

/** What Sentinel wrote into its file: the replicas and the other Sentinels that it knew. */
function countsOf(directives: readonly Directive[]): { replicas?: number; sentinels?: number } {
  const named = (...names: string[]) =>
    directives.filter(({ name, args }) => name === "sentinel" && names.includes(args[0]?.toLowerCase() ?? ""))
      .length;
  const [replicas, others] = [named("known-replica", "known-slave"), named("known-sentinel")];
  return { ...(replicas > 0 && { replicas }), ...(others > 0 && { sentinels: others + 1 }) };
}

/**
 * How long a client library tries, with the options of a file in the form of a profile of the bake-off.
 *
 * @throws DrillError `BAD_USAGE`
 */
export async function clientInput(
  kind: TopologyKind,
  name: string | undefined,
  file: string | undefined,
): Promise<AdvisedClient | undefined> {
  if (name === undefined) {
    if (file === undefined) return undefined;
    throw new DrillError("BAD_USAGE", "--options needs --client: whose options are they?");
  }
  const library = libraryNamed(name);
  const options = file === undefined ? {} : await optionsOf(file, name, kind);
  const patience = library.patience?.(kind, options);
  return patience && !Number.isNaN(patience.ms) ? { name, ...patience } : undefined;
}

async function optionsOf(
  file: string,
  name: string,
  kind: TopologyKind,
): Promise<Readonly<Record<string, unknown>>> {
  const ref = (await readProfile(file)).refOf(name, kind);
  if (ref && "options" in ref && ref.options) return ref.options as Readonly<Record<string, unknown>>;
  if (ref && "module" in ref && ref.module) {
    const { default: profiles } = (await import(pathToFileURL(file).href)) as { default: OwnProfiles };
    return ownOptionsOf(profiles, name, kind) ?? {};
  }
  throw new DrillError("BAD_USAGE", `${file} says nothing of ${name} in a ${kind} topology`, {
    hint: `It needs: ${name}: { ${kind}: { OPTION: VALUE } }`,
  });
}
