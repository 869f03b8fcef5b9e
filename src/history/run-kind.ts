import { existsSync } from "node:fs";
import { bytesAt } from "./bytes-at.ts";

/** Enough of a history for the name of what ran, which stands at the begin of its first line. */
const HEAD_BYTES = 4096;

/** Of a run's folder. */
interface Paths {
  readonly scenario: string;
  readonly history: string;
}

/**
 * Is it a run of a bake-off? Those keep a history as drills do, and have no scenario file: nothing in them is expected,
 * so there is nothing to judge.
 */
export async function isBakeoffRun(run: Paths): Promise<boolean> {
  if (existsSync(run.scenario)) return false;
  const head = await bytesAt(run.history, 0, HEAD_BYTES).catch(() => undefined);
  const [line = ""] = head?.toString("utf8").split("\n", 1) ?? [];
  return /"scenario":"bakeoff-/.test(line);
}
