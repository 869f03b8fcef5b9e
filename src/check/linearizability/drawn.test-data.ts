import type { Action, RegisterOperation, Value } from "../../model/register.ts";

/**
 * A history as it is drawn, one line a process, time from left to right; `>` in place of `]`: nobody knows the end.
 *
 *     a  [write 1]      [read 2]
 *     b        [cas 1 2>
 *
 * Operations: `write V`, `read V`, `append V`, `cas V V`, `refused V` (found something else), `refused V saw V`. A
 * value is a number, `-` (nothing), a word, or a list as JSON without blanks. A line that begins with `key:` begins
 * another key.
 */
export function drawn(text: string): RegisterOperation[] {
  let key = "k";
  const operations: Omit<RegisterOperation, "id">[] = [];
  for (const line of text.split("\n")) {
    const named = /^\s*key: (\S+)/.exec(line);
    if (named) key = named[1] as string;
    const process = /^\s*(\w+) /.exec(line)?.[1];
    if (named || process === undefined) continue;
    for (const match of line.matchAll(/\[(?=[a-z])((?:[^[\]>]|\[[^\]]*\])*)([\]>])/g)) {
      const [whole, inside = "", end] = match;
      const returnedAt = end === ">" ? Infinity : match.index + whole.length - 1;
      operations.push({ process, key, action: actionOf(inside.trim()), invokedAt: match.index, returnedAt });
    }
  }
  return operations.sort((a, b) => a.invokedAt - b.invokedAt).map((operation, id) => ({ id, ...operation }));
}

function actionOf(text: string): Action {
  const [f, first = "-", second = "-", third = "-"] = text.split(/ +/);
  if (f === "cas") return { f, from: toValue(first), to: toValue(second) };
  if (f === "refused") {
    return { f: "cas-refused", from: toValue(first), ...(second === "saw" && { saw: toValue(third) }) };
  }
  if (f === "read" || f === "write" || f === "append") return { f, value: toValue(first) };
  throw new Error(`no operation: "${text}"`);
}

function toValue(text: string): Value {
  if (text === "-") return null;
  if (text.startsWith("[")) return JSON.parse(text) as Value;
  return /^\d+$/.test(text) ? Number(text) : text;
}
