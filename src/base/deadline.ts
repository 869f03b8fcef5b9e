/** A timer that comes so late was held up: this process stood still. */
const LATE_MS = 50;
/** On a machine that never comes to rest it must end all the same. */
const MOST_RENEWALS = 5;

/**
 * Calls `reached` once `ms` are over. Where this process stood still meanwhile, answers that came in are handled first:
 * the event loop runs its timers before it reads its sockets, so a deadline that was reached in a stall would blame
 * whoever had answered in time. It then waits as long as it came late, at most `ms` more.
 *
 * @returns ends it
 */
export function deadline(ms: number, reached: () => void): () => void {
  let renewals = 0;
  let timer: NodeJS.Timeout;
  const wait = (forMs: number) => {
    const dueMs = performance.now() + forMs;
    timer = setTimeout(() => {
      const lateMs = performance.now() - dueMs;
      if (lateMs < LATE_MS || renewals >= MOST_RENEWALS) return reached();
      renewals += 1;
      wait(Math.min(lateMs, ms));
    }, forMs);
  };
  wait(ms);
  return () => clearTimeout(timer);
}

/** What `work` comes to, if that is within `ms` (see {@link deadline}). @throws what `late` gives, past it */
export async function within<T>(work: Promise<T>, ms: number, late: () => Error): Promise<T> {
  let end = () => {};
  const reached = new Promise<never>((_, reject) => {
    end = deadline(ms, () => reject(late()));
  });
  try {
    return await Promise.race([work, reached]);
  } finally {
    end();
  }
}
