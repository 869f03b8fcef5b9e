import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach } from "vitest";
import { isSame } from "../../src/driver/identity.ts";
import { ROOT } from "./structure.ts";

/*
 * The command line as a user has it: the built program, in an empty folder, other processes than this one. Whatever a
 * test leaves running is ended after it.
 */
export const PROGRAM = join(ROOT, "dist/cli/main.js");
export const folder = mkdtempSync(join(tmpdir(), "valkey-drill-cli-"));
export const stateDir = join(folder, "state");

afterAll(() => {
  for (const child of running) child.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

/** Even where the tests themselves run in one. */
const NOT_IN_A_PIPELINE = { GITHUB_ACTIONS: "", GITHUB_STEP_SUMMARY: "" };

/** Not awaited by their tests, which end them. */
const started = new Set<ChildProcess>();
const running = new Set<ChildProcess>();
afterEach(async () => {
  for (const child of started) child.kill("SIGKILL");
  started.clear();
  if (records().length > 0) await cli(["down"]);
});

interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Its test need not wait for its end. */
export function start(args: readonly string[], env: Record<string, string> = {}) {
  const process = launch(args, env);
  started.add(process.child);
  return process;
}

function launch(args: readonly string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    cwd: folder,
    env: { ...process.env, ...NOT_IN_A_PIPELINE, VALKEY_DRILL_STATE: stateDir, NO_COLOR: "1", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  running.add(child);
  child.once("close", () => running.delete(child));
  const output = { stdout: "", stderr: "" };
  child.stdout.on("data", (chunk) => (output.stdout += chunk));
  child.stderr.on("data", (chunk) => (output.stderr += chunk));
  const ended = new Promise<Finished>((done) => child.on("close", (code) => done({ code, ...output })));
  return { child, output, ended };
}

/** Runs the program to its end. */
export const cli = (args: readonly string[], env?: Record<string, string>) => launch(args, env).ended;

/** A scenario file of this test's own. */
export function scenario(name: string, text: string): string {
  const path = join(folder, `${name}.yaml`);
  writeFileSync(path, text);
  return path;
}

/** A drill of a few seconds. */
export const QUICK = `name: quick
description: Kills the primary of a small topology.
topology: { kind: ha, replicas: 1, sentinels: 1, downAfterMs: 500 }
steps:
  - start: unique-writes
  - wait: 500ms
  - inject: { fault: kill, target: primary }
  - await: { condition: promoted, within: 20s }
  - await: { condition: recovered, within: 20s }
expect: { promoted: true }
`;

/** Of the environments that this test's state folder knows. */
function records(): string[] {
  const dir = join(stateDir, "environments");
  if (!existsSync(dir)) return [];
  return readdirSync(dir)
    .filter((file) => file.endsWith(".json"))
    .map((file) => join(dir, file));
}

/** Processes that environments of this test's state folder say are theirs, and that are alive. */
export function livingServers(): number[] {
  return records()
    .flatMap((file) => JSON.parse(readFileSync(file, "utf8")).nodes ?? [])
    .flatMap((node) => (node.process && isSame(node.process) ? [node.process.pid as number] : []));
}
