import { expect, test } from "vitest";
import { firstLines, lastLines, runProgram } from "./run-program.ts";

const options = { env: process.env, timeoutMs: 5_000 };
const sh = (script: string, more = {}) => runProgram("/bin/sh", ["-c", script], { ...options, ...more });

test("an exit code is an answer; both streams are kept", async () => {
  const finished = await sh("echo one; echo two; echo three >&2; exit 3");
  expect(finished).toEqual({ code: 3, stdout: "one\ntwo\n", stderr: "three\n", problem: undefined });
  expect(firstLines(finished, 1)).toBe("one");
  expect(lastLines(finished, 2)).toBe("two\nthree");
});

test("a program that is not there, or cannot be one, is a problem and not an exception", async () => {
  expect((await runProgram("/no/such/program", [], options)).problem).toContain("ENOENT");
  expect((await runProgram("/bin/\0sh", [], options)).problem).toContain("null bytes");
  expect((await sh("kill -SEGV $$")).problem).toBe("was ended by SIGSEGV");
});

test("one that does not end is killed when the time is up", async () => {
  const finished = await sh("echo $$; exec sleep 30", { timeoutMs: 200 });
  expect(finished.problem).toBe("did not end within 200 ms");
  expect(() => process.kill(Number(finished.stdout), 0)).toThrow("ESRCH");
});

test("one that prints without end does not fill our memory", async () => {
  const finished = await runProgram("yes", ["x".repeat(1000)], { ...options, timeoutMs: 300 });
  expect(finished.problem).toBe("did not end within 300 ms");
  expect(finished.stdout.length).toBeLessThan(2 * 1024 * 1024);
});

test("one that has ended, while a child of it holds its output, is not waited for without end", async () => {
  const finished = await sh("sleep 3 & echo started", { timeoutMs: 200 });
  expect(finished).toMatchObject({
    code: 0,
    stdout: "started\n",
    problem: "did not close its output within 200 ms",
  });
});

test("one that is asked to end may undo what it did first", async () => {
  const finished = await sh("trap 'exit 5' TERM; while :; do sleep 0.05; done", {
    timeoutMs: 300,
    endWith: "SIGTERM",
  });
  expect(finished).toMatchObject({ code: 5, why: "late" });
});

test("it says why it has no answer, in one word, and keeps as much as it was asked to", async () => {
  expect((await runProgram("/no/such/program", [], options)).why).toBe("not-started");
  expect((await sh("kill -SEGV $$")).why).toBe("signal");
  expect((await sh("exec sleep 30", { timeoutMs: 100 })).why).toBe("late");
  expect((await sh("exit 1")).why).toBeUndefined();
  const long = "head -c 3000000 /dev/zero | tr '\\0' x";
  expect((await sh(long, { keptCharacters: Infinity })).stdout).toHaveLength(3_000_000);
});

test("an abort kills it and throws the reason", async () => {
  const stop = new AbortController();
  const reason = new Error("Ctrl-C");
  const running = sh("exec sleep 30", { signal: stop.signal });
  stop.abort(reason);
  await expect(running).rejects.toBe(reason);
  await expect(sh("exit 0", { signal: stop.signal })).rejects.toBe(reason);
});
