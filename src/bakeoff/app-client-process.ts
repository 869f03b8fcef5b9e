import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { extname } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import type { Ask, Orders, Said } from "./child/messages.ts";

/** Beside this module, in the same form: from TypeScript sources only a Node that runs them can start it. */
const PROGRAM = fileURLToPath(new URL(`./child/main${extname(import.meta.url)}`, import.meta.url));

/** How it ended. */
export interface AppClientExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface AppClientProcess {
  ask(what: Ask): void;
  /** Resolves once it has ended, and everything that it said was heard. */
  readonly exited: Promise<AppClientExit>;
  /** Undefined while it runs. */
  readonly exit: AppClientExit | undefined;
  /** Ends it, whatever it does. Resolves once it has ended. */
  kill(): Promise<void>;
}

export interface AppClientOptions {
  readonly orders: Orders;
  /** What it prints goes there, straight: a pipe that nobody empties would hold it up. */
  readonly logPath: string;
  readonly onSaid: (said: Said) => void;
  /** What to run in place of the program beside this module. */
  readonly program?: string;
}

/**
 * Starts the process of an app client, in a session of its own: Ctrl-C in the terminal is for the drill. It ends when this process
 * does, however that died, and even if its loop stands still: a shell waits on a pipe from here, and kills it.
 */
export function startAppClient({ orders, logPath, onSaid, program }: AppClientOptions): AppClientProcess {
  const log = openSync(logPath, "a");
  const { PATH } = process.env;
  const env = PATH ? { PATH } : {};
  const child = spawn(process.execPath, [program ?? PROGRAM], {
    cwd: "/",
    env,
    stdio: ["pipe", log, log, "pipe"],
    detached: true,
  });
  closeSync(log);
  child.stdin?.on("error", () => undefined); // it has ended: that is told by its exit
  const watcher = child.pid === undefined ? undefined : watch(child.pid, env);
  const heard = new Promise<void>((resolve) => {
    const lines = createInterface({ input: child.stdio[3] as Readable });
    lines.on("line", (line) => {
      const said = parsed(line);
      if (said) onSaid(said);
    });
    lines.on("close", resolve);
  });
  let exit: AppClientExit | undefined;
  const exited = exitOf(child).then(async (how) => {
    watcher?.kill("SIGKILL");
    await heard;
    exit = how;
    return how;
  });
  child.stdin?.write(`${JSON.stringify(orders)}\n`);
  return {
    ask: (what) => child.stdin?.write(`${what}\n`),
    exited,
    get exit() {
      return exit;
    },
    kill: async () => {
      child.kill("SIGKILL");
      await exited;
    },
  };
}

function watch(pid: number, env: NodeJS.ProcessEnv): ChildProcess {
  const wait = `trap '' INT TERM HUP; read -r word; kill -9 "$1" 2>/dev/null`;
  const watcher = spawn("/bin/sh", ["-c", wait, "valkey-drill-watcher", String(pid)], {
    cwd: "/",
    env,
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  });
  watcher.on("error", () => {}); // without it, the app client still ends when its standard input does
  watcher.stdin?.on("error", () => {});
  return watcher;
}

/** A line that a crash cut off is no line. */
function parsed(line: string): Said | undefined {
  try {
    return JSON.parse(line) as Said;
  } catch {
    return undefined;
  }
}

function exitOf(child: ChildProcess): Promise<AppClientExit> {
  return new Promise((resolve) => {
    child.once("exit", (code, signal) => resolve({ code, signal }));
    child.once("error", () => resolve({ code: null, signal: null }));
  });
}
