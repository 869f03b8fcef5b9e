import type { RegisterOperation } from "../../model/register.ts";
import { canonical } from "./states.ts";

/** Parts of texts that are looked at, at the most, to tell whether something shows in them. */
const MOST_PARTS = 1_000_000;

/**
 * Would what is appended show in the kept operations, so that they cannot be judged without it? Where a key is only
 * read and appended to, it shows in every read that comes later. Where it is also set, no rule is known here, and every
 * append is needed.
 */
export function traceIn(kept: readonly RegisterOperation[]): (append: RegisterOperation) => boolean {
  const changed = kept.some(({ action }) => action.f !== "append" && action.f !== "read");
  if (changed) return () => true;
  const reads = new Set(kept.flatMap(({ action }) => (action.f === "read" ? [action.value] : [])));
  const elements = new Set<string>();
  const texts: string[] = [];
  for (const value of reads) {
    if (Array.isArray(value)) for (const element of value) elements.add(canonical(element));
    else if (typeof value === "string") texts.push(value);
  }
  const isPart = partsOf(texts);
  return ({ action }) =>
    action.f === "append" &&
    (elements.has(canonical(action.value)) ||
      isPart(typeof action.value === "string" ? action.value : canonical(action.value)));
}

/** Is a text a part of one of these? Where that would take too long to say, yes. */
function partsOf(texts: readonly string[]): (part: string) => boolean {
  const byLength = new Map<number, ReadonlySet<string>>();
  const length = texts.reduce((sum, text) => sum + text.length, 0);
  let looked = 0;
  return (part) => {
    if (length === 0) return false;
    let parts = byLength.get(part.length);
    if (parts === undefined) {
      looked += length;
      if (looked > MOST_PARTS) return true;
      parts = new Set(
        texts.flatMap((text) =>
          Array.from({ length: Math.max(0, text.length - part.length + 1) }, (_, at) =>
            text.slice(at, at + part.length),
          ),
        ),
      );
      byLength.set(part.length, parts);
    }
    return parts.has(part);
  };
}
