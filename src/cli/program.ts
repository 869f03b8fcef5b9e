import { createRequire } from "node:module";
import { Command, Option } from "commander";
import { EXIT_CODES } from "./exit.ts";

const { version } = createRequire(import.meta.url)("../../package.json") as { version: string };

/** In the order of the help. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  run: async () => (await import("./commands/run.ts")).runCommand(),
  up: async () => (await import("./commands/up.ts")).upCommand(),
  exec: async () => (await import("./commands/exec.ts")).execCommand(),
  status: async () => (await import("./commands/status.ts")).statusCommand(),
  down: async () => (await import("./commands/down.ts")).downCommand(),
  fault: async () => (await import("./commands/fault.ts")).faultCommand(),
  list: async () => (await import("./commands/list.ts")).listCommand(),
  check: async () => (await import("./commands/check.ts")).checkCommand(),
  report: async () => (await import("./commands/report.ts")).reportCommand(),
  explain: async () => (await import("./commands/explain.ts")).explainCommand(),
  soak: async () => (await import("./commands/soak.ts")).soakCommand(),
  advise: async () => (await import("./commands/advise.ts")).adviseCommand(),
  matrix: async () => (await import("./commands/matrix.ts")).matrixCommand(),
  bakeoff: async () => (await import("./commands/bakeoff.ts")).bakeoffCommand(),
  explore: async () => (await import("./commands/explore.ts")).exploreCommand(),
  shrink: async () => (await import("./commands/shrink.ts")).shrinkCommand(),
  replay: async () => (await import("./commands/replay.ts")).replayCommand(),
  runs: async () => (await import("./commands/runs.ts")).runsCommand(),
  doctor: async () => (await import("./commands/doctor.ts")).doctorCommand(),
};

/** Commands that run, list or judge what a plugin may add. */
const WITH_PLUGINS = [
  "run",
  "up",
  "exec",
  "fault",
  "list",
  "check",
  "soak",
  "matrix",
  "explore",
  "shrink",
  "replay",
];

/**
 * Loads the plugins that the command line names, before any command is made: so they stand in its help and its choices.
 *
 * @throws DrillError `BAD_PLUGIN`
 */
export async function loadGivenPlugins(words: readonly string[]): Promise<void> {
  const given = words.includes("--") ? words.slice(0, words.indexOf("--")) : words;
  if (!WITH_PLUGINS.includes(given[0] ?? "")) return;
  const paths = given.flatMap((word, index) => {
    if (word.startsWith("--plugin=")) return word.slice("--plugin=".length);
    return word === "--plugin" ? (given[index + 1] ?? []) : [];
  });
  if (paths.length > 0) await (await import("../scenario/plugins.ts")).loadPlugins(paths);
}

/**
 * The command line. Commands throw; only the caller sets an exit code.
 *
 * @param first the first argument: if it names a command, the code of the others is not even loaded, which takes most
 *   of a second
 */
export async function createProgram(first?: string): Promise<Command> {
  const program = new Command("valkey-drill")
    .description("Fire drills for Valkey: break a real topology on purpose, and see what your users would.")
    .version(version)
    .showHelpAfterError("(see --help)")
    .addHelpText("after", `\nExit codes:\n${exitCodeLines()}`);
  for (const load of loadersFor(first)) {
    const command = await load();
    if (WITH_PLUGINS.includes(command.name())) command.addOption(pluginOption());
    program.addCommand(command);
  }
  const commands = program.commands.flatMap((command) => [command, ...command.commands]);
  for (const command of [program, ...commands]) command.exitOverride().showHelpAfterError("(see --help)");
  return program;
}

function loadersFor(first?: string): (() => Promise<Command>)[] {
  if (first === "--version" || first === "-V") return [];
  const named = first !== undefined && Object.hasOwn(COMMANDS, first) ? COMMANDS[first] : undefined;
  return named ? [named] : Object.values(COMMANDS);
}

function exitCodeLines(): string {
  return Object.entries(EXIT_CODES)
    .map(([code, meaning]) => `  ${code.padStart(3)}  ${meaning}`)
    .join("\n");
}

const pluginOption = () =>
  new Option(
    "--plugin <path>",
    "a file that adds faults, workloads, checkers or clients; may be given again",
  ).argParser((path: string, before: readonly string[] = []) => [...before, path]);
