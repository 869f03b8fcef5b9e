/**
 * Does it to all targets at the same time. If one of them fails, what was done to any of them is undone before the
 * failure is thrown.
 *
 * @returns by the name of each target, what `act` resolved to: healing may be asked for some of them
 */
export async function onEach<T>(
  targets: readonly string[],
  act: (target: string) => Promise<T>,
  undo: (target: string) => Promise<unknown>,
): Promise<Record<string, T>> {
  const ends = await Promise.allSettled(targets.map(act));
  const failed = ends.find((end) => end.status === "rejected");
  if (failed) {
    await Promise.allSettled(targets.map(undo)); // the first failure is the one to be told
    throw failed.reason;
  }
  return Object.fromEntries(
    targets.map((target, index) => [target, (ends[index] as PromiseFulfilledResult<T>).value]),
  );
}
