import type { ReadValue } from "./edn-values.ts";
import { type Form, formsIn } from "./forms.ts";
import { checkLine, IndexOrder, type Line, type Place, wrong } from "./line.ts";

/** Characters of what is no operation that an error shows. */
const LONGEST_SHOWN = 40;

/**
 * A history as Jepsen writes it (`history.edn`): maps, one after the other or in one vector or list, over as many lines
 * as they like, with or without a tag (`#jepsen.history.Op{…}`).
 */
export function* linesOfEdn(text: string, path: string, read: ReadValue): Generator<Line, void, undefined> {
  const order = new IndexOrder();
  for (const outer of formsIn(text, path)) {
    const isList = "[(".includes(text[outer.start] as string);
    const part = [outer.start + 1, outer.end - 1, outer.line] as const;
    for (const form of isList ? formsIn(text, path, part) : [outer]) {
      const place = { path, line: form.line };
      if (text[form.start] !== "{" || text[form.start - 1] === "#") {
        const got = text.slice(form.taggedStart, Math.min(form.end, form.taggedStart + LONGEST_SHOWN));
        throw wrong(place, `expected an operation, such as {:process 0, :type :invoke, …}, got ${got}`);
      }
      const fields = fieldsOf(text, form, place);
      order.take(Number(fields.get(":index") ?? Number.NaN), place);
      const line = lineOf(fields, place, read);
      if (line) yield line;
    }
  }
}

/** The fields of a map, as they are written. */
function fieldsOf(text: string, { start, end, line }: Form, place: Place): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  let name: string | undefined;
  for (const form of formsIn(text, place.path, [start + 1, end - 1, line])) {
    const written = text.slice(form.taggedStart, form.end);
    if (name === undefined) {
      name = written;
      if (fields.has(name)) throw wrong(place, `${name} stands there twice`);
      continue;
    }
    fields.set(name, written);
    name = undefined;
  }
  if (name !== undefined) throw wrong(place, `${name} has no value`);
  return fields;
}

/** One event, of which each field is written as EDN. */
export function lineOf(fields: ReadonlyMap<string, string>, place: Place, read: ReadValue): Line | undefined {
  const process = fields.get(":process");
  if (process === ":nemesis") return undefined;
  if (process === undefined || !/^-?\d+$/.test(process))
    throw wrong(place, `:process must be a number, or :nemesis, got ${process ?? "none"}`);
  const valueIn = (name: string) => {
    const written = fields.get(name);
    return written === undefined ? undefined : read(written, place);
  };
  const named = (name: string) => fields.get(name)?.replace(/^:/, "");
  const type = named(":type");
  // What an operation that did not end well would have had as its value is of no use, and may be anything.
  const value = type === "fail" || type === "info" ? undefined : valueIn(":value");
  return checkLine({ process: Number(process), type, f: named(":f"), key: valueIn(":key"), value }, place);
}
