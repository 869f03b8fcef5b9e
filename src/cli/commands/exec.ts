import { randomInt } from "node:crypto";
import { Command, Option } from "commander";
import { openDriver } from "../../api/open-driver.ts";
import { checkEnv, type EnvChoice, envNotes } from "../../app/env/env.ts";
import { PRESETS } from "../../app/env/registry.ts";
import { TEMPLATE_VALUES } from "../../app/env/values.ts";
import { MAX_SEED } from "../../base/random.ts";
import { checkProgram } from "../../exec/command.ts";
import { exec, MORE_VALUES, URL_VARIABLES } from "../../exec/exec.ts";
import { Signals } from "../../exec/signals.ts";
import { DrillError, messageOf } from "../../model/errors.ts";
import { withTls } from "../../topology/security-spec.ts";
import type { TopologySpec } from "../../topology/spec.ts";
import { configOption, loadConfigured, sentinelConfigOption, tellConfig } from "../config-flags.ts";
import { driverOption, quietOption, seedOption, tlsOption, valkeyOption } from "../options.ts";
import { openProgress } from "../progress.ts";
import {
  refuseTopologyFlags,
  type TopologyFlags,
  topologyOf,
  withTopologyOptions,
} from "../topology-flags.ts";

interface ExecFlags extends TopologyFlags {
  readonly envPreset?: readonly string[];
  readonly set?: Readonly<Record<string, string>>;
  readonly links?: boolean;
  readonly seed?: number;
  readonly quiet?: boolean;
}

export function execCommand(): Command {
  const command = new Command("exec")
    .description(
      "start a topology, run a command beside it that can break it over HTTP, pass its exit code through, stop all",
    )
    .usage("<topology> [options] -- <command...>")
    .argument(
      "<topology>",
      "ha, cluster, or a scenario whose topology it is: its name or the path of its file",
    )
    .argument("<command...>", "a program and its arguments, after --");
  return withTopologyOptions(command)
    .option("--links", "carry all connections over links that can be hurt: fault cut, delay, …")
    .addOption(
      new Option("--env-preset <name>", "environment variables of a project; may be given again").argParser(
        (name: string, before: readonly string[] = []) => [...before, name],
      ),
    )
    .addOption(
      new Option(
        "--set <name=value>",
        "an environment variable; {{sentinels}} and other names are filled in; may be given again",
      ).argParser(addVariable),
    )
    .addOption(configOption())
    .addOption(sentinelConfigOption())
    .addOption(valkeyOption())
    .addOption(driverOption())
    .addOption(tlsOption())
    .addOption(seedOption())
    .addOption(quietOption())
    .addHelpText("after", helpText)
    .action(async (topology: string, [program = "", ...args]: string[], flags: ExecFlags) => {
      const spec = await specOf(topology, flags);
      const env = choiceOf(flags);
      checkEnv(spec.kind, env, MORE_VALUES);
      await checkProgram(program);
      tellConfig([spec], flags);
      if (!flags.quiet) for (const note of envNotes(spec.kind, env)) process.stderr.write(`${note}\n`);
      process.exitCode = await run(spec, env, [program, ...args], flags);
    });
}

async function run(
  spec: TopologySpec,
  env: EnvChoice,
  command: readonly [string, ...string[]],
  flags: ExecFlags,
): Promise<number> {
  const progress = openProgress(flags.quiet === true);
  const signals = new Signals();
  try {
    const opened = await openDriver(flags, progress, signals.aborted);
    const step = progress.step(`start ${spec.kind} topology, Valkey ${opened.version}`);
    let isReady = false;
    return await exec({
      ...{ spec, opened, command, env, signals },
      links: flags.links === true,
      seed: flags.seed ?? randomInt(MAX_SEED),
      firstPort: flags.port,
      onProgress: (text) => step.update(text),
      onReady: async (nodes) => {
        isReady = true;
        step.done(`${nodes} nodes ready`);
        await progress.close(); // the terminal is the command's
      },
    }).catch((error: unknown) => {
      if (!isReady) step.fail(messageOf(error));
      throw error;
    });
  } finally {
    await progress.close();
    signals.close();
  }
}

async function specOf(topology: string, flags: ExecFlags): Promise<TopologySpec> {
  if (topology === "ha" || topology === "cluster") return topologyOf("exec", topology, flags);
  refuseTopologyFlags(flags, `the topology is that of the scenario ${topology}`);
  const [scenario] = await loadConfigured([topology], flags);
  if (scenario === undefined) throw new DrillError("BAD_SCENARIO", `there is no scenario "${topology}"`);
  return flags.tls ? withTls(scenario.topology) : scenario.topology;
}

function choiceOf({ envPreset = [], set = {} }: ExecFlags): EnvChoice {
  const own: readonly string[] = URL_VARIABLES;
  const taken = Object.keys(set).find((name) => own.includes(name));
  if (taken !== undefined)
    throw new DrillError("BAD_USAGE", `--set ${taken}: exec sets that variable itself`);
  return { presets: envPreset, set };
}

/** Reads `NAME=value`, and adds it to those before it. */
function addVariable(text: string, before: Readonly<Record<string, string>> = {}): Record<string, string> {
  const at = text.indexOf("=");
  if (at < 1) {
    throw new DrillError(
      "BAD_USAGE",
      `--set "${text}" is no variable: write NAME=value, such as HOSTS={{sentinels}}`,
    );
  }
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
}

function helpText(): string {
  const presets = [...PRESETS.values()].map(({ name, summary }) => [name, summary] as const);
  const values = Object.entries(TEMPLATE_VALUES).map(
    ([name, { meaning, only }]) => [`{{${name}}}`, only ? `${meaning} (${only} only)` : meaning] as const,
  );
  const listed = (rows: readonly (readonly [string, string])[]) =>
    rows.map(([name, meaning]) => `  ${name.padEnd(21)} ${meaning}`).join("\n");
  return `
The command is told of the topology by VALKEY_*, and by REDIS_SENTINELS with REDIS_SENTINEL_MASTER_NAME or
REDIS_CLUSTER_NODES. It injects faults at VALKEY_DRILL_URL: docs/guide-exec.md.

Presets for --env-preset:
${listed(presets)}

Names for --set:
${listed(values)}
`;
}
