import { createRequire } from "node:module";
import { Command } from "commander";
import { bakeoffCommand } from "./commands/bakeoff.ts";
import { checkCommand } from "./commands/check.ts";
import { doctorCommand } from "./commands/doctor.ts";
import { downCommand } from "./commands/down.ts";
import { exploreCommand } from "./commands/explore.ts";
import { faultCommand } from "./commands/fault.ts";
import { listCommand } from "./commands/list.ts";
import { matrixCommand } from "./commands/matrix.ts";
import { replayCommand } from "./commands/replay.ts";
import { reportCommand } from "./commands/report.ts";
import { runCommand } from "./commands/run.ts";
import { shrinkCommand } from "./commands/shrink.ts";
import { soakCommand } from "./commands/soak.ts";
import { statusCommand } from "./commands/status.ts";
import { upCommand } from "./commands/up.ts";
import { EXIT_CODES } from "./exit.ts";

const { version } = createRequire(import.meta.url)("../../package.json") as { version: string };

const COMMANDS = [
  runCommand,
  upCommand,
  statusCommand,
  downCommand,
  faultCommand,
  listCommand,
  checkCommand,
  reportCommand,
  soakCommand,
  matrixCommand,
  bakeoffCommand,
  exploreCommand,
  shrinkCommand,
  replayCommand,
  doctorCommand,
];

/** The command line. Commands throw; only the caller sets an exit code. */
export function createProgram(): Command {
  const program = new Command("valkey-drill")
    .description("Fire drills for Valkey: break a real topology on purpose, and see what your users would.")
    .version(version)
    .showHelpAfterError("(see --help)")
    .addHelpText("after", `\nExit codes:\n${exitCodeLines()}`);
  for (const make of COMMANDS) program.addCommand(make());
  for (const command of [program, ...program.commands])
    command.exitOverride().showHelpAfterError("(see --help)");
  return program;
}

function exitCodeLines(): string {
  return Object.entries(EXIT_CODES)
    .map(([code, meaning]) => `  ${code.padStart(3)}  ${meaning}`)
    .join("\n");
}
