import { duration } from "../../check/checker.ts";

/** `2.05 s`, `430 ms`, `3 min 5 s`. */
export function lasted(ms: number): string {
  if (ms < 100_000) return duration(ms);
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** `2026-11-29 04:31:50.212`, in UTC. */
export function dayAndClock(at: number): string {
  return new Date(at).toISOString().replace("T", " ").slice(0, 23);
}
