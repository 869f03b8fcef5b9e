import { groupBy } from "../../base/group-by.ts";
import type { Names } from "./names.ts";
import type { Stream } from "./streams.ts";

/** As much of two logs must be the same that nobody takes them for two. */
const SAME_EVENTS = 3;

/**
 * Parts of one log: what one file, or the parts of a rotated one, hold after each other; and copies, which hold the
 * same lines. Logs that somebody put under each other overlap in time, or name different nodes.
 */
export function joinStretches(names: Names, streams: readonly Stream[]): void {
  copies(names, streams);
  const bySource = groupBy(streams, ({ source }) => source);
  for (const group of bySource.values()) {
    const ordered = group.toSorted((a, b) => a.first - b.first || a.last - b.last || a.id - b.id);
    const mixed = holdsSeveral(group);
    for (const [at, stream] of ordered.entries()) {
      const before = ordered.slice(0, at).findLast((one) => goesOn(one, stream, mixed));
      if (before) names.join(before, stream, "one log after the other in the same place");
    }
  }
}

/** Logs of several nodes that somebody put into one file, by what they say of themselves. */
function holdsSeveral(group: readonly Stream[]): boolean {
  const ports = new Set(group.flatMap(({ port }) => port ?? []));
  const ids = new Set(group.flatMap(({ refs }) => [...refs].filter((ref) => /^[cs]:/.test(ref))));
  return ports.size > 1 || ids.size > 1;
}

function goesOn(before: Stream, stream: Stream, mixed: boolean): boolean {
  if (before.kind !== stream.kind && before.kind !== "unknown" && stream.kind !== "unknown") return false;
  if (stream.first < before.last - 2000) return false;
  if (before.pid !== stream.pid && !stream.starts) return false;
  if (before.port !== undefined && before.port === stream.port) return true;
  // Among several nodes a new process may be any one's.
  if (mixed && before.pid !== stream.pid) return false;
  return before.port === undefined || stream.port === undefined;
}

/** The same process at the same time, with the same words. */
function copies(names: Names, streams: readonly Stream[]): void {
  const firstWith = new Map<string, Stream>();
  const shared = new Map<string, { a: Stream; b: Stream; times: number }>();
  for (const stream of streams) {
    for (const { line } of stream.drafts) {
      const key = `${stream.pid} ${line.at} ${line.text}`;
      const other = firstWith.get(key);
      if (other === undefined) firstWith.set(key, stream);
      else if (other !== stream) {
        const pair = `${other.id} ${stream.id}`;
        const found = shared.get(pair) ?? { a: other, b: stream, times: 0 };
        shared.set(pair, found);
        found.times += 1;
      }
    }
  }
  for (const { a, b, times } of shared.values()) {
    if (times >= SAME_EVENTS) names.join(a, b, "the same lines stand in two files");
  }
}
