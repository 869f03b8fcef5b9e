import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { type Look, waitFor } from "../base/wait.ts";
import { statFieldsOf } from "./proc-stat.ts";

/**
 * Which process is meant. A pid alone is handed out again sooner or later; together with the time the process
 * started (and the boot it started in) it is not.
 */
export interface ProcessIdentity {
  readonly pid: number;
  /** Opaque: compare it, do not read it. */
  readonly startTime: string;
}

/** The identity of the process that has this pid now; undefined if there is none, or only a zombie. */
export function identify(pid: number): ProcessIdentity | undefined {
  const sight = lookAt(pid);
  return sight && { pid, startTime: sight.startTime };
}

/** This process. */
export function ownIdentity(): ProcessIdentity {
  own ??= identify(process.pid);
  if (!own) throw new Error(`cannot tell when process ${process.pid}, this one, was started`);
  return own;
}
let own: ProcessIdentity | undefined;

/** Is that very process still there? */
export function isSame(identity: ProcessIdentity): boolean {
  return lookAt(identity.pid)?.startTime === identity.startTime;
}

/** Is that very process there, and is it stopped by SIGSTOP? */
export function runState(identity: ProcessIdentity): "running" | "paused" | "gone" {
  const sight = lookAt(identity.pid);
  if (sight?.startTime !== identity.startTime) return "gone";
  return sight.paused ? "paused" : "running";
}

/**
 * Signals that very process; with `group` its whole process group, which it must lead (children that a server
 * forks to save its data belong to it).
 *
 * @returns false if the process is gone.
 */
export function signal(identity: ProcessIdentity, name: NodeJS.Signals, to: "process" | "group"): boolean {
  if (!isSame(identity)) return false;
  try {
    process.kill(to === "group" ? -identity.pid : identity.pid, name);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
    throw error;
  }
}

/** Resolves once none of them is there any more. @throws DrillError `DEADLINE` */
export async function untilGone(identities: readonly ProcessIdentity[], timeoutMs: number): Promise<void> {
  let left = identities;
  const look = (): Look<undefined> => {
    left = left.filter(isSame);
    if (left.length === 0) return { done: true, value: undefined };
    return { done: false, seen: `still there: ${left.map(({ pid }) => `pid ${pid}`).join(", ")}` };
  };
  await waitFor(look, { what: `${identities.length} processes to end`, timeoutMs, intervalMs: 2 });
}

/**
 * Processes of this program whose working folder is exactly one of these. Only Linux can tell; elsewhere none.
 * Finds what was started in the instant before its pid could be written down.
 */
export function findByFolder(executable: string, folders: ReadonlySet<string>): ProcessIdentity[] {
  if (process.platform !== "linux") return [];
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => linkOf(pid, "exe") === executable && folders.has(linkOf(pid, "cwd") ?? ""))
    .map((pid) => identify(Number(pid)))
    .filter((identity) => identity !== undefined);
}

function linkOf(pid: string, name: "exe" | "cwd"): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/${name}`);
  } catch {
    return undefined; // ended meanwhile, or somebody else's: in either case none of ours
  }
}

interface Sight {
  readonly startTime: string;
  readonly paused: boolean;
}

function lookAt(pid: number): Sight | undefined {
  return process.platform === "linux" ? lookInProc(pid) : askPs(pid);
}

function lookInProc(pid: number): Sight | undefined {
  const field = statFieldsOf(pid);
  const state = field?.(3) ?? "";
  if (field === undefined || "ZX".includes(state)) return undefined;
  return { startTime: `${field(22)}@${bootId()}`, paused: state === "T" };
}

function askPs(pid: number): Sight | undefined {
  let line: string;
  try {
    line = execFileSync("/bin/ps", ["-o", "stat=,lstart=", "-p", String(pid)], {
      encoding: "utf8",
      env: { ...process.env, LC_ALL: "C", TZ: "UTC" },
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
  } catch {
    return undefined; // ps exits 1 where there is no such process
  }
  const [state = "", ...started] = line.split(/\s+/);
  if (state.startsWith("Z")) return undefined;
  return { startTime: `${started.join(" ")}@${bootId()}`, paused: state.startsWith("T") };
}

/** Changes with every boot, so that what was written before a reboot is never taken for something living. */
export function bootId(): string {
  boot ??= (
    process.platform === "linux"
      ? readFileSync("/proc/sys/kernel/random/boot_id", "latin1")
      : execFileSync("/usr/sbin/sysctl", ["-n", "kern.bootsessionuuid"], { encoding: "utf8" })
  ).trim();
  return boot;
}
let boot: string | undefined;
