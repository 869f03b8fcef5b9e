import type { Command } from "commander";
import { clientOption } from "./client-option.ts";
import { type ConfigFlags, configOption, configWords, sentinelConfigOption } from "./config-flags.ts";
import {
  type CampaignFlags,
  driverOption,
  jsonOption,
  outOption,
  quietOption,
  seedOption,
  tlsOption,
  valkeyOption,
} from "./options.ts";

/** What commands that run drills are given alike. */
export interface DrillFlags extends CampaignFlags, ConfigFlags {
  readonly client?: string;
}

/** Adds the options of these flags, in the order of the help. */
export function addDrillOptions(command: Command): Command {
  const options = [
    valkeyOption(),
    driverOption(),
    tlsOption(),
    clientOption(),
    configOption(),
    sentinelConfigOption(),
    seedOption(),
    outOption(),
    jsonOption(),
    quietOption(),
  ];
  for (const option of options) command.addOption(option);
  return command;
}

/** Those of these flags that decide what a drill does, again as words of a command line. */
export function drillWords(
  flags: Pick<DrillFlags, "client" | "tls" | "config" | "sentinelConfig" | "plugin">,
): string[] {
  return [
    ...(flags.client === undefined ? [] : ["--client", flags.client]),
    ...(flags.tls ? ["--tls"] : []),
    ...configWords(flags),
    ...(flags.plugin ?? []).flatMap((path) => ["--plugin", path]),
  ];
}
