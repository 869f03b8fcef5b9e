import { realpath } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { isProgram } from "./on-path.ts";
import { type Finished, firstLines, runProgram } from "./run-program.ts";
import type { ServerCommand, ValkeyServer } from "./server.ts";
import { isAtLeast } from "./version.ts";

/** `--version` answers in some 10 ms; a program that takes this long is something else. */
const VERSION_TIMEOUT_MS = 5_000;

/** The oldest we drive: Valkey began with 7.2; Redis 7.0 has the same commands, as far as drills use them. */
const OLDEST = { valkey: "7.2", redis: "7.0" } as const;

/** What a program said of itself, or why it is no server for us: what was run, and what it printed. */
export type VersionAnswer =
  | { readonly ok: true; readonly flavour: ValkeyServer["flavour"]; readonly version: string }
  | { readonly ok: false; readonly problem: string };

/** Runs `--version`. Valkey prints `Valkey server v=8.1.1 sha=…`, Redis `Redis server v=7.0.15 sha=…`. */
export async function askVersion(
  program: ServerCommand,
  env: NodeJS.ProcessEnv,
  signal?: AbortSignal,
): Promise<VersionAnswer> {
  const { shown, finished } = await runVersion(program, env, signal);
  const said = /^(Valkey|Redis) server v=(\d+(?:\.\d+)+\S*)/m.exec(finished.stdout);
  if (!said || finished.code !== 0) return { ok: false, problem: `${shown} ${whatHappened(finished)}` };

  const flavour = said[1] === "Valkey" ? "valkey" : "redis";
  const version = said[2] ?? "";
  if (!isAtLeast(version, OLDEST[flavour])) {
    return {
      ok: false,
      problem: `${shown} says ${said[1]} ${version}, older than ${OLDEST[flavour]}, the oldest that is supported`,
    };
  }
  return { ok: true, flavour, version };
}

/** The `valkey-cli` or `redis-cli` beside an installed server, if it is of the same version. */
export async function cliBeside(
  server: string,
  answer: VersionAnswer & { ok: true },
  env: NodeJS.ProcessEnv,
  signal?: AbortSignal,
): Promise<ServerCommand | undefined> {
  for (const folder of new Set([dirname(server), dirname(await realpath(server))])) {
    const command = join(folder, `${answer.flavour}-cli`);
    if (!(await isProgram(command))) continue;
    const cli = { command, args: [], env: {} };
    if (await isCliOf(answer.version, cli, env, signal)) return cli;
  }
  return undefined;
}

/** Does this client say that it is of that version? It prints `valkey-cli 8.1.1`. */
export async function isCliOf(
  version: string,
  cli: ServerCommand,
  env: NodeJS.ProcessEnv,
  signal?: AbortSignal,
): Promise<boolean> {
  const { finished } = await runVersion(cli, env, signal);
  return /^(?:valkey|redis)-cli (\S+)/.exec(finished.stdout)?.[1] === version;
}

async function runVersion(program: ServerCommand, env: NodeJS.ProcessEnv, signal?: AbortSignal) {
  const args = [...program.args, "--version"];
  const finished = await runProgram(program.command, args, {
    env: { ...env, ...program.env },
    timeoutMs: VERSION_TIMEOUT_MS,
    signal,
  });
  return { shown: `"${[program.command, ...args].join(" ")}"`, finished };
}

function whatHappened(finished: Finished): string {
  if (finished.problem) return `failed: ${finished.problem}; it printed ${firstLines(finished)}`;
  return `printed (exit code ${finished.code}): ${firstLines(finished)}`;
}

/** Started under such a name, the server becomes a Sentinel (`strstr(argv[0], "valkey-sentinel")`). */
export function isSentinelName(path: string): boolean {
  return basename(path).includes("sentinel");
}
