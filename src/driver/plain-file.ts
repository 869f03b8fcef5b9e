import { open, stat } from "node:fs/promises";
import { DrillError, messageOf } from "../model/errors.ts";

/** Of a longer file only the end is read: a log that others write as well may have any length. */
const MOST_BYTES = 64 * 1024 * 1024;

/**
 * The text of a regular file, or the last 64 MiB of it. A pipe or a device is not read: it might never end.
 *
 * @throws DrillError `COMMAND_FAILED`
 */
export async function plainFile(path: string): Promise<string> {
  try {
    const { size, isFile } = await stat(path).then((about) => ({ size: about.size, isFile: about.isFile() }));
    if (!isFile) throw new Error("it is no regular file"); // opening a pipe would wait for somebody to write
    const file = await open(path, "r");
    try {
      const length = Math.min(size, MOST_BYTES);
      const bytes = Buffer.alloc(length);
      const { bytesRead } = await file.read(bytes, 0, length, size - length);
      return bytes.subarray(0, bytesRead).toString("utf8");
    } finally {
      await file.close();
    }
  } catch (cause) {
    throw new DrillError("COMMAND_FAILED", `${path} cannot be read: ${messageOf(cause)}`, { cause });
  }
}
