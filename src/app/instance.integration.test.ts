import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { waitFor } from "../base/wait.ts";
import type { Observed } from "../model/observed.ts";
import { AppInstance, type InstanceOptions } from "./instance.ts";

let dir: string;
let instance: AppInstance | undefined;
let events: Observed["app"][];
let lines: string[];

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "app-instance-"));
  [events, lines] = [[], []];
});
afterEach(async () => {
  await instance?.stop(0);
  await instance?.close();
  instance = undefined;
  await rm(dir, { recursive: true });
});

const never = new AbortController().signal;
const node = (program: string) => `'${process.execPath}' -e '${program}'`;
const made = (command: string, more: Partial<InstanceOptions> = {}) => {
  instance = new AppInstance({
    ...{ name: "app-1", command, cwd: dir, env: process.env, logPath: join(dir, "app-1.log") },
    ready: { stdout: /ready/, withinMs: 30_000 },
    stop: { signal: "SIGTERM", within: 30_000 },
    now: () => Math.round(performance.now() * 1e6),
    onEvent: (event) => events.push(event),
    onLine: (line) => lines.push(line),
    ...more,
  });
  return instance;
};
const told = () => events.map(({ event }) => event);
const until = (event: Observed["app"]["event"]) =>
  waitFor(
    () => {
      const found = events.findLast((one) => one.event === event);
      return found ? { done: true, value: found } : { done: false, seen: told().join() };
    },
    { what: `the event ${event}`, timeoutMs: 30_000 },
  );

const SERVER = node('console.log("ready"); setInterval(() => {}, 1000)');

describe("an instance of an application", () => {
  it("is started, started again and stopped, and each is told", async () => {
    const app = made(SERVER);
    await app.start(never);
    expect(app.processes()).not.toEqual([]);
    if (process.platform === "linux") expect(app.rssBytes()).toBeGreaterThan(1_000_000);
    await app.restart(never);
    await app.stop();
    expect(told()).toEqual([
      "started",
      "ready",
      "stopping",
      "stopped",
      "started",
      "ready",
      "stopping",
      "stopped",
    ]);
    expect(events.map(({ start }) => start)).toEqual([1, 1, 1, 1, 2, 2, 2, 2]);
    expect(app.processes()).toEqual([]);
    await app.close();
    const log = await readFile(join(dir, "app-1.log"), "utf8");
    expect(log.match(/^ready$/gm)).toHaveLength(2);
    expect(log).toContain("start 2");
  });

  it("that ends by itself is told of with its last lines, and can be started again", async () => {
    const app = made(
      node('console.log("ready"); console.error("out of luck"); setTimeout(() => process.exit(3), 50)'),
    );
    await app.start(never);
    const exited = await until("exited");
    expect(exited).toMatchObject({ code: 3, signal: null, lastLines: ["ready", "out of luck"] });
    await app.restart(never);
    expect(told().slice(0, 5)).toEqual(["started", "ready", "exited", "started", "ready"]);
  });

  it("that does not end when it is asked to is killed", async () => {
    const app = made(
      node('process.on("SIGTERM", () => {}); console.log("ready"); setInterval(() => {}, 1000)'),
    );
    await app.start(never);
    await app.stop(100);
    expect(events.at(-1)).toMatchObject({ event: "killed", signal: "SIGKILL" });
  });

  it("is refused with its last words where it ends before it is ready", async () => {
    await expect(made(node('console.log("no luck"); process.exit(4)')).start(never)).rejects.toMatchObject({
      code: "START_FAILED",
      message: expect.stringMatching(/ended before it was ready: exit code 4[\s\S]*no luck/),
    });
  });

  it.each([
    ["with a probe", { listens: { host: "127.0.0.1", port: 9 }, withinMs: 30_000 }],
    ["without", { withinMs: 1 }],
  ])("is refused where there is no such command, %s", async (_, ready) => {
    await expect(made("no-such-command --x", { ready }).start(never)).rejects.toMatchObject({
      code: "START_FAILED",
      message: expect.stringContaining("not found"),
      hint: expect.stringContaining("PATH"),
    });
  });

  it("is refused where it is never ready, and told where it listens instead", async () => {
    const listening = node('require("net").createServer().listen(0, "127.0.0.1")');
    const ready = { listens: { host: "127.0.0.1", port: 9 }, withinMs: 2000 };
    await expect(made(listening, { ready }).start(never)).rejects.toThrow(
      /for app-1 to listen at 127\.0\.0\.1:9.*; last seen: .*ECONNREFUSED.*; it listens at /,
    );
  });

  it("is given up where the drill is", async () => {
    const given = new AbortController();
    const start = made(node("setInterval(() => {}, 1000)")).start(given.signal);
    await until("started");
    given.abort(new Error("enough"));
    await expect(start).rejects.toThrow("enough");
  });
});
