import { createRequire } from "node:module";
import { Command } from "commander";
import { EXIT_CODES } from "./exit.ts";

const { version } = createRequire(import.meta.url)("../../package.json") as { version: string };

/** In the order of the help. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  run: async () => (await import("./commands/run.ts")).runCommand(),
  up: async () => (await import("./commands/up.ts")).upCommand(),
  status: async () => (await import("./commands/status.ts")).statusCommand(),
  down: async () => (await import("./commands/down.ts")).downCommand(),
  fault: async () => (await import("./commands/fault.ts")).faultCommand(),
  list: async () => (await import("./commands/list.ts")).listCommand(),
  check: async () => (await import("./commands/check.ts")).checkCommand(),
  report: async () => (await import("./commands/report.ts")).reportCommand(),
  soak: async () => (await import("./commands/soak.ts")).soakCommand(),
  matrix: async () => (await import("./commands/matrix.ts")).matrixCommand(),
  bakeoff: async () => (await import("./commands/bakeoff.ts")).bakeoffCommand(),
  explore: async () => (await import("./commands/explore.ts")).exploreCommand(),
  shrink: async () => (await import("./commands/shrink.ts")).shrinkCommand(),
  replay: async () => (await import("./commands/replay.ts")).replayCommand(),
  doctor: async () => (await import("./commands/doctor.ts")).doctorCommand(),
};

/**
 * The command line. Commands throw; only the caller sets an exit code.
 *
 * @param first the first argument: if it names a command, the code of the others is not even loaded, which takes most of a second
 */
export async function createProgram(first?: string): Promise<Command> {
  const program = new Command("valkey-drill")
    .description("Fire drills for Valkey: break a real topology on purpose, and see what your users would.")
    .version(version)
    .showHelpAfterError("(see --help)")
    .addHelpText("after", `\nExit codes:\n${exitCodeLines()}`);
  for (const load of loadersFor(first)) program.addCommand(await load());
  for (const command of [program, ...program.commands])
    command.exitOverride().showHelpAfterError("(see --help)");
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
