import { type ChildProcess, spawn } from "node:child_process";
import { deadline } from "../base/deadline.ts";
import { messageOf } from "../model/errors.ts";

/** Output kept of each stream: more than most answers that we read, little enough for a program that never stops. */
const KEPT_CHARACTERS = 1024 * 1024;
/** A program that was asked to end, and does not, is killed after this time. */
const GRACE_MS = 5000;

export interface RunOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly timeoutMs: number;
  readonly cwd?: string;
  /** Its standard input, whole; default: none. */
  readonly input?: string;
  readonly signal?: AbortSignal;
  /** Output kept of each stream; default one million characters. What comes after it is dropped. */
  readonly keptCharacters?: number;
  /** When the time is up or `signal` aborts: `SIGTERM` for a program that has something to undo; default `SIGKILL`. */
  readonly endWith?: "SIGTERM" | "SIGKILL";
}

/** How a program ended. `problem`, and `why` in one word, are set when it could not be run or did not end by itself. */
export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly problem?: string;
  readonly why?: "not-started" | "late" | "signal";
}

/**
 * Runs a program to its end, without a shell. A bad exit code is an answer, not an exception.
 * When the time is up or `signal` aborts, the program is killed and its end awaited.
 *
 * @throws the reason of `signal`, and nothing else
 */
export async function runProgram(
  command: string,
  args: readonly string[],
  options: RunOptions,
): Promise<Finished> {
  const { keptCharacters = KEPT_CHARACTERS, endWith = "SIGKILL" } = options;
  options.signal?.throwIfAborted();
  const finished = await new Promise<Finished>((resolve) => {
    const child = start(command, args, options);
    if (child instanceof Error)
      return resolve({ code: null, stdout: "", stderr: "", problem: child.message, why: "not-started" });
    let stdout = "";
    let stderr = "";
    let late = false;
    let grace: NodeJS.Timeout | undefined;

    const finish = (code: number | null, why?: Finished["why"], problem?: string) => {
      end();
      clearTimeout(grace);
      options.signal?.removeEventListener("abort", kill);
      // A grandchild may still hold these pipes; without this it would keep our process alive.
      child.stdout?.destroy();
      child.stderr?.destroy();
      resolve({ code, stdout, stderr, problem, why });
    };
    const kill = () => {
      const exited = child.exitCode !== null || child.signalCode !== null;
      late = true;
      if (exited)
        return finish(child.exitCode, "late", `did not close its output within ${options.timeoutMs} ms`);
      child.kill(endWith);
      grace ??= setTimeout(() => child.kill("SIGKILL"), GRACE_MS);
    };
    const end = deadline(options.timeoutMs, kill);
    options.signal?.addEventListener("abort", kill, { once: true });

    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      if (stdout.length < keptCharacters) stdout += text;
    });
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      if (stderr.length < keptCharacters) stderr += text;
    });
    child.on("error", (error) => finish(null, "not-started", error.message));
    child.on("exit", (code) => {
      if (late) finish(code, "late", `did not end within ${options.timeoutMs} ms`);
    });
    child.on("close", (code, signal) => {
      if (signal === null) finish(code);
      else finish(code, "signal", `was ended by ${signal}`);
    });
  });
  options.signal?.throwIfAborted();
  return finished;
}

/** Some failures to start (no such file) come as an event, others (a path that cannot be one) are thrown. */
function start(
  command: string,
  args: readonly string[],
  { env, cwd, input }: RunOptions,
): ChildProcess | Error {
  try {
    const child = spawn(command, args, {
      env,
      cwd,
      stdio: [input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
    });
    child.stdin?.on("error", () => {}); // it ended before it had read all: its exit code says why
    child.stdin?.end(input);
    return child;
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
