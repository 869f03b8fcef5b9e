import type { Reply } from "../valkey/admin.ts";

/**
 * What a library makes of a RESP3 reply, as RESP2 has it: text for buffers and verbatim strings, flat arrays for maps
 * and sets, 0 and 1 for booleans. GLIDE gives a map as an array of `{ key, value }`.
 */
export function asReply(value: unknown): Reply {
  if (value === null || value === undefined) return null;
  if (typeof value === "string" || typeof value === "number") return value;
  if (typeof value === "boolean") return value ? 1 : 0;
  if (typeof value === "bigint") return Number(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString("utf8");
  if (value instanceof Map) return [...value].flat().map(asReply);
  if (value instanceof Set) return [...value].map(asReply);
  if (Array.isArray(value)) return value.flatMap((each) => (isEntry(each) ? entry(each) : [asReply(each)]));
  if (typeof value === "object") return Object.entries(value).flat().map(asReply);
  return String(value);
}

interface Entry {
  readonly key: unknown;
  readonly value: unknown;
}

const isEntry = (value: unknown): value is Entry =>
  typeof value === "object" && value !== null && "key" in value && "value" in value;

const entry = ({ key, value }: Entry): Reply[] => [asReply(key), asReply(value)];
