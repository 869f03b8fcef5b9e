import { liveProgress } from "../report/terminal/live.ts";
import type { Progress } from "../report/terminal/progress.ts";

/** Progress on standard error: redrawn on a terminal, plain lines elsewhere. */
export function openProgress(quiet: boolean): Progress {
  const tty = process.stderr.isTTY === true && process.env.TERM !== "dumb";
  return liveProgress({ stream: process.stderr, tty, quiet });
}
