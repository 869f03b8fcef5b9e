import type { RegisterOperation, Value } from "../../model/register.ts";

/**
 * The same operations without what all reads begin with, and without the appends that made it; `undefined` where there
 * is no such beginning. Since every element is appended once, those appends came first in any legal order, and the
 * others follow as before.
 */
export function withoutCommonBeginning(kept: readonly RegisterOperation[]): RegisterOperation[] | undefined {
  const appended: Value[] = [];
  const read: Value[] = [];
  for (const { action } of kept) {
    if (action.f === "append") appended.push(action.value);
    else if (action.f === "read") read.push(action.value);
    else return undefined;
  }
  if (new Set(appended.map((value) => JSON.stringify(value))).size < appended.length) return undefined;
  const beginning = ofLists(read) ?? ofTexts(read, appended);
  if (beginning === undefined || beginning.elements.size === 0) return undefined;
  return kept.flatMap((operation) => {
    const { action } = operation;
    if (action.f === "append") return beginning.elements.has(JSON.stringify(action.value)) ? [] : [operation];
    return action.f === "read"
      ? [{ ...operation, action: { f: "read", value: beginning.cut(action.value) } }]
      : [];
  });
}

interface Beginning {
  /** What it is made of, as JSON. */
  readonly elements: ReadonlySet<string>;
  /** What is left of a value. */
  cut(value: Value): Value;
}

function ofLists(read: readonly Value[]): Beginning | undefined {
  const lists = read.filter((value): value is readonly Value[] => Array.isArray(value));
  const [first = []] = lists;
  if (lists.length < read.length) return undefined;
  const differs = first.findIndex((element, at) =>
    lists.some((list) => at >= list.length || JSON.stringify(list[at]) !== JSON.stringify(element)),
  );
  const length = differs < 0 ? first.length : differs;
  return {
    elements: new Set(first.slice(0, length).map((element) => JSON.stringify(element))),
    cut: (value) =>
      (value as readonly Value[]).length === length ? null : (value as readonly Value[]).slice(length),
  };
}

/** Only where no text that is appended begins like another one: then a text was made in one way. */
function ofTexts(read: readonly Value[], appended: readonly Value[]): Beginning | undefined {
  const isText = (value: Value): value is string => typeof value === "string" && value !== "";
  if (!read.every(isText) || !appended.every(isText)) return undefined;
  const parts = appended.toSorted();
  if (parts.some((part, index) => index > 0 && part.startsWith(parts[index - 1] as string))) return undefined;
  const [first = ""] = read;
  const common = read.reduce((length, text) => Math.min(length, alikeUpTo(first, text)), first.length);
  const known = new Set(parts);
  const lengths = [...new Set(parts.map((part) => part.length))];
  const elements = new Set<string>();
  let length = 0;
  for (let part: string | undefined = ""; part !== undefined; ) {
    length += part.length;
    const next = lengths.map((more) => first.slice(length, length + more));
    part = next.find((text) => length + text.length <= common && known.has(text));
    if (part !== undefined) elements.add(JSON.stringify(part));
  }
  return { elements, cut: (value) => (value as string).slice(length) || null };
}

function alikeUpTo(a: string, b: string): number {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at += 1;
  return at;
}
