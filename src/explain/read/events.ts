import type { ClockOffset, IncidentData, IncidentEvent, ReadOptions } from "../model.ts";
import { clean } from "./clean.ts";
import { compare, type NodesFound } from "./nodes.ts";
import { type Draft, type Stream, utcOf } from "./streams.ts";

/** What happened, on the common clock, each once. */
export function eventsOf(
  streams: readonly Stream[],
  { idOf }: NodesFound,
  offsets: readonly ClockOffset[],
  { since = -Infinity, until = Infinity }: ReadOptions,
): IncidentEvent[] {
  const offsetOf = new Map(offsets.map((offset) => [offset.node, offset]));
  const told = new Set<string>();
  const events: IncidentEvent[] = [];
  for (const stream of streams) {
    const node = idOf(stream);
    if (node === undefined) continue;
    const { offsetMs = 0, errorMs = null } = offsetOf.get(node) ?? {};
    for (const draft of stream.drafts) {
      const at = utcOf(stream, draft.line.at, draft.zoned) - offsetMs;
      if (at > until || at + draft.until - draft.line.at < since) continue;
      const key = `${node} ${at} ${stream.pid} ${draft.line.text}`;
      if (told.has(key)) continue;
      told.add(key);
      events.push({
        at,
        errorMs: errorMs === null ? null : errorMs + draft.precisionMs / 2,
        node,
        kind: draft.kind,
        ...subjectOf(draft, idOf, node),
        data: dataOf(draft, idOf),
        line: draft.line,
        ...(draft.times > 1 && {
          repeated: { times: draft.times, until: at + draft.until - draft.line.at },
        }),
      });
    }
  }
  return events.sort((a, b) => a.at - b.at || compare(a.node, b.node) || a.line.lineNo - b.line.lineNo);
}

function subjectOf(
  { subject }: Draft,
  idOf: NodesFound["idOf"],
  node: string,
): Pick<IncidentEvent, "subject"> {
  const id = subject && idOf(subject);
  return id === undefined || id === node ? {} : { subject: id };
}

function dataOf({ data = {}, to, teller }: Draft, idOf: NodesFound["idOf"]): IncidentData {
  const texts = {
    ...(data.detail !== undefined && { detail: clean(data.detail) }),
    ...(data.group !== undefined && { group: clean(data.group, 100) }),
  };
  const [toId, tellerId] = [to && idOf(to), teller && idOf(teller)];
  return {
    ...known(data),
    ...texts,
    ...(toId !== undefined && { to: toId }),
    ...(tellerId !== undefined && { teller: tellerId }),
  };
}

/** Without what a line does not tell, and without numbers that are none. */
function known(data: NonNullable<Draft["data"]>): IncidentData {
  return Object.fromEntries(
    Object.entries(data).filter(([, value]) => value !== undefined && !Number.isNaN(value)),
  );
}
