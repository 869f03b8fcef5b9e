import { DrillError, ERROR_CODES } from "../model/errors.ts";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Runs `work` with a signal that Ctrl-C (or SIGTERM, SIGHUP) aborts, so that it can stop what it started. A second
 * Ctrl-C ends this process at once; what is still running then is cleared by its guardian.
 */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const onSignal = (name: NodeJS.Signals) => {
    if (controller.signal.aborted) process.exit(ERROR_CODES.INTERRUPTED);
    controller.abort(new DrillError("INTERRUPTED", `${name}: stopping what was started`));
  };
  for (const name of SIGNALS) process.on(name, onSignal);
  try {
    return await work(controller.signal);
  } finally {
    for (const name of SIGNALS) process.off(name, onSignal);
  }
}
