import { LOGGED } from "./log.ts";

/**
 * - `json-lines`: one JSON object a line
 * - `json`: an array of JSON objects, or objects over several lines
 * - `edn`: Jepsen's maps
 * - `log`: Jepsen's log, or its `history.txt`
 */
export type Format = "json-lines" | "json" | "edn" | "log";

/** Tells the format of a plain history by how the file begins; `undefined`: it is none. */
export function formatOf(beginning: string): Format | undefined {
  const text = beginning.replace(/^\ufeff/, "").replace(/^(?:[\s,]|;[^\n]*\n)+/, "");
  if (/^(?:#\S|\(|\[\s*[#(]|\[\s*\{\s*[:}]|\{\s*:)/.test(text)) return "edn";
  if (text.startsWith("[")) return /^\[\s*(?:\{\s*"|\]|$)/.test(text) ? "json" : undefined;
  if (text.startsWith("{")) return formatOfObject(text);
  return text.split("\n").some((line) => LOGGED.test(line)) ? "log" : undefined;
}

function formatOfObject(text: string): Format | undefined {
  const [first = ""] = text.split("\n", 1);
  try {
    const json = JSON.parse(first) as Record<string, unknown>;
    return "process" in json && json.type !== "header" ? "json-lines" : undefined;
  } catch {
    // Its first line alone is no JSON: it goes on, or was cut off.
  }
  return /"process"\s*:/.test(text) && !/"type"\s*:\s*"header"/.test(text) ? "json" : undefined;
}
