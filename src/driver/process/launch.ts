import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, existsSync, fstatSync, openSync } from "node:fs";
import { messageOf } from "../../model/errors.ts";
import type { NodePlan } from "../../model/plan.ts";
import type { ValkeyServer } from "../../valkey/server.ts";
import { identify, type ProcessIdentity } from "../identity.ts";
import { lacksFileLimit } from "./capabilities/disk.ts";

export interface Launch {
  readonly server: ValkeyServer;
  readonly plan: NodePlan;
  /** The node's folder. */
  readonly dir: string;
  readonly logPath: string;
}

/** A server process just started: whether it will answer is not known yet. */
export interface Started {
  readonly child: ChildProcess;
  /** Undefined if it ended at once, or could not be started at all. */
  readonly identity: ProcessIdentity | undefined;
  readonly exited: Promise<Exit>;
  /** How long the log was before this start. */
  readonly logOffset: number;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The program could not be started at all. */
  readonly error?: Error;
}

/**
 * Starts a server in the node's folder, where its configuration's relative paths lead, and where it is found should
 * we die before its pid is written down. `detached` gives it a session of its own: Ctrl-C in the terminal is for
 * the drill, which stops its nodes in order.
 */
export function launch({ server, plan, dir, logPath }: Launch): Started {
  const { words, env } = nodeCommand(server, plan.program);
  const [command, args] = surviving(server.command, words);
  const log = openSync(logPath, "a");
  try {
    const logOffset = fstatSync(log).size;
    const child = spawn(command, args, { cwd: dir, env, stdio: ["ignore", log, log], detached: true });
    const exited = new Promise<Exit>((resolve) => {
      child.once("error", (error) => resolve({ code: null, signal: null, error }));
      child.once("exit", (code, signal) => resolve({ code, signal }));
    });
    return { child, identity: child.pid === undefined ? undefined : identify(child.pid), exited, logOffset };
  } finally {
    closeSync(log);
  }
}

/**
 * What follows the server's command where it is to read the `node.conf` of its folder. The environment is all but
 * empty, so that runs do not depend on it.
 */
export function nodeCommand({ args, env }: ValkeyServer, program: NodePlan["program"]) {
  const { PATH, TZ } = process.env;
  return {
    words: [...args, "node.conf", ...(program === "sentinel" ? ["--sentinel"] : [])],
    env: { ...(PATH && { PATH }), ...(TZ && { TZ }), ...env },
  };
}

/**
 * With SIGXFSZ ignored, which then stays so: a write beyond a limit on the size of files is refused, instead of ending
 * the server. A program that is not there is left to `spawn`, which says so.
 */
function surviving(command: string, args: string[]): [command: string, args: string[]] {
  if (lacksFileLimit() !== undefined || !existsSync(command)) return [command, args];
  return ["/bin/sh", ["-c", `trap '' XFSZ; exec "$@"`, "sh", command, ...args]];
}

/** For an error: what became of a node that should have started. */
export function describeExit({ code, signal, error }: Exit): string {
  if (error) return `could not be started: ${messageOf(error)}`;
  return code === null
    ? `was ended by ${signal} while starting`
    : `ended with exit code ${code} while starting`;
}
