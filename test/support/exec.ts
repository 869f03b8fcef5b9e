import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { waitFor } from "../../src/base/wait.ts";
import { isSame } from "../../src/driver/identity.ts";
import { folder, PROGRAM } from "./cli.ts";

/** Its own: what stands in that of `cli.ts` is ended after each test. */
export const EXEC_STATE = join(folder, "exec-state");

/** Tells its environment, and ends with 3 when its standard input does. */
const HOLDER = `process.stdout.write(JSON.stringify(process.env) + "\\n");
process.stdin.resume().on("end", () => process.exit(3));`;
const HOLD = [process.execPath, "--eval", HOLDER];

/** `exec` as a user starts it, whose standard input the test holds. */
export function startExec(args: readonly string[], command: readonly string[] = HOLD) {
  const child = spawn(process.execPath, [PROGRAM, "exec", ...args, "--", ...command], {
    cwd: folder,
    env: {
      ...process.env,
      VALKEY_DRILL_STATE: EXEC_STATE,
      NO_COLOR: "1",
      REDIS_CLUSTER_NODES: "of-the-shell:1",
    },
    stdio: ["pipe", "pipe", "pipe"],
  });
  const output = { stdout: "", stderr: "" };
  child.stdout.on("data", (chunk) => (output.stdout += chunk));
  child.stderr.on("data", (chunk) => (output.stderr += chunk));
  const ended = new Promise<{
    code: number | null;
    signal: NodeJS.Signals | null;
    stdout: string;
    stderr: string;
  }>((done) => child.on("close", (code, signal) => done({ code, signal, ...output })));
  const told = () =>
    waitFor(
      () => {
        if (child.exitCode !== null) throw new Error(`it has ended: ${output.stderr}`);
        return output.stdout.includes("\n")
          ? { done: true, value: JSON.parse(output.stdout.split("\n")[0] ?? "") as Record<string, string> }
          : { done: false, seen: output.stderr };
      },
      { what: "the command to tell its environment", timeoutMs: 60_000 },
    );
  return { child, output, ended, told, letGo: () => child.stdin.end() };
}

export interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into it
  readonly body: any;
  readonly text: string;
}

/** Any HTTP request, whatever it says of itself; of a body that is announced only, nothing is sent. */
export function ask(
  url: string,
  method = "GET",
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const text = body === undefined || typeof body === "string" ? body : JSON.stringify(body);
  const type = method === "GET" ? {} : { "content-type": "application/json" };
  return new Promise((resolve, reject) => {
    const asked = request(url, { method, headers: { ...type, ...headers } }, (response) => {
      let got = "";
      response.on("data", (chunk) => (got += chunk));
      response.on("close", () => asked.destroy());
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text: got, body: parsed(got) }));
      response.on("error", reject);
    });
    asked.on("error", reject);
    if (headers["content-length"] === undefined) asked.end(text);
    else asked.flushHeaders();
  });
}

/** Of everything that `exec` has made in the state folder: nothing may be left. */
export function leftovers(): string[] {
  return ["environments", "ports", "topologies"].flatMap((name) => {
    const dir = join(EXEC_STATE, name);
    return existsSync(dir) ? readdirSync(dir).map((file) => join(name, file)) : [];
  });
}

/** The nodes of the environments that run, as the state folder has them. */
export function recordedNodes() {
  const dir = join(EXEC_STATE, "environments");
  const records = existsSync(dir) ? readdirSync(dir).filter((name) => name.endsWith(".json")) : [];
  const nodes = records.flatMap((name) => JSON.parse(readFileSync(join(dir, name), "utf8")).nodes ?? []);
  return nodes.flatMap(({ name, process }) =>
    process && isSame(process) ? [{ name, pid: process.pid as number }] : [],
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
