import { lineOf } from "./edn.ts";
import type { ReadValue } from "./edn-values.ts";
import { formsIn } from "./forms.ts";
import { type Line, wrong } from "./line.ts";

/** `INFO  jepsen.util - 3	:invoke	:cas	[1 2]`, or without what stands before the process. */
export const LOGGED = /(?:^|\s)(\S+)\s+(:(?:invoke|ok|fail|info))\s+(:\S+)(?:\s+(.*))?$/;

/**
 * Operations in Jepsen's log or its `history.txt`, one a line, their fields with tabs or spaces between. Other lines of
 * a log are passed over.
 */
export function* linesOfLog(text: string, path: string, read: ReadValue): Generator<Line, void, undefined> {
  const contents = text.split("\n");
  if (contents.at(-1)?.trim() !== "")
    throw wrong({ path, line: contents.length }, "the file ends in the middle of a line: it was cut off");
  for (const [index, content] of contents.entries()) {
    const place = { path, line: index + 1 };
    const found = LOGGED.exec(content.trimEnd());
    if (!found) {
      if (/\s:(?:invoke|ok|fail|info)\b/.test(content))
        throw wrong(place, "expected process, type, f and value");
      continue;
    }
    const [, process = "", type = "", f = "", value] = found;
    const fields = new Map([
      [":process", process],
      [":type", type],
      [":f", f],
    ]);
    const [form] = value === undefined ? [] : formsIn(value, path, [0, value.length, place.line]);
    if (value !== undefined && form) fields.set(":value", value.slice(form.taggedStart, form.end));
    const line = lineOf(fields, place, read);
    if (line) yield line;
  }
}
