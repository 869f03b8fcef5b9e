import type { Reply } from "../../valkey/admin.ts";
import { asReply } from "../replies.ts";

/** Commands whose numbers are text in RESP2. */
const FLOATS = new Set(["GEODIST", "HINCRBYFLOAT", "INCRBYFLOAT", "ZINCRBY", "ZMSCORE", "ZSCORE"]);

/**
 * What a server replied, as RESP2 has it. The library's core makes other types of the replies of commands that it
 * knows, whatever the protocol: numbers of scores, and a map of a stream's entries.
 */
export function replyTo([name = ""]: readonly string[], value: unknown): Reply {
  const command = name.toUpperCase();
  if (command === "XRANGE" || command === "XREVRANGE") return entriesOf(value);
  return FLOATS.has(command) ? numbersAsText(asReply(value)) : asReply(value);
}

/** `[{ key: id, value: [[field, value], …] }, …]` as `[[id, [field, value, …]], …]`. */
function entriesOf(value: unknown): Reply {
  if (!Array.isArray(value)) return asReply(value);
  return value.map(({ key, value: fields }: { key: unknown; value: unknown[] }) => [
    asReply(key),
    fields.flat().map(asReply),
  ]);
}

function numbersAsText(reply: Reply): Reply {
  if (Array.isArray(reply)) return reply.map(numbersAsText);
  return typeof reply === "number" ? String(reply) : reply;
}
