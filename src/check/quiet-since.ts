import type { Operation } from "../history/operations.ts";

/** The keys on which operations were sent, and none that was sent after that time (ns) was acknowledged. */
export function quietSince(operations: readonly Operation[], since: number): string[] {
  const again = new Set(
    operations.filter((one) => one.outcome === "ok" && one.invokedAt > since).map(({ key }) => key),
  );
  return [...new Set(operations.map(({ key }) => key))].filter((key) => !again.has(key));
}
