import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { waitFor } from "../../../base/wait.ts";
import { DrillError } from "../../../model/errors.ts";
import { lastLines, runProgram } from "../../../valkey/run-program.ts";
import { identify, isSame, type ProcessIdentity } from "../../identity.ts";
import { programOnPath } from "./on-path.ts";

const PRLIMIT_MS = 5_000;
const ATTACH_MS = 5_000;

/** Why writes cannot be made to fail here; undefined if they can. */
export function lacksFileLimit(): string | undefined {
  if (process.platform !== "linux") return "writes can be made to fail only on Linux";
  return programOnPath("prlimit") ? undefined : "prlimit is missing: sudo apt-get install util-linux";
}

/** Why file systems cannot be made slow here; undefined if they can. */
export function lacksTracer(): string | undefined {
  if (process.platform !== "linux") return "a disk can be made slow only on Linux";
  if (!programOnPath("strace")) return "strace is missing: sudo apt-get install strace";
  return process.getuid?.() === 0 || tracingScope() === 0
    ? undefined
    : "this system lets only root trace a process: sudo sysctl kernel.yama.ptrace_scope=0";
}

/**
 * From now on no file of that process grows by a single byte (RLIMIT_FSIZE, getrlimit(2)): each write that would is refused with
 * EFBIG. Its log is such a file. The servers are started so that the signal that comes with it (SIGXFSZ) does not end them.
 */
export async function limitFiles(of: ProcessIdentity, full: boolean): Promise<void> {
  const args = ["--pid", String(of.pid), `--fsize=${full ? 0 : "unlimited"}:`]; // the soft limit, which may be raised again
  const finished = await runProgram("prlimit", args, { env: process.env, timeoutMs: PRLIMIT_MS });
  if (finished.code === 0 || !isSame(of)) return; // ended meanwhile: there is nothing to limit
  throw new DrillError(
    "COMMAND_FAILED",
    `prlimit ${args.join(" ")}: ${finished.problem ?? lastLines(finished)}`,
  );
}

/**
 * Makes each fsync of that process, in all of its threads and of the children that it forks, take that much longer (strace --inject,
 * strace(1)). Being watched, its other system calls take some microseconds longer as well.
 *
 * @returns strace, which ends with the process; once it is ended, the process goes on as before
 */
export async function slowFsync(of: ProcessIdentity, delayMs: number): Promise<ProcessIdentity> {
  const calls = "fsync,fdatasync,sync_file_range,msync";
  const inject = `inject=${calls}:delay_enter=${Math.round(delayMs * 1000)}`;
  const args = ["-f", "-qqq", "-o", "/dev/null", "-p", String(of.pid), "-e", `trace=${calls}`, "-e", inject];
  const child = spawn("strace", args, { cwd: "/", stdio: ["ignore", "ignore", "pipe"], detached: true });
  let said = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  const failed = new Promise<never>((_, reject) => {
    child.once("error", reject);
    child.once("exit", () => reject(cannotTrace(of, said)));
  });
  failed.catch(() => {}); // it ends with the process, in good order, long after anybody asks
  const attached = waitFor(
    () =>
      tracerOf(of.pid) === child.pid
        ? { done: true, value: undefined }
        : { done: false, seen: "not attached" },
    { what: `strace to attach to process ${of.pid}`, timeoutMs: ATTACH_MS, intervalMs: 5 },
  );
  await Promise.race([attached, failed]).catch((error: unknown) => {
    child.kill("SIGKILL");
    throw error;
  });
  child.unref();
  child.stderr?.destroy();
  const identity = identify(child.pid as number);
  if (identity === undefined) throw cannotTrace(of, said);
  return identity;
}

function cannotTrace({ pid }: ProcessIdentity, said: string): DrillError {
  return new DrillError(
    "COMMAND_FAILED",
    `strace cannot watch process ${pid}: ${said.trim() || "it ended"}`,
    {
      hint: "A process must be traceable for that: sudo sysctl kernel.yama.ptrace_scope=0, or run as root.",
    },
  );
}

function tracerOf(pid: number): number {
  return Number(/^TracerPid:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1]);
}

/** 0: one may trace one's own processes; above: only children, or none. Systems without that rule are like 0. */
function tracingScope(): number {
  try {
    return Number(readFileSync("/proc/sys/kernel/yama/ptrace_scope", "latin1"));
  } catch {
    return 0;
  }
}
