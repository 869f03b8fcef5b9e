import { type ChildProcess, spawn } from "node:child_process";
import { deadline } from "../base/deadline.ts";
import { messageOf } from "../model/errors.ts";

/** Output kept of each stream: more than any answer we read, little enough for a program that never stops. */
const KEPT_CHARACTERS = 1024 * 1024;

export interface RunOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly timeoutMs: number;
  readonly cwd?: string;
  readonly signal?: AbortSignal;
}

/** How a program ended. `problem` is set when it could not be run, or was ended because it took too long. */
export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly problem?: string;
}

/**
 * Runs a program to its end, without a shell and without input. A bad exit code is an answer, not an exception.
 * When the time is up or `signal` aborts, the program is killed and its end awaited.
 *
 * @throws the reason of `signal`, and nothing else
 */
export async function runProgram(
  command: string,
  args: readonly string[],
  options: RunOptions,
): Promise<Finished> {
  options.signal?.throwIfAborted();
  const finished = await new Promise<Finished>((resolve) => {
    const child = start(command, args, options);
    if (child instanceof Error)
      return resolve({ code: null, stdout: "", stderr: "", problem: child.message });
    let stdout = "";
    let stderr = "";
    let late = false;

    const finish = (code: number | null, problem?: string) => {
      end();
      options.signal?.removeEventListener("abort", kill);
      // A grandchild may still hold these pipes; without this it would keep our process alive.
      child.stdout?.destroy();
      child.stderr?.destroy();
      resolve({ code, stdout, stderr, problem });
    };
    const kill = () => {
      const exited = child.exitCode !== null || child.signalCode !== null;
      late = true;
      if (exited) finish(child.exitCode, `did not close its output within ${options.timeoutMs} ms`);
      else child.kill("SIGKILL");
    };
    const end = deadline(options.timeoutMs, kill);
    options.signal?.addEventListener("abort", kill, { once: true });

    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      if (stdout.length < KEPT_CHARACTERS) stdout += text;
    });
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      if (stderr.length < KEPT_CHARACTERS) stderr += text;
    });
    child.on("error", (error) => finish(null, error.message));
    child.on("exit", (code) => {
      if (late) finish(code, `did not end within ${options.timeoutMs} ms`);
    });
    child.on("close", (code, signal) => {
      finish(code, signal === null ? undefined : `was ended by ${signal}`);
    });
  });
  options.signal?.throwIfAborted();
  return finished;
}

/** Some failures to start (no such file) come as an event, others (a path that cannot be one) are thrown. */
function start(command: string, args: readonly string[], { env, cwd }: RunOptions): ChildProcess | Error {
  try {
    return spawn(command, args, { env, cwd, stdio: ["ignore", "pipe", "pipe"] });
  } catch (error) {
    return error instanceof Error ? error : new Error(messageOf(error));
  }
}

/** The last lines a program wrote, where errors mostly stand; for messages. */
export function lastLines(finished: Finished, count = 6): string {
  return linesOf(finished).slice(-count).join("\n") || "(nothing)";
}

/** The first lines a program wrote, where it mostly says what it is; for messages. */
export function firstLines(finished: Finished, count = 2): string {
  return linesOf(finished).slice(0, count).join("\n") || "(nothing)";
}

function linesOf({ stdout, stderr }: Finished): string[] {
  return `${stdout}\n${stderr}`
    .split("\n")
    .map((line) => line.trim().slice(0, 300))
    .filter((line) => line !== "");
}
