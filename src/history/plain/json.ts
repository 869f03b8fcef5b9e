import { messageOf } from "../../model/errors.ts";
import { formsIn } from "./forms.ts";
import { checkLine, IndexOrder, type Line, type Place, wrong } from "./line.ts";

/** One JSON object a line. */
export function* linesOfJsonLines(text: string, path: string): Generator<Line, void, undefined> {
  const order = new IndexOrder();
  for (const [index, content] of text.split("\n").entries()) {
    if (content.trim() === "") continue;
    const line = lineOf(content, { path, line: index + 1 }, "not a line of JSON", order);
    if (line) yield line;
  }
}

/** An array of objects, as Jepsen and others write it, or objects one after the other, each over several lines. */
export function* linesOfJson(text: string, path: string): Generator<Line, void, undefined> {
  const order = new IndexOrder();
  for (const outer of formsIn(text, path)) {
    const isArray = text[outer.start] === "[";
    const part = [outer.start + 1, outer.end - 1, outer.line] as const;
    for (const form of isArray ? formsIn(text, path, part) : [outer]) {
      const line = lineOf(text.slice(form.start, form.end), { path, line: form.line }, "not JSON", order);
      if (line) yield line;
    }
  }
}

function lineOf(text: string, place: Place, what: string, order: IndexOrder): Line | undefined {
  let json: unknown;
  try {
    json = JSON.parse(/\d{16}/.test(text) ? withLongIntegers(text) : text);
  } catch (cause) {
    throw wrong(place, `${what}: ${messageOf(cause)}`, cause);
  }
  if (typeof json !== "object" || json === null || Array.isArray(json))
    throw wrong(place, "expected an object");
  const { process, type, f, key, value, index } = json as Record<string, unknown>;
  if (typeof index === "number") order.take(index, place);
  return checkLine({ process, type, f, key, value }, place);
}

/** Whole numbers that JavaScript would round, so that two of them become one, are told apart by their digits. */
function withLongIntegers(text: string): string {
  return text.replace(/"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g, (token) =>
    /^-?\d{16,}$/.test(token) && !Number.isSafeInteger(Number(token)) ? `{"integer":"${token}"}` : token,
  );
}
