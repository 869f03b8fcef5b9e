import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { REHEARSAL_SOCKET, type Rehearsal, type Rehearsed } from "../driver.ts";
import { docker, tryDocker } from "./docker-cli.ts";
import type { Engine } from "./engine.ts";

const COMMANDS = "commands";
const REPLIES = "--- replies";
/** What is asked stands in a file: nothing secret is on a command line. */
const SCRIPT = `
cd /rehearsal
valkey-server node.conf >log 2>&1 &
server=$!
tries=0
until valkey-cli -s ${REHEARSAL_SOCKET} PING >/dev/null 2>&1; do
  tries=$((tries + 1))
  if [ $tries -gt 150 ] || ! kill -0 $server 2>/dev/null; then break; fi
  sleep 0.1
done
cat log
if kill -0 $server 2>/dev/null; then
  echo "${REPLIES}"
  valkey-cli -s ${REHEARSAL_SOCKET} <${COMMANDS}
  kill -9 $server
fi
`;

/** Starts the server in a container of its own, without a network, asks, and removes it. */
export async function rehearseContainer(engine: Engine, rehearsal: Rehearsal): Promise<Rehearsed> {
  const { files, login, commands } = rehearsal;
  const name = `valkey-drill-try-${randomBytes(4).toString("hex")}`;
  const dir = await mkdtemp(join(tmpdir(), "valkey-drill-try-"));
  const words = login && ["AUTH", ...(login.user === undefined ? [] : [login.user]), login.password];
  const lines = [...(words ? [words] : []), ...commands].map((line) => line.map(quoted).join(" "));
  try {
    for (const [file, text] of Object.entries({ ...files, [COMMANDS]: `${lines.join("\n")}\n` }))
      await writeFile(join(dir, file), text, { mode: 0o600 });
    const options = ["--network", "none", "--user", "0:0", "--pull", "never", "--entrypoint", "sh"];
    await docker(["create", "--name", name, ...options, engine.image, "-c", SCRIPT]);
    await docker(["cp", `${dir}/.`, `${name}:/rehearsal`]);
    const { stdout } = await tryDocker(["start", "--attach", name]);
    const [log = "", told] = stdout.split(`${REPLIES}\n`);
    if (told === undefined) return { log };
    const replies = told.split("\n").filter((line) => line.trim() !== "");
    return { log, replies: words ? replies.slice(1) : replies };
  } finally {
    await tryDocker(["rm", "--force", name]);
    await rm(dir, { recursive: true, force: true });
  }
}

const quoted = (word: string) => `"${word.replaceAll(/[\\"]/g, "\\$&")}"`;
