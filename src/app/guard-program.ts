/**
 * What the guardian of an application runs when its owner has died: everything that carries the owner's token, or
 * belongs to what does, is killed. One text that needs nothing but Node's own modules, so that it works from sources,
 * from a package, and while the package is being reinstalled. Arguments: token, then the processes that were started
 * (`pid:start time`).
 */
export const GUARD_PROGRAM = String.raw`
import { readdirSync, readFileSync } from "node:fs";

for (const name of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(name, () => {});
const attempt = (action) => { try { return action(); } catch { return undefined; } };
const [token, ...words] = process.argv.slice(1);
const started = new Map(words.map((word) => [Number(word.split(":")[0]), decodeURIComponent(word.split(":")[1])]));
const pauseMs = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

if (process.platform === "linux") await clear();
else for (const pid of started.keys()) attempt(() => process.kill(-pid, "SIGKILL"));

// What was being started in the last instant has no token yet: it has to be missing several times in a row.
async function clear() {
  const known = new Map();
  for (let look = 0, nobody = 0; look < 1000 && nobody < 5; look++) {
    const living = livingOf(known);
    for (const pid of living) attempt(() => process.kill(pid, "SIGKILL"));
    nobody = living.length > 0 ? 0 : nobody + 1;
    await pauseMs(20);
  }
}

function livingOf(known) {
  const all = readdirSync("/proc").filter((name) => /^\d+$/.test(name)).map(Number)
    .map(sightOf).filter((sight) => sight && sight.pid !== process.pid);
  const byPid = new Map(all.map((sight) => [sight.pid, sight]));
  const isOurs = ({ pid, startTime }) => started.get(pid) === startTime || known.get(pid) === startTime;
  const groups = new Set([...started].filter(([pid, time]) => (byPid.get(pid)?.startTime ?? time) === time)
    .map(([pid]) => pid));
  const ours = new Set(all.filter((sight) => isOurs(sight) || groups.has(sight.group) || hasToken(sight.pid))
    .map(({ pid }) => pid));
  for (let size = -1; size !== ours.size; ) {
    size = ours.size;
    for (const { pid, parent, session } of all) if (ours.has(parent) || ours.has(session)) ours.add(pid);
  }
  for (const pid of ours) known.set(pid, byPid.get(pid).startTime);
  return [...ours].filter((pid) => !"ZX".includes(byPid.get(pid).state));
}

function sightOf(pid) {
  const stat = attempt(() => readFileSync("/proc/" + pid + "/stat", "latin1"));
  if (!stat) return undefined;
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return { pid, state: fields[0], parent: Number(fields[1]), group: Number(fields[2]), session: Number(fields[3]),
    startTime: fields[22 - 3] };
}

function hasToken(pid) {
  const environment = attempt(() => readFileSync("/proc/" + pid + "/environ", "latin1"));
  return environment?.split("\0").includes("VALKEY_DRILL_APP=" + token) ?? false;
}
`;
