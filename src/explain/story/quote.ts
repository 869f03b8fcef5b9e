import type { QuotedLine } from "../../model/explanation.ts";
import type { EventLine, IncidentEvent, NodeId } from "../model.ts";

/** How lines are quoted: each with its place, and its time on the common clock. */
export interface Quotes {
  of(events: readonly (IncidentEvent | undefined)[]): QuotedLine[];
  line(line: EventLine, node: NodeId, at: number): QuotedLine;
}

/** A sentence rests on no more lines than this; the first tell. */
const LINES_MAX = 6;

/** @param nameOf what people call a node */
export function quotes(nameOf: (id: NodeId) => string): Quotes {
  const line = ({ file, lineNo, text }: EventLine, node: NodeId, at: number): QuotedLine => ({
    file,
    line: lineNo,
    node: nameOf(node),
    at: new Date(at).toISOString(),
    text,
  });
  return {
    line,
    of(events) {
      const known = [...new Set(events.filter((event) => event !== undefined))];
      return known.slice(0, LINES_MAX).map((event) => line(event.line, event.node, event.at));
    },
  };
}
