import { spawn } from "node:child_process";
import { identify, type ProcessIdentity } from "../identity.ts";
import { GUARDIAN_PROGRAM } from "./guardian-program.ts";

/**
 * Waits as a shell, which costs a megabyte and a millisecond where a second Node would cost forty of each, for one
 * word from its owner. The word that all is well never comes if the owner dies: the pipe just ends, and the shell
 * becomes the program that clears up. Signals meant for the owner do not concern it.
 */
const WAIT_FOR_WORD = `trap '' INT TERM HUP; read -r word && [ "$word" = dismissed ] && exit 0; exec "$@"`;

/** Looks after an environment in case this process dies without a chance to clear up (SIGKILL, a crash). */
export interface Guardian {
  /** Undefined if it could not be started: the next start's sweep is all there is then. */
  readonly identity: ProcessIdentity | undefined;
  /** Ends it: the environment is closed, or is to outlive this process. */
  dismiss(): Promise<void>;
}

/** Starts the guardian of one environment, in a session of its own; does not keep this process alive. */
export function startGuardian(stateDir: string, id: string): Guardian {
  const program = [process.execPath, "--input-type=module", "-e", GUARDIAN_PROGRAM, stateDir, id];
  const { PATH } = process.env;
  const child = spawn("/bin/sh", ["-c", WAIT_FOR_WORD, "valkey-drill-guardian", ...program], {
    cwd: "/",
    env: PATH ? { PATH } : {},
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  });
  const gone = new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
    child.once("error", () => resolve());
  });
  const { stdin } = child;
  // The guardian may have been killed: writing to it then fails, and there is nobody left to dismiss.
  stdin.on("error", () => undefined);
  child.unref();
  (stdin as unknown as { unref(): void }).unref(); // a socket in truth, as every pipe to a child is in Node
  return {
    identity: child.pid === undefined ? undefined : identify(child.pid),
    async dismiss() {
      child.ref();
      stdin.end("dismissed\n");
      await gone;
    },
  };
}
