/**
 * What the guardian runs when its owner has died: `clearEnvironment` once more, as one text that needs nothing but
 * Node's own modules. It is handed over on the command line, so it works from sources, from a package, and while
 * the package is being reinstalled. Arguments: state folder, environment id.
 */
export const GUARDIAN_PROGRAM = String.raw`
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";

for (const name of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(name, () => {});
const linux = process.platform === "linux";
const attempt = (action) => { try { return action(); } catch { return undefined; } };
const boot = (linux
  ? readFileSync("/proc/sys/kernel/random/boot_id", "latin1")
  : execFileSync("/usr/sbin/sysctl", ["-n", "kern.bootsessionuuid"], { encoding: "utf8" })).trim();

const [stateDir, id] = process.argv.slice(1);
const path = join(stateDir, "environments", id + ".json");
const self = startTimeOf(process.pid);
const claim = path + ".clearing-" + process.pid + "-" + encodeURIComponent(self);
if (attempt(() => { renameSync(path, claim); return true; })) await clear();

async function clear() {
  const record = JSON.parse(readFileSync(claim, "utf8"));
  for (let look = 0; look < 1000; look++) {
    const living = livingPids(record);
    if (living.length === 0) break;
    for (const pid of living) attempt(() => process.kill(pid, "SIGKILL"));
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  for (const port of record.ports) {
    const lock = join(stateDir, "ports", String(port));
    const holder = attempt(() => JSON.parse(readFileSync(lock, "utf8")));
    if (holder?.id === id) rmSync(lock, { force: true });
  }
  rmSync(join(stateDir, "environments", id + ".plan"), { force: true });
  rmSync(claim);
  removeLeftovers();
}

// Beside the record: locks, and files that were being written, of processes that are gone.
function removeLeftovers() {
  const dir = join(stateDir, "environments");
  for (const name of readdirSync(dir).filter((name) => name.startsWith(id + "."))) {
    const [, pid, startTime] = /\.[0-9a-f]{12}-(\d+)-([^/]+)\.tmp$/.exec(name) ?? [];
    const writer = pid
      ? { pid: Number(pid), startTime: decodeURIComponent(startTime) }
      : attempt(() => JSON.parse(readFileSync(join(dir, name), "utf8")));
    if (writer?.startTime && startTimeOf(writer.pid) !== writer.startTime) rmSync(join(dir, name), { force: true });
  }
}

function livingPids({ nodes, server, fabric }) {
  const helpers = nodes.flatMap((node) => Object.values(node.helpers ?? {}));
  const recorded = [...nodes.map((node) => node.process), ...helpers, fabric?.process]
    .filter((known) => known && startTimeOf(known.pid) === known.startTime)
    .map((known) => known.pid);
  if (!linux) return recorded;
  const folders = new Set(nodes.map((node) => node.dir));
  const strays = readdirSync("/proc").filter((name) => /^\d+$/.test(name))
    .filter((pid) => attempt(() => readlinkSync("/proc/" + pid + "/exe")) === server.executable)
    .filter((pid) => folders.has(attempt(() => readlinkSync("/proc/" + pid + "/cwd"))))
    .map(Number).filter((pid) => startTimeOf(pid) !== undefined);
  return [...new Set([...recorded, ...strays])];
}

function startTimeOf(pid) {
  if (linux) {
    const stat = attempt(() => readFileSync("/proc/" + pid + "/stat", "latin1"));
    const fields = stat?.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields && !"ZX".includes(fields[0]) ? fields[22 - 3] + "@" + boot : undefined;
  }
  const line = attempt(() => execFileSync("/bin/ps", ["-o", "stat=,lstart=", "-p", String(pid)],
    { encoding: "utf8", env: { ...process.env, LC_ALL: "C", TZ: "UTC" }, stdio: ["ignore", "pipe", "ignore"] }));
  const [state, ...started] = line?.trim().split(/\s+/) ?? ["Z"];
  return state.startsWith("Z") ? undefined : started.join(" ") + "@" + boot;
}
`;
