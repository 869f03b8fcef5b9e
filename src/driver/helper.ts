import { spawn } from "node:child_process";
import { identify, type ProcessIdentity, signal, untilGone } from "./identity.ts";

/**
 * What every helper begins with. Its standard input is a line to the process that it must not outlive, which never writes:
 * when the line ends, so does the helper, however that process died.
 */
const LIFELINE = `
if (process.argv[1] === "tied") process.stdin.on("end", () => process.exit()).on("error", () => process.exit()).resume();
process.argv.splice(1, 1);
`;

export interface HelperOptions {
  /** Text of an ES module, which needs nothing but Node's own. Its arguments begin at `process.argv[1]`. */
  readonly program: string;
  readonly args: readonly (string | number)[];
  /** It goes on when this process ends, until somebody ends it or it ends itself. */
  readonly outlives: boolean;
}

/** How long the kernel may take to remove a killed process. */
const END_MS = 5_000;

/**
 * Starts a small program that keeps up a fault from outside of the nodes, in a session of its own. It does not keep this
 * process alive.
 *
 * @throws Error if it could not be started
 */
export async function startHelper({ program, args, outlives }: HelperOptions): Promise<ProcessIdentity> {
  const { PATH } = process.env;
  const words = [outlives ? "free" : "tied", ...args.map(String)];
  const child = spawn(process.execPath, ["--input-type=module", "-e", LIFELINE + program, ...words], {
    cwd: "/",
    env: PATH ? { PATH } : {},
    stdio: [outlives ? "ignore" : "pipe", "ignore", "ignore"],
    detached: true,
  });
  await new Promise<void>((resolve, reject) => {
    child.once("spawn", resolve);
    child.once("error", reject);
  });
  child.unref();
  (child.stdin as unknown as { unref(): void } | null)?.unref(); // a socket in truth, as every pipe to a child is in Node
  child.stdin?.on("error", () => {}); // it has ended: nobody writes to it anyway
  const identity = child.pid === undefined ? undefined : identify(child.pid);
  if (identity === undefined) throw new Error("the helper ended at once");
  return identity;
}

/** Ends it; fine if it has ended already. @throws DrillError `DEADLINE` */
export async function endHelper(helper: ProcessIdentity): Promise<void> {
  signal(helper, "SIGKILL", "process");
  await untilGone([helper], END_MS);
}
