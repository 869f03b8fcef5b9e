/*
 *   startGuarded ─▶ guardian (a shell that waits on a pipe) ── pipe ends without a word ─▶ kills all of it
 *        └────────▶ command, in a process group of its own, with a token in its environment
 */
import { type ChildProcess, type StdioOptions, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { statSync } from "node:fs";
import { waitFor } from "../base/wait.ts";
import { startGuardianShell } from "../driver/guardian-shell.ts";
import { identify } from "../driver/identity.ts";
import { DrillError } from "../model/errors.ts";
import { GUARD_PROGRAM } from "./guard-program.ts";
import { type AppProcess, ProcessFamily, TOKEN_VARIABLE } from "./processes.ts";
import { shellText } from "./shell-command.ts";

export interface GuardedOptions {
  /** A program with `args`; without them a command line, which `/bin/sh` runs. */
  readonly command: string;
  readonly args?: readonly string[];
  readonly cwd: string;
  /** Its whole environment, but for the token that is added. */
  readonly env: NodeJS.ProcessEnv;
  /** As for `spawn`: `inherit` gives it this process's terminal. */
  readonly stdio: StdioOptions;
  /**
   * `own`: a process group of its own, which is signalled as a whole. `shared`: it stays in this process's group, and
   * so has its terminal: it gets Ctrl-C from there, reads from it, and is told when the window changes.
   */
  readonly group?: "own" | "shared";
}

/** How a command ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A command that cannot outlive this process, however this process ends. */
export interface Guarded {
  readonly pid: number;
  /** Its streams, where `stdio` has pipes. */
  readonly child: ChildProcess;
  /** Resolves when the command has ended, by itself or not. Its children may still be there until `stop`. */
  readonly exit: Promise<Exit>;
  /** The command and all that belongs to it, as they live now. */
  processes(): AppProcess[];
  /** Signals its process group; where that is shared, the command alone. false: it has ended. */
  signal(name: NodeJS.Signals): boolean;
  /**
   * Asks it to end, waits until nothing of it is left, and kills what is left after `withinMs`. Fine if it has ended:
   * what it left behind ends too. Called twice, both resolve when it is done.
   *
   * @returns whether something had to be killed
   * @throws DrillError `DEADLINE` if the kernel does not remove a killed process
   */
  stop(signal?: NodeJS.Signals, withinMs?: number): Promise<{ readonly killed: boolean }>;
}

/** The kernel may take its time to remove a killed process where the machine is busy. */
const KILLED_MS = 10_000;

/**
 * Starts a command that cannot outlive this process: a guardian ends it, and all that belongs to it, when this process
 * dies, be it by SIGKILL.
 *
 * @throws DrillError `START_FAILED`: there is no such program, or no such folder
 */
export async function startGuarded(options: GuardedOptions): Promise<Guarded> {
  const { command, args, cwd, env, stdio, group = "own" } = options;
  const token = randomBytes(12).toString("hex");
  const guardian = startGuardianShell(GUARD_PROGRAM, [token]);
  const [file, words] = args === undefined ? ["/bin/sh", ["-c", shellText(command, env)]] : [command, args];
  const child = spawn(file, words, {
    cwd,
    env: { ...env, [TOKEN_VARIABLE]: token },
    stdio,
    detached: group === "own",
  });
  const exit = new Promise<Exit>((resolve) => {
    child.once("exit", (code, signal) => resolve({ code, signal }));
  });
  try {
    await new Promise<void>((resolve, reject) => {
      child.once("spawn", resolve);
      child.once("error", reject);
    });
  } catch (error) {
    await guardian.dismiss();
    throw startFailure(options, error as NodeJS.ErrnoException);
  }
  child.on("error", () => {}); // signals are sent by process.kill: nothing else is left that could fail
  const pid = child.pid as number;
  // A command that has ended already has left its pid to nobody: Node has not yet waited for it, or tells at once.
  const leader = identify(pid) ?? { pid, startTime: "ended" };
  guardian.tell(`${pid}:${encodeURIComponent(leader.startTime.split("@")[0] ?? "")}`);
  const family = new ProcessFamily(leader, token);
  let ended = false;
  void exit.then(() => {
    ended = true;
  });
  const signal = (name: NodeJS.Signals): boolean => {
    // Node keeps the pid until it has told the exit; a group keeps its number while somebody is in it.
    if (group === "shared") return !ended && sent(pid, name);
    return (!ended || family.living().length > 0) && sent(-pid, name);
  };
  const kill = () => {
    if (process.platform !== "linux") sent(group === "own" ? -pid : pid, "SIGKILL");
    for (const one of family.living()) sent(one.pid, "SIGKILL");
  };
  const stop = async (name: NodeJS.Signals, withinMs: number) => {
    signal(name);
    let killed = false;
    const untilGone = (timeoutMs: number, each: () => void) =>
      waitFor(
        () => {
          const living = family.living();
          if (living.length === 0 && ended) return { done: true, value: undefined };
          each();
          return { done: false, seen: `still there: ${living.map((one) => `pid ${one.pid}`).join(", ")}` };
        },
        { what: `${command} to end`, timeoutMs, intervalMs: 10 },
      );
    try {
      await untilGone(withinMs, () => {});
    } catch (error) {
      if (!(error instanceof DrillError && error.code === "DEADLINE")) throw error;
      killed = true;
      await untilGone(KILLED_MS, kill);
    }
    await guardian.dismiss();
    return { killed };
  };
  let stopping: ReturnType<typeof stop> | undefined;
  return {
    pid,
    child,
    exit,
    processes: () => family.living(),
    signal,
    stop: (name = "SIGTERM", withinMs = 10_000) => {
      stopping ??= stop(name, withinMs);
      return stopping;
    },
  };
}

/** false: there is nobody any more. */
function sent(pid: number, name: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
    throw error;
  }
}

function startFailure({ command, args, cwd }: GuardedOptions, cause: NodeJS.ErrnoException): DrillError {
  const isFolder = statSync(cwd, { throwIfNoEntry: false })?.isDirectory() ?? false;
  if (!isFolder)
    return new DrillError("START_FAILED", `there is no folder ${cwd} to run ${command} in`, { cause });
  const what = args === undefined ? "/bin/sh" : command;
  const why = cause.code === "ENOENT" ? "there is no such program" : cause.message;
  return new DrillError("START_FAILED", `${what} cannot be started: ${why}`, {
    cause,
    hint: "Give the path of a program, or the name of one that is on PATH.",
  });
}
