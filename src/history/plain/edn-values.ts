import type { Value } from "../../model/register.ts";
import { type Place, wrong } from "./line.ts";

/** Reads the text of one EDN value. */
export type ReadValue = (text: string, place: Place) => Value;

/** A text, a comment, or what stands between brackets and spaces. */
const TOKENS = /"(?:[^"\\]|\\.)*"|;[^\n]*|\\.[^\s,()[\]{}";]*|[^\s,()[\]{}";\\]+/gs;

/** Loads the library that reads values: only who reads EDN needs it. */
export async function ednValues(): Promise<ReadValue> {
  const { parseEDNString } = await import("edn-data");
  return (text, place) => {
    const ready = text.replace(TOKENS, (token) => {
      if (token.startsWith('"')) return token;
      if (token.startsWith(";")) return " ";
      if (token.startsWith("##")) throw wrong(place, `${token} is no value that can be compared`);
      if (/^\\[()[\]{}";,]/.test(token)) throw wrong(place, `the character ${token} is not understood`);
      // JavaScript would round these, so that two of them become one.
      if (/^[+-]?[\d.]+(?:[eE][+-]?\d+)?M$/.test(token)) return `#exact "${token.slice(0, -1)}"`;
      return /^[+-]?\d{16,}$/.test(token) ? `${token}N` : token;
    });
    try {
      return asValue(parseEDNString(ready));
    } catch (cause) {
      throw wrong(place, `${text.slice(0, 80)} is no value of EDN that is understood`, cause);
    }
  };
}

/** What the library makes of EDN, as JSON. What JSON has no word for keeps its kind: a set is `{"set": […]}`. */
function asValue(parsed: unknown): Value {
  if (parsed === null || typeof parsed === "boolean" || typeof parsed === "string") return parsed;
  if (typeof parsed === "number") return parsed;
  if (typeof parsed === "bigint") {
    const number = Number(parsed);
    return Number.isSafeInteger(number) ? number : { integer: `${parsed}` };
  }
  if (Array.isArray(parsed)) return parsed.map(asValue);
  if (parsed instanceof Date) return { inst: parsed.toISOString() };
  const known = parsed as Record<string, unknown>;
  if (typeof known.key === "string") return `:${known.key}`;
  if (typeof known.sym === "string") return { symbol: known.sym };
  if (typeof known.char === "string") return { character: known.char };
  if (Array.isArray(known.list)) return known.list.map(asValue); // a list equals a vector of the same
  if (Array.isArray(known.set)) return { set: inOneOrder(known.set.map(asValue)) };
  if (Array.isArray(known.map)) return { map: inOneOrder(known.map.map(asValue)) };
  if (typeof known.tag === "string") return { tag: known.tag, value: asValue(known.val) };
  throw new TypeError("no value");
}

/** What has no order gets one, so that the same is equal. */
function inOneOrder(values: readonly Value[]): Value[] {
  return values
    .map((value) => ({ value, text: JSON.stringify(value) }))
    .sort((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : 0))
    .map(({ value }) => value);
}
