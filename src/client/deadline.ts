import { within } from "../base/deadline.ts";
import { TimeoutError } from "./errors.ts";

/**
 * Every operation has a deadline of ours: some libraries leave a promise open for ever when a connection is lost.
 *
 * @throws TimeoutError past it; what `work` rejects with before
 */
export function withDeadline<T>(work: Promise<T>, deadlineMs: number): Promise<T> {
  return within(work, deadlineMs, () => new TimeoutError(deadlineMs));
}
