import { TimeoutError } from "./errors.ts";

/**
 * Every operation has a deadline of ours: some libraries leave a promise open for ever when a connection is lost.
 *
 * @throws TimeoutError past it; what `work` rejects with before
 */
export async function withDeadline<T>(work: Promise<T>, deadlineMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new TimeoutError(deadlineMs)), deadlineMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
