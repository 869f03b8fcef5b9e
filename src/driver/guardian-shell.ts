import { spawn } from "node:child_process";
import { identify, type ProcessIdentity } from "./identity.ts";

/** A process that outlives its owner, to clear up after it. */
export interface GuardianShell {
  /** Undefined if it could not be started. */
  readonly identity: ProcessIdentity | undefined;
  /** Hands it a line. */
  tell(word: string): void;
  /** Ends it: there is nothing to clear up. */
  dismiss(): Promise<void>;
}

/**
 * Waits as a shell, which costs a megabyte and a millisecond where a second Node would cost forty of each. It reads
 * lines from its owner: `dismissed` ends it. If the owner dies that word never comes, the pipe just ends, and the shell
 * becomes the program that clears up, with each other line as one argument more. Signals meant for the owner do not
 * concern it.
 */
const WAIT_FOR_WORD = `trap '' INT TERM HUP
while read -r word; do [ "$word" = dismissed ] && exit 0; set -- "$@" "$word"; done
exec "$@"`;

/**
 * Starts a guardian, in a session of its own; it does not keep this process alive.
 *
 * @param program text of an ES module that needs nothing but Node's own: it runs once this process has died
 * @param args its first arguments, from `process.argv[1]` on
 */
export function startGuardianShell(program: string, args: readonly string[]): GuardianShell {
  const words = [process.execPath, "--input-type=module", "-e", program, ...args];
  const { PATH } = process.env;
  const child = spawn("/bin/sh", ["-c", WAIT_FOR_WORD, "valkey-drill-guardian", ...words], {
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
    tell: (word) => stdin.write(`${word}\n`),
    async dismiss() {
      child.ref();
      stdin.end("dismissed\n");
      await gone;
    },
  };
}
