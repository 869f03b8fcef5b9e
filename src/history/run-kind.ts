import { existsSync } from "node:fs";
import { open } from "node:fs/promises";

/** Enough of a history for the name of what ran, which stands at the begin of its first line. */
const HEAD_BYTES = 4096;

/** Of a run's folder. */
interface Paths {
  readonly scenario: string;
  readonly history: string;
}

/**
 * Is it a run of a bake-off? Those keep a history as drills do, and have no scenario file: nothing in them is expected, so there is
 * nothing to judge.
 */
export async function isBakeoffRun(run: Paths): Promise<boolean> {
  if (existsSync(run.scenario)) return false;
  const file = await open(run.history).catch(() => undefined);
  if (!file) return false;
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    const [line = ""] = buffer.toString("utf8", 0, bytesRead).split("\n", 1);
    return /"scenario":"bakeoff-/.test(line);
  } finally {
    await file.close();
  }
}
