import { writeFile } from "node:fs/promises";
import { judgeStream } from "../check/judge.ts";
import { streamHistory } from "../history/reader.ts";
import type { RunFolder } from "../history/run-store.ts";
import { clientHelp } from "../libraries/registry.ts";
import type { Result } from "../model/result.ts";

/** Judges the history of a run's folder as it is on disk, and writes the result beside it. */
export async function judgeFolder(folder: RunFolder): Promise<Result> {
  const result = await judgeStream(streamHistory(folder.history), { clientHelp: clientHelp() });
  await writeFile(folder.result, `${JSON.stringify(result, null, 2)}\n`);
  return result;
}
