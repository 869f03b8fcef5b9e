import { deadline } from "../base/deadline.ts";
import { TimeoutError } from "./errors.ts";

/**
 * Every operation has a deadline of ours: some libraries leave a promise open for ever when a connection is lost.
 *
 * @throws TimeoutError past it; what `work` rejects with before
 */
export async function withDeadline<T>(work: Promise<T>, deadlineMs: number): Promise<T> {
  let end = () => {};
  const late = new Promise<never>((_, reject) => {
    end = deadline(deadlineMs, () => reject(new TimeoutError(deadlineMs)));
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    end();
  }
}
