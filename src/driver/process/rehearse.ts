import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Look, waitFor } from "../../base/wait.ts";
import { messageOf } from "../../model/errors.ts";
import { adminOf } from "../../valkey/admin.ts";
import type { ValkeyServer } from "../../valkey/server.ts";
import { REHEARSAL_SOCKET, type Rehearsal, type Rehearsed } from "../driver.ts";
import { nodeCommand } from "./launch.ts";

/** A server answers within some 10 ms, or has said why it does not. */
const START_MS = 15_000;

/**
 * Starts the server in a folder of its own, asks, and ends it. @throws DrillError `DEADLINE` if it neither
 * answers nor ends
 */
export async function rehearseServer(server: ValkeyServer, rehearsal: Rehearsal): Promise<Rehearsed> {
  const dir = await mkdtemp(join(tmpdir(), "valkey-drill-try-"));
  let child: ChildProcess | undefined;
  let gone: Promise<void> = Promise.resolve();
  let log = "";
  try {
    for (const [name, text] of Object.entries(rehearsal.files))
      await writeFile(join(dir, name), text, { mode: 0o600 });
    const { words, env } = nodeCommand(server, rehearsal.program);
    child = spawn(server.command, words, { cwd: dir, env, stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding("utf8").on("data", (text: string) => {
        log += text;
      });
    let ended = false;
    gone = new Promise((resolve) => {
      const end = () => {
        ended = true;
        resolve();
      };
      child?.once("close", end);
      child?.once("error", (error) => {
        log += messageOf(error);
        end();
      });
    });
    const replies = await asked(join(dir, REHEARSAL_SOCKET), rehearsal, () => ended);
    return { log, replies };
  } finally {
    child?.kill("SIGKILL");
    await gone;
    await rm(dir, { recursive: true, force: true });
  }
}

async function asked(path: string, { login, commands }: Rehearsal, ended: () => boolean) {
  const admin = adminOf({ host: path, port: 0 }, { login });
  const look = async (): Promise<Look<boolean>> => {
    if (ended()) return { done: true, value: false };
    await admin.call(["PING"]);
    return { done: true, value: true };
  };
  try {
    const started = await waitFor(look, {
      what: "a server to answer on its socket",
      timeoutMs: START_MS,
      intervalMs: 10,
    });
    if (!started) return undefined;
    const replies = await admin.replies(commands);
    return replies.map((reply) => (reply instanceof Error ? reply.message : String(reply)));
  } finally {
    admin.close();
  }
}
