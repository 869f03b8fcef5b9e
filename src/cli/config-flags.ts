import { Option } from "commander";
import { DrillError } from "../model/errors.ts";
import { type ConfigFlags, configNotes } from "../scenario/config-files.ts";
import { loadScenario } from "../scenario/load.ts";
import type { Scenario } from "../scenario/schema.ts";
import type { TopologySpec } from "../topology/spec.ts";

export type { ConfigFlags } from "../scenario/config-files.ts";

export const configOption = () =>
  new Option("--config <file>", "a valkey.conf for the data nodes, in place of the scenario's");
export const sentinelConfigOption = () =>
  new Option("--sentinel-config <file>", "a sentinel.conf for the Sentinels, in place of the scenario's");

/**
 * Loads scenarios with the configuration files of the command line. @throws DrillError `BAD_USAGE` for one that nobody
 * would use
 */
export async function loadConfigured(refs: readonly string[], flags: ConfigFlags): Promise<Scenario[]> {
  const scenarios = await Promise.all(refs.map((ref) => loadScenario(ref, flags)));
  checkUsed(
    scenarios.map(({ topology }) => topology),
    flags,
  );
  return scenarios;
}

/** @throws DrillError `BAD_USAGE`: a sentinel.conf, and no Sentinels */
export function checkUsed(
  topologies: readonly Pick<TopologySpec, "kind">[],
  { sentinelConfig }: ConfigFlags,
): void {
  if (sentinelConfig === undefined || topologies.some(({ kind }) => kind === "ha")) return;
  throw new DrillError("BAD_USAGE", "--sentinel-config: a cluster has no Sentinels");
}

/** Tells what of configuration files holds and what does not, on standard error. */
export function tellConfig(
  topologies: readonly TopologySpec[],
  { quiet }: { readonly quiet?: boolean },
): void {
  if (quiet) return;
  const told = new Set(
    topologies.map((topology) =>
      configNotes(topology)
        .map((line) => `${line}\n`)
        .join(""),
    ),
  );
  for (const text of told) process.stderr.write(text);
}

/** The flags again, as words of a command line. */
export function configWords({ config, sentinelConfig }: ConfigFlags): string[] {
  return [
    ...(config === undefined ? [] : ["--config", config]),
    ...(sentinelConfig === undefined ? [] : ["--sentinel-config", sentinelConfig]),
  ];
}
