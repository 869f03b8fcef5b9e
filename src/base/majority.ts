/** The smallest number that is more than half. */
export function majority(count: number): number {
  return Math.floor(count / 2) + 1;
}
