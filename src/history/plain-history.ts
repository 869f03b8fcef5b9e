import { readFile } from "node:fs/promises";
import { DrillError, messageOf } from "../model/errors.ts";
import { bytesAt } from "./bytes-at.ts";
import { linesOfEdn } from "./plain/edn.ts";
import { ednValues } from "./plain/edn-values.ts";
import { formatOf } from "./plain/format.ts";
import type { PlainHistory } from "./plain/history.ts";
import { linesOfJson, linesOfJsonLines } from "./plain/json.ts";
import type { Line } from "./plain/line.ts";
import { linesOfLog } from "./plain/log.ts";
import { paired } from "./plain/pairing.ts";

/** Refuses what is no UTF-8: replaced by one and the same character, two values that differ would become equal. */
const UTF_8 = new TextDecoder("utf-8", { fatal: true });

/** Long enough to tell a format by. */
const BEGINNING_BYTES = 64 * 1024;

/**
 * Is it a plain history, by how it begins? Otherwise it is one of this tool's own, or none at all: the reader of those
 * says which.
 *
 * @throws DrillError `BAD_RUN` if the file cannot be read
 */
export async function isPlainHistory(path: string): Promise<boolean> {
  const beginning = await reading(path, () => bytesAt(path, 0, BEGINNING_BYTES));
  return formatOf(beginning.toString("utf8")) !== undefined;
}

/**
 * Reads a plain history: one JSON object a line, a JSON array, Jepsen's EDN, or Jepsen's log. The order in the file is
 * the order in time.
 *
 *     {"process": 1, "type": "invoke", "f": "cas", "key": "x", "value": [7, 9]}
 *     {"process": 1, "type": "ok", "f": "cas", "key": "x"}
 *
 * docs/guide.md describes them.
 *
 * @throws DrillError `BAD_RUN`, with `file:line`, if something is malformed, cut off, or says what cannot be
 */
export async function readPlainHistory(path: string): Promise<PlainHistory> {
  const text = await reading(path, async () => UTF_8.decode(await readFile(path)));
  return paired([...(await linesOf(text, path))]);
}

async function linesOf(text: string, path: string): Promise<Iterable<Line>> {
  switch (formatOf(text.slice(0, BEGINNING_BYTES))) {
    case "json":
      return linesOfJson(text, path);
    case "edn":
      return linesOfEdn(text, path, await ednValues());
    case "log":
      return linesOfLog(text, path, await ednValues());
    case "json-lines":
      return linesOfJsonLines(text, path);
    default:
      throw new DrillError("BAD_RUN", `${path} is no plain history: nothing in it is an operation`, {
        hint: "docs/guide.md, Histories from elsewhere, describes the formats.",
      });
  }
}

async function reading<Read>(path: string, read: () => Promise<Read>): Promise<Read> {
  try {
    return await read();
  } catch (cause) {
    throw new DrillError("BAD_RUN", `the history ${path} cannot be read: ${messageOf(cause)}`, { cause });
  }
}
