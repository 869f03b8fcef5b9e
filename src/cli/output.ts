import { messageOf } from "../model/errors.ts";
import { printable } from "../report/terminal/format.ts";

/**
 * What reads our output may go away (`| head -1`, a closed terminal), and its disk may be full. That is no verdict: the command goes on,
 * its files are written, and its own exit code stands. Whoever closed a pipe knows; of all else one line on standard error tells.
 */
export function surviveClosedOutput(): void {
  let told = false;
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (told || GONE.has(error.code ?? "")) return;
    told = true;
    process.stderr.write(`warning: standard output could not be written: ${printable(messageOf(error))}\n`);
  });
  process.stderr.on("error", () => {}); // there is nowhere left to tell it
}

/** The reader closed its end: EIO is what a terminal says that is no longer there. */
const GONE = new Set(["EPIPE", "EIO", "ERR_STREAM_DESTROYED"]);
