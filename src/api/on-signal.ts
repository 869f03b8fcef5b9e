const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

const works = new Set<() => Promise<void>>();

/**
 * Does something before a signal ends this process. Where nobody else listens to the signal it then has its usual
 * effect; otherwise who listens decides.
 *
 * @returns what takes it back
 */
export function beforeSignal(work: () => Promise<void>): () => void {
  if (works.size === 0) for (const name of SIGNALS) process.on(name, onSignal);
  works.add(work);
  return () => {
    works.delete(work);
    if (works.size === 0) for (const name of SIGNALS) process.off(name, onSignal);
  };
}

/** Whoever waits for one of the works is told what failed of it: here only their end counts. */
async function onSignal(name: NodeJS.Signals): Promise<void> {
  const alone = process.listenerCount(name) === 1;
  await Promise.allSettled([...works].map((work) => work()));
  if (!alone) return;
  for (const other of SIGNALS) process.off(other, onSignal);
  process.kill(process.pid, name);
}
