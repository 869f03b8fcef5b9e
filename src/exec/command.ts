import { constants } from "node:os";
import { resolve } from "node:path";
import { startGuarded } from "../app/guarded.ts";
import { DrillError } from "../model/errors.ts";
import { findOnPath, isProgram } from "../valkey/on-path.ts";
import type { Signals } from "./signals.ts";

/** How long a command may take to end that was told to by SIGTERM or SIGHUP. */
const TERM_MS = 10_000;
/** How long what it has left behind may take. */
const LEFT_MS = 2_000;

/**
 * Is there such a program? For what must be known before a topology is started.
 *
 * @throws DrillError `BAD_USAGE`
 */
export async function checkProgram(name: string): Promise<void> {
  const found = name.includes("/")
    ? await isProgram(resolve(name))
    : (await findOnPath(name, process.env)) !== undefined;
  if (found) return;
  const where = name.includes("/") ? "" : " on PATH";
  throw new DrillError("BAD_USAGE", `there is no program ${name}${where}`, {
    hint: "After -- comes a program with its arguments. A command line for a shell: -- sh -c 'a && b'.",
  });
}

/**
 * Runs the command with this process's terminal, and waits for its end. Signals to this process are its own. What it
 * leaves behind is ended.
 *
 * @returns its exit code; 128 and the number of the signal that ended it
 */
export async function runCommand(
  [command, ...args]: readonly [string, ...string[]],
  env: NodeJS.ProcessEnv,
  signals: Signals,
): Promise<number> {
  const guarded = await startGuarded({
    ...{ command, args, env, cwd: process.cwd(), stdio: "inherit", group: "shared" },
  });
  let ending: NodeJS.Timeout | undefined;
  signals.forCommand((name, times) => {
    // Ctrl-C at a terminal reaches the command too: it is in the same group of processes.
    if (name === "SIGINT" && process.stdin.isTTY && times === 1) return;
    guarded.signal(name);
    if (name !== "SIGINT") ending ??= setTimeout(() => guarded.signal("SIGKILL"), TERM_MS);
  });
  try {
    const { code, signal } = await guarded.exit;
    return code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
  } finally {
    signals.over();
    clearTimeout(ending);
    for (const { pid } of guarded.processes()) end(pid);
    await guarded.stop("SIGTERM", LEFT_MS);
  }
}

/** It may have ended meanwhile. */
function end(pid: number): void {
  try {
    process.kill(pid, "SIGTERM");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
