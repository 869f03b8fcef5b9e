import { type ChildProcess, spawn } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { tryBind } from "../src/driver/ports.ts";
import { messageOf } from "../src/model/errors.ts";
import { DEBIAN_KEYRING, findAptTools, openPrivateApt } from "../src/valkey/fetch/apt.ts";
import { findOnPath } from "../src/valkey/on-path.ts";
import { runProgram } from "../src/valkey/run-program.ts";

/** Programs to compare with, and what Debian 12 lacks of them in a plain installation. */
const PACKAGES = [
  ...["haproxy", "liblua5.3-0", "libopentracing-c-wrapper0", "libopentracing1"],
  ...["socat", "libwrap0"],
];
const SUITE = "bookworm";

interface Program {
  readonly path: string;
  readonly env: NodeJS.ProcessEnv;
}

/** HAProxy and socat, where they are to be had; for each other what stands in the way. */
export interface Tools {
  readonly haproxy?: Program;
  readonly socat?: Program;
  readonly problem?: string;
}

/** A proxy that runs. */
export interface RunningProxy {
  readonly pid: number;
  stop(): Promise<void>;
}

/** From PATH; else Debian's packages, unpacked into `dir`: no root, and nothing of the system is touched. */
export async function findTools(
  dir: string,
  tell: (text: string) => void,
  signal: AbortSignal,
): Promise<Tools> {
  const { env } = process;
  const [haproxy, socat] = await Promise.all([
    findOnPath("haproxy", { ...env, PATH: `${env.PATH}:/usr/sbin` }),
    findOnPath("socat", env),
  ]);
  if (haproxy && socat) return { haproxy: { path: haproxy, env }, socat: { path: socat, env } };
  try {
    tell("fetching haproxy and socat from Debian");
    const root = await fetched(dir, signal);
    const library = `${join(root, "usr/lib", TRIPLET)}:${join(root, "lib", TRIPLET)}`;
    const program = (path: string) => ({ path: join(root, path), env: { ...env, LD_LIBRARY_PATH: library } });
    return {
      haproxy: await working(program("usr/sbin/haproxy"), "-v"),
      socat: await working(program("usr/bin/socat"), "-V"),
    };
  } catch (error) {
    return {
      problem: `HAProxy and socat are neither on PATH nor to be had from Debian: ${messageOf(error)}`,
    };
  }
}

/** One thread, plain TCP, nothing else. */
export async function startHaproxy(
  program: Program,
  dir: string,
  host: string,
  port: number,
  to: string,
): Promise<RunningProxy> {
  const config = join(dir, "haproxy.cfg");
  await writeFile(
    config,
    `global
  nbthread 1
defaults
  mode tcp
  timeout connect 5s
  timeout client 60s
  timeout server 60s
listen bench
  bind ${host}:${port}
  server node ${to}:${port}
`,
  );
  return running(program, ["-f", config], host, port);
}

/** A process for each connection, as socat does it. */
export function startSocat(program: Program, host: string, port: number, to: string): Promise<RunningProxy> {
  const listen = `TCP-LISTEN:${port},bind=${host},fork,reuseaddr,nodelay,backlog=128`;
  return running(program, [listen, `TCP:${to}:${port},nodelay`], host, port);
}

/** CPU time that a process has used, in ms. */
export async function cpuMs(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, "latin1");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" "); // fields[0] is field 3
  return (Number(fields[14 - 3]) + Number(fields[15 - 3])) * 10; // clock ticks of 10 ms, as Linux tells them everywhere
}

async function running(
  program: Program,
  args: readonly string[],
  host: string,
  port: number,
): Promise<RunningProxy> {
  const child = spawn(program.path, args, { env: program.env, stdio: "ignore", detached: true });
  const ended = new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
    child.once("error", () => resolve());
  });
  for (let look = 0; look < 500 && (await tryBind(host, port)) === undefined; look += 1) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return { pid: child.pid ?? 0, stop: () => stopped(child, ended) };
}

/** With those that it forked. */
async function stopped(child: ChildProcess, ended: Promise<void>): Promise<void> {
  if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, "SIGKILL");
  await ended;
}

async function fetched(dir: string, signal: AbortSignal): Promise<string> {
  const { env } = process;
  const tools = await findAptTools(env);
  if ("missing" in tools) throw new Error(`no ${tools.missing.join(", ")}`);
  const line = `tools of ${SUITE}`;
  const release = {
    line,
    name: line,
    flavour: "valkey" as const,
    suites: [SUITE],
    packages: PACKAGES,
    withLoader: [],
  };
  const apt = await openPrivateApt(join(dir, "apt"), {
    release,
    tools,
    env,
    keyring: DEBIAN_KEYRING,
    signal,
  });
  const root = join(dir, "root");
  await mkdir(root, { recursive: true });
  for (const file of await apt.download(PACKAGES)) {
    const done = await runProgram(tools.dpkg, ["-x", file, root], { env, timeoutMs: 60_000, signal });
    if (done.code !== 0) throw new Error(done.problem ?? done.stderr);
  }
  return root;
}

/** Debian's name of the folder of libraries. */
const TRIPLET = process.arch === "arm64" ? "aarch64-linux-gnu" : "x86_64-linux-gnu";

async function working(program: Program, flag: string): Promise<Program> {
  const done = await runProgram(program.path, [flag], { env: program.env, timeoutMs: 5_000 });
  if (done.code !== 0) throw new Error(`${program.path} ${flag}: ${done.problem ?? done.stderr}`);
  return program;
}
