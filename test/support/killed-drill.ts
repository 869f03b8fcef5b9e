import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, readFile, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { identify, isSame, type ProcessIdentity } from "../../src/driver/identity.ts";
import { until } from "../../src/session/environment.test-data.ts";
import type { Build } from "./build.ts";

/** What a process needs that holds faults. */
export const HOLDER_MODULES = [
  "driver/process/index",
  "driver/docker/index",
  "driver/fabric/main",
  "session/environment",
  "fault/registry",
  "topology/spec",
  "base/random",
];

/** A process that has started an environment and holds faults in it, as a drill does in its middle. */
export interface Holder {
  /** Every process that it started, nodes and helpers. */
  readonly started: readonly ProcessIdentity[];
  /** SIGKILL: it can clear up nothing. */
  kill(): Promise<void>;
}

/**
 * Runs a process that starts a primary with a replica, and injects the faults.
 *
 * @param driver text of an expression that makes the driver; `processDriver`, `dockerDriver`, `openEngine` are known to it
 */
export async function holdFaults(
  built: Build,
  driver: string,
  faults: readonly { fault: string; target: string; options?: object }[],
): Promise<Holder> {
  const from = (path: string) => JSON.stringify(built.module(path));
  const script = built.script(
    "holder.mjs",
    `import { processDriver } from ${from("driver/process/index")};
     import { dockerDriver, openEngine } from ${from("driver/docker/index")};
     import { startEnvironment } from ${from("session/environment")};
     import { topologySpecSchema } from ${from("topology/spec")};
     import { seededRandom } from ${from("base/random")};
     import { FAULTS } from ${from("fault/registry")};
     const [dir, faults] = process.argv.slice(2);
     const spec = topologySpecSchema.parse({ kind: "ha", replicas: 1, sentinels: 1, downAfterMs: 600_000 });
     const random = seededRandom(1);
     const wanted = JSON.parse(faults);
     const links = wanted.some(({ target }) => target.includes(">")) ? { clients: true } : undefined;
     const environment = await startEnvironment({ spec, driver: ${driver}, random, dir, links, detached: false });
     const signal = new AbortController().signal;
     for (const { fault: kind, target, options } of wanted) {
       const fault = FAULTS.get(kind);
       const context = { ...environment, random, signal, remember: async () => {} };
       await fault.inject(context, [target], fault.options.parse(options ?? {}));
     }
     console.log("in force");
     setInterval(() => {}, 1000);`,
  );
  const dir = await realpath(await mkdtemp(join(tmpdir(), "valkey-drill-held-")));
  const child = spawn(process.execPath, [script, dir, JSON.stringify(faults)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    await said(child, "in force");
  } catch (error) {
    child.kill("SIGKILL");
    throw error;
  }
  const started = await descendants(child.pid as number);
  return {
    started,
    async kill() {
      const gone = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGKILL");
      await gone;
      await until("all that it started to end", async () => {
        const left = started.filter(isSame);
        return left.length === 0 || `${left.map(({ pid }) => pid).join(", ")} are left`;
      });
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** Children of that process, and theirs, while they still are. */
async function descendants(pid: number): Promise<ProcessIdentity[]> {
  const children = (await readFile(`/proc/${pid}/task/${pid}/children`, "utf8")).trim().split(" ");
  const found = await Promise.all(
    children.filter(Boolean).map(async (text) => {
      const identity = identify(Number(text));
      return identity ? [identity, ...(await descendants(identity.pid))] : [];
    }),
  );
  return found.flat();
}

function said(child: ChildProcess, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    if (!child.stdout) throw new Error("its output is not read");
    const lines = createInterface(child.stdout);
    lines.on("line", (line) => line === text && resolve());
    lines.once("close", () => reject(new Error(`it ended before it said "${text}"`)));
  });
}
