import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../test/support/temporary.ts";
import { docker, tryDocker } from "./docker-cli.ts";

/* How the command is run, with a program of that name; what a real engine says is in the tests with containers. */

function programNamedDocker(script: string): Record<string, string> {
  const folder = temporaryFolder("docker-command");
  const path = join(folder, "docker");
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return { PATH: `${folder}:${process.env.PATH}` };
}

test("gives what it printed, all of it, and what it was given", async () => {
  const env = {
    ...programNamedDocker('echo "$MARK $*"; head -c 2000000 /dev/zero | tr "\\0" x'),
    MARK: "mine",
  };
  const text = await docker(["logs", "a b"], { env });
  expect(text.startsWith("mine logs a b\n")).toBe(true);
  expect(text).toHaveLength("mine logs a b\n".length + 2_000_000);
});

test("a bad exit code is an answer, or an error that says what docker said", async () => {
  const env = programNamedDocker("echo half; echo 'No such image: x' >&2; exit 125");
  expect(await tryDocker(["run"], { env })).toEqual({
    code: 125,
    stdout: "half\n",
    stderr: "No such image: x\n",
  });
  await expect(docker(["run"], { env })).rejects.toMatchObject({ code: "NO_IMAGE" });
});

test("one that is not there, or does not answer in time, is an error that says what to do", async () => {
  const none = { PATH: temporaryFolder("no-docker-command") };
  await expect(docker(["ps"], { env: none })).rejects.toMatchObject({
    code: "NO_DOCKER",
    hint: expect.stringContaining("--driver process"),
  });
  const slow = docker(["ps", "-a", "-q"], { env: programNamedDocker("exec sleep 30"), timeoutMs: 200 });
  await expect(slow).rejects.toMatchObject({ code: "DEADLINE", message: "waited 200 ms for docker ps -a" });
});

test("one that was ended by somebody else is no answer", async () => {
  const killed = docker(["ps"], { env: programNamedDocker("kill -KILL $$") });
  await expect(killed).rejects.toThrow(/was ended by SIGKILL/);
});

test("an abort ends it, and throws the reason", async () => {
  const stop = new AbortController();
  const running = docker(["ps"], { env: programNamedDocker("exec sleep 30"), signal: stop.signal });
  stop.abort(new Error("Ctrl-C"));
  await expect(running).rejects.toThrow("Ctrl-C");
});
