import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { logCopy } from "../history/node-logs.ts";
import type { RunFolder } from "../history/run-store.ts";
import type { ReadLogs } from "../observe/node-logs.ts";
import type { Log } from "../workload/log.ts";

/**
 * Records what the nodes' logs tell, and why others tell nothing; keeps with the run what does not lie in its folder.
 */
export async function recordLogs(
  { events, why, elsewhere }: ReadLogs,
  log: Pick<Log, "observe">,
  folder: RunFolder,
): Promise<void> {
  for (const event of events) log.observe("log-event", event);
  if (Object.keys(why).length > 0) log.observe("logs-unread", why);
  for (const [node, text] of Object.entries(elsewhere)) {
    const path = logCopy(folder, node);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  }
}
