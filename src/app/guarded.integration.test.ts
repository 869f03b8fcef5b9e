import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { build } from "../../test/support/build.ts";
import { waitFor } from "../base/wait.ts";
import { identify, isSame, type ProcessIdentity } from "../driver/identity.ts";
import { type Guarded, type GuardedOptions, startGuarded } from "./guarded.ts";

let dir: string;
let guarded: Guarded | undefined;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "guarded-"));
});
afterEach(async () => {
  await guarded?.stop("SIGKILL", 0);
  guarded = undefined;
  await rm(dir, { recursive: true });
});

const start = async (options: Pick<GuardedOptions, "command" | "args">) => {
  guarded = await startGuarded({ cwd: dir, env: process.env, stdio: "ignore", ...options });
  return guarded;
};

/** A shell line that writes its pid to a file and sleeps. */
const sleeper = (file: string) => `sh -c 'echo $$ > ${file}; exec sleep 1000'`;
const pidIn = (file: string): Promise<ProcessIdentity> =>
  waitFor(
    () => {
      const found = identify(Number(readFileSync(join(dir, file), "utf8")));
      return found ? { done: true, value: found } : { done: false, seen: "no such process" };
    },
    { what: `a living pid in ${file}`, timeoutMs: 20_000 },
  );
const gone = (processes: readonly ProcessIdentity[]) =>
  waitFor(
    () => {
      const left = processes.filter(isSame);
      return left.length === 0
        ? { done: true, value: "gone" }
        : { done: false, seen: `pids ${left.map(({ pid }) => pid)}` };
    },
    { what: "them to be gone", timeoutMs: 20_000 },
  );

/** Children of each sort: in the group, in a session of its own, one whose parent has ended, one without a token. */
const FAMILY = [
  `${sleeper("group")} &`,
  `setsid ${sleeper("session")} &`,
  `(setsid ${sleeper("orphan")} &)`,
  `env -i ${sleeper("bare")} &`,
  "wait",
].join("\n");
const MEMBERS = ["group", "session", "orphan", "bare"];

describe("a guarded command", () => {
  it("tells how it ended", async () => {
    const { exit } = await start({ command: "exit 7" });
    expect(await exit).toEqual({ code: 7, signal: null });
  });

  it("runs a program with its arguments as they are, without a shell", async () => {
    const args = ["-e", 'process.exit(process.argv[1] === "it\'s $HOME" ? 3 : 4)', "it's $HOME"];
    const { exit } = await start({ command: process.execPath, args });
    expect(await exit).toEqual({ code: 3, signal: null });
  });

  it.runIf(process.platform === "linux")("ends all that belongs to it", async () => {
    const { stop, processes } = await start({ command: FAMILY });
    const members = await Promise.all(MEMBERS.map(pidIn));
    const pids = processes().map(({ pid }) => pid);
    expect(pids).toEqual(expect.arrayContaining(members.map(({ pid }) => pid)));
    await stop("SIGTERM", 500); // who left the group gets no signal but the last one
    expect(members.filter(isSame)).toEqual([]);
    expect(processes()).toEqual([]);
  });

  it("kills what does not end when it is asked to", async () => {
    const deaf = "process.on('SIGTERM', () => {}); console.log('deaf'); setInterval(() => {}, 1000)";
    guarded = await startGuarded({
      ...{ command: process.execPath, args: ["-e", deaf] },
      ...{ cwd: dir, env: process.env, stdio: ["ignore", "pipe", "inherit"] },
    });
    if (guarded.child.stdout) await once(guarded.child.stdout, "data");
    expect(await guarded.stop("SIGTERM", 100)).toEqual({ killed: true });
    expect(await guarded.exit).toEqual({ code: null, signal: "SIGKILL" });
  });

  it("ends what a command that has ended left behind", async () => {
    const { exit, stop } = await start({ command: `${sleeper("left")} &` });
    await exit;
    const left = await pidIn("left");
    await stop("SIGTERM", 10_000);
    expect(isSame(left)).toBe(false);
  });

  it("cannot be started where there is no such program, or no such folder", async () => {
    await expect(start({ command: "no-such-program", args: [] })).rejects.toMatchObject({
      code: "START_FAILED",
      message: "no-such-program cannot be started: there is no such program",
    });
    const nowhere = { command: "true", args: [], env: process.env, stdio: "ignore" as const };
    await expect(startGuarded({ ...nowhere, cwd: join(dir, "nowhere") })).rejects.toMatchObject({
      code: "START_FAILED",
      message: expect.stringContaining("there is no folder"),
    });
  });

  it.runIf(process.platform === "linux")("does not outlive a process that is killed", async () => {
    const built = build(["app/guarded"]);
    try {
      const owner = `const { startGuarded } = await import(${JSON.stringify(built.module("app/guarded"))});
        const [command] = process.argv.slice(1);
        await startGuarded({ command, cwd: process.cwd(), env: process.env, stdio: "ignore" });
        setInterval(() => {}, 1000);`;
      const child = spawn(process.execPath, ["--input-type=module", "-e", owner, FAMILY], {
        cwd: dir,
        stdio: ["ignore", "inherit", "inherit"],
      });
      const members = await Promise.all(MEMBERS.map(pidIn));
      child.kill("SIGKILL");
      await gone(members);
    } finally {
      built.remove();
    }
  });
});
