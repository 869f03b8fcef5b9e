import { type ChildProcess, spawn } from "node:child_process";
import { deadline } from "../base/deadline.ts";
import { DrillError } from "../model/errors.ts";
import { identify, type ProcessIdentity, signal, untilGone } from "./identity.ts";

/**
 * What every helper begins with. Its standard input is a line to the process that it must not outlive, which never
 * writes: when the line ends, so does the helper, however that process died. `ready` tells that it does its work from
 * now on.
 */
const PRELUDE = `
import { closeSync, writeSync } from "node:fs";
const ready = () => { writeSync(1, "ready"); closeSync(1); };
if (process.argv[1] === "tied") process.stdin.on("end", () => process.exit()).on("error", () => process.exit()).resume();
process.argv.splice(1, 1);
const secret = process.env.VALKEY_DRILL_HELPER === undefined ? undefined : JSON.parse(process.env.VALKEY_DRILL_HELPER);
`;

export interface HelperOptions {
  /**
   * Text of an ES module, which needs nothing but Node's own. Its arguments begin at `process.argv[1]`; it calls
   * `ready()` once the fault that it keeps up has begun.
   */
  readonly program: string;
  readonly args: readonly (string | number)[];
  /** What must not be on a command line: the program has it as `secret`. */
  readonly secret?: unknown;
  /** It goes on when this process ends, until somebody ends it or it ends itself. */
  readonly outlives: boolean;
}

/** A Node starts in a tenth of a second where nothing else runs. */
const READY_MS = 15_000;
/** How long the kernel may take to remove a killed process. */
const END_MS = 5_000;

/**
 * Starts a small program that keeps up a fault from outside of the nodes, in a session of its own. It does not keep
 * this process alive.
 *
 * @throws DrillError `COMMAND_FAILED` if it ended at once, or was not ready in time
 */
export async function startHelper({
  program,
  args,
  outlives,
  secret,
}: HelperOptions): Promise<ProcessIdentity> {
  const { PATH } = process.env;
  const words = [outlives ? "free" : "tied", ...args.map(String)];
  const child = spawn(process.execPath, ["--input-type=module", "-e", PRELUDE + program, ...words], {
    cwd: "/",
    env: {
      ...(PATH && { PATH }),
      ...(secret !== undefined && { VALKEY_DRILL_HELPER: JSON.stringify(secret) }),
    },
    stdio: [outlives ? "ignore" : "pipe", "pipe", "pipe"],
    detached: true,
  });
  child.stdin?.on("error", () => {}); // it has ended: nobody writes to it anyway
  try {
    await untilReady(child);
  } catch (error) {
    child.kill("SIGKILL");
    throw error;
  }
  child.unref();
  // a socket in truth, as every pipe to a child is in Node
  (child.stdin as unknown as { unref(): void } | null)?.unref();
  const identity = child.pid === undefined ? undefined : identify(child.pid);
  if (identity === undefined)
    throw new DrillError("COMMAND_FAILED", "a helper ended as soon as it was ready");
  return identity;
}

async function untilReady(child: ChildProcess): Promise<void> {
  let said = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  let end = () => {};
  try {
    await new Promise<void>((resolve, reject) => {
      const fail = (why: string) =>
        reject(new DrillError("COMMAND_FAILED", `a helper ${why}${said ? `: ${said.trim()}` : ""}`));
      child.stdout?.once("data", () => resolve());
      child.once("error", (error) => fail(`could not be started: ${error.message}`));
      child.once("close", () => fail("ended before it was ready"));
      end = deadline(READY_MS, () => fail(`was not ready within ${READY_MS} ms`));
    });
  } finally {
    end();
    child.stdout?.destroy();
    child.stderr?.destroy();
  }
}

/** Ends it; fine if it has ended already. @throws DrillError `DEADLINE` */
export async function endHelper(helper: ProcessIdentity): Promise<void> {
  signal(helper, "SIGKILL", "process");
  await untilGone([helper], END_MS);
}
