import { type ChildProcess, spawn } from "node:child_process";
import { request } from "node:http";
import { join } from "node:path";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { waitFor } from "../../src/base/wait.ts";
import { testServer } from "./server.ts";
import { ROOT } from "./structure.ts";

/** A command with `--ui`, as a user has it. */
export interface LiveProgram {
  readonly child: ChildProcess;
  readonly url: string;
  /** The document of `--json`, once it is printed. */
  document<T>(): Promise<T>;
  /** Ctrl-C. Resolves to its exit code. */
  interrupt(): Promise<number | null>;
}

const START_MS = 60_000;

/** Starts `valkey-drill …` from the build, and waits for the address of its page. */
export async function liveProgram(args: readonly string[]): Promise<LiveProgram> {
  await testServer(); // in the cache, so that it is found at once
  const main = join(ROOT, "dist/cli/main.js");
  const child = spawn(process.execPath, [main, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const seen = { stdout: "", stderr: "" };
  child.stdout?.on("data", (bytes) => {
    seen.stdout += bytes;
  });
  child.stderr?.on("data", (bytes) => {
    seen.stderr += bytes;
  });
  const ended = new Promise<number | null>((resolve) => child.once("exit", (code) => resolve(code)));
  const url = await waitFor(
    () => {
      const value = /http:\/\/127\.0\.0\.1:\d+\/\S+/.exec(seen.stdout + seen.stderr)?.[0];
      if (value !== undefined) return { done: true, value };
      return { done: false, seen: `exit ${child.exitCode}, ${seen.stderr}` };
    },
    { what: "the address of the page", timeoutMs: START_MS },
  );
  return {
    child,
    url,
    document: () =>
      waitFor(() => ({ done: true, value: JSON.parse(seen.stdout) }), {
        what: "the document on standard output",
        timeoutMs: START_MS,
      }),
    interrupt: () => {
      if (child.exitCode === null) child.kill("SIGINT");
      return ended;
    },
  };
}

/** A page with what it complained of. */
export interface LivePage {
  readonly page: Page;
  readonly complaints: readonly string[];
}

export async function openLive(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<LivePage> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("console", (message) => complaints.push(`${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => complaints.push(`error: ${error.message}`));
  page.on("dialog", (dialog) => complaints.push(`dialog: ${dialog.message()}`));
  await page.goto(url);
  await page.waitForSelector("main.live");
  return { page, complaints };
}

export interface Asked {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** A request with any headers, as no browser would send it; resolves to its status and headers. */
export function ask(url: string, { method = "GET", path, headers = {}, body }: Asked = {}) {
  const { hostname, port, pathname } = new URL(url);
  return new Promise<{ status: number; headers: Readonly<Record<string, unknown>>; text: string }>(
    (resolve, reject) => {
      const sent = request({ hostname, port, path: path ?? pathname, method, headers }, (answer) => {
        let text = "";
        answer.setEncoding("utf8");
        answer.on("data", (part) => {
          text += part;
        });
        answer.on("end", () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text }));
      });
      sent.on("error", reject);
      sent.end(body);
    },
  );
}
