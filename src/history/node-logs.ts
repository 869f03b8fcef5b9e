import { type FileHandle, open, readdir } from "node:fs/promises";
import { join } from "node:path";
import { DrillError, messageOf } from "../model/errors.ts";
import type { RunFolder } from "./run-store.ts";

/** Of a longer log only the first line and this much of its end are read. */
const MOST_BYTES = 4 * 1024 * 1024;
const HEAD_BYTES = 4096;

/** Where the log of a node is kept that does not write to its standard output. */
export function logCopy(run: RunFolder, node: string): string {
  return join(run.nodes, node, "logfile.log");
}

/**
 * The log of every node that left one, as text, by the node's name.
 *
 * @throws DrillError `BAD_RUN` if a log is there and cannot be read
 */
export async function readNodeLogs(run: RunFolder): Promise<{ node: string; text: string }[]> {
  const entries = await readdir(run.nodes, { withFileTypes: true }).catch(() => []); // copied without: nothing to show
  const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  const logs = await Promise.all(
    names.sort().map(async (node) => {
      const printed = await readEnd(join(run.nodes, node, "node.log"));
      const written = await readEnd(logCopy(run, node));
      const texts = [printed, written].filter((text) => text !== undefined && text !== "");
      return { node, text: texts.length > 0 ? texts.join("\n") : printed };
    }),
  );
  return logs.flatMap(({ node, text }) => (text === undefined ? [] : [{ node, text }]));
}

async function readEnd(path: string): Promise<string | undefined> {
  let file: FileHandle | undefined;
  try {
    file = await open(path);
    const { size } = await file.stat();
    if (size <= MOST_BYTES) return await file.readFile("utf8");
    const head = Buffer.alloc(HEAD_BYTES);
    const end = Buffer.alloc(MOST_BYTES);
    await file.read(head, 0, HEAD_BYTES, 0);
    await file.read(end, 0, MOST_BYTES, size - MOST_BYTES);
    const [first = ""] = head.toString("utf8").split("\n");
    return `${first}\n${end.toString("utf8").split("\n").slice(1).join("\n")}`;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new DrillError("BAD_RUN", `the log ${path} cannot be read: ${messageOf(cause)}`, { cause });
  } finally {
    await file?.close();
  }
}
