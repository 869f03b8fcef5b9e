/** An entry of a stream that holds one job. */
export interface StreamEntry {
  readonly id: string;
  readonly job: string;
}

const ID = /^\d+-\d+$/;

/**
 * The entries in a reply to `XREADGROUP`, or in the middle of one to `XAUTOCLAIM`. RESP3 makes maps where RESP2 makes
 * lists of lists, and a library's core may make maps of both, so the depth differs; an id with its fields behind it is
 * the same everywhere.
 *
 *     [[stream, [[id, [field, job]], …]]]      [stream, [[id, [field, job]], …]]      [stream, [id, [[field, job]], …]]
 */
export function entriesIn(reply: unknown): StreamEntry[] {
  if (!Array.isArray(reply)) return [];
  const entries: StreamEntry[] = [];
  for (let at = 0; at < reply.length; at += 1) {
    const [one, next] = [reply[at], reply[at + 1]];
    if (typeof one === "string" && ID.test(one) && Array.isArray(next)) {
      entries.push({ id: one, job: String(next.flat().at(-1)) });
      at += 1;
    } else entries.push(...entriesIn(one));
  }
  return entries;
}
