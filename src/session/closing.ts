/** Does all of it, one after the other, whatever fails on the way. @returns the first failure, if there was one */
export async function firstFailure(works: readonly (() => unknown)[]): Promise<unknown> {
  let failure: unknown;
  for (const work of works) {
    try {
      await work();
    } catch (error) {
      failure ??= error;
    }
  }
  return failure;
}
