import type { NodePlan } from "../../model/plan.ts";
import { quoted } from "../../topology/config-text.ts";
import { authWords } from "../../valkey/auth-words.ts";
import { REHEARSAL_SOCKET, type Rehearsal, type Rehearsed } from "../driver.ts";
import { docker } from "./docker-cli.ts";
import type { Engine } from "./engine.ts";
import { writing } from "./shell.ts";

const COMMANDS = "commands";
const REPLIES = "--- replies";

/** What is asked stands in a file: nothing secret is on a command line. */
const started = (program: NodePlan["program"]) => `
valkey-server node.conf ${program === "sentinel" ? "--sentinel" : ""} >log 2>&1 </dev/null &
server=$!
tries=0
until valkey-cli -s ${REHEARSAL_SOCKET} PING >/dev/null 2>&1 </dev/null; do
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

/** Starts the server in a container of its own, without a network, asks, and ends it: with it the container is gone. */
export async function rehearseContainer(
  { image }: Engine,
  { program, files, login, commands }: Rehearsal,
): Promise<Rehearsed> {
  const first = login ? [["AUTH", ...authWords(login)]] : [];
  const lines = [...first, ...commands].map((line) => line.map(quoted).join(" "));
  const said = await docker(
    [
      ...["run", "--rm", "--interactive", "--pull", "never", "--network", "none"],
      ...["--user", "0:0", "--workdir", "/rehearsal", "--entrypoint", "sh", image],
    ],
    { input: writing({ ...files, [COMMANDS]: lines.join("\n") }) + started(program) },
  );
  const [log = "", told] = said.split(REPLIES);
  if (told === undefined) return { log };
  const replies = told.split("\n").filter((line) => line.trim() !== "");
  return { log, replies: replies.slice(first.length) };
}
