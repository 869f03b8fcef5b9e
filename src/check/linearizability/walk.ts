import { type GrowingStates, narrow } from "./growing-states.ts";

/** Where a walk may start: a value that was set, of which what is walked to is a continuation. */
export interface Start {
  readonly length: number;
  readonly low: number;
  readonly high: number;
}

/** An append on the way: from one length of the text to another, where the state is then a range of what is found. */
export interface Edge {
  readonly from: number;
  readonly to: number;
  readonly element: number;
  readonly low: number;
  readonly high: number;
}

export interface Walk {
  readonly text: string;
  /** Lengths that lead on to the whole text. */
  readonly good: ReadonlySet<number>;
  /** Edges between them. */
  readonly useful: readonly Edge[];
  /** Those of them that no way to the text goes around. */
  readonly sure: ReadonlySet<Edge>;
  /** Look-ups of elements. */
  readonly cost: number;
}

/** Elements that are appended, by length and text. */
export type ElementsByLength = ReadonlyMap<number, ReadonlyMap<string, number>>;

/** Texts that are compared in the time of one look-up are as long as this. */
const CHARACTERS_A_LOOK_UP = 16;

/** All ways from the starts to a text. `undefined`: there are more than may be looked at. */
export function walkTo(
  { found }: Pick<GrowingStates, "found">,
  text: string,
  starts: readonly Start[],
  elements: ElementsByLength,
  mostCost: number,
): Walk | undefined {
  const edges: Edge[] = [];
  let cost = starts.length;
  // The last of the list is the nearest; there are only as many as elements have lengths.
  const ahead: Start[] = [];
  const reach = (start: Start) => {
    let at = ahead.length;
    while (at > 0 && (ahead[at - 1] as Start).length < start.length) at -= 1;
    if (ahead[at - 1]?.length !== start.length) ahead.splice(at, 0, start);
  };
  for (const start of starts) reach(start);
  for (let here = ahead.pop(); here !== undefined; here = ahead.pop()) {
    for (const [length, ofLength] of elements) {
      cost += 1 + length / CHARACTERS_A_LOOK_UP;
      if (cost > mostCost) return undefined;
      const to = here.length + length;
      if (to > text.length) continue;
      const more = text.slice(here.length, to);
      const element = ofLength.get(more);
      if (element === undefined) continue;
      const [low, high] = narrow(found, here.low, here.high, here.length, more);
      edges.push({ from: here.length, to, element, low, high });
      reach({ length: to, low, high });
    }
  }
  return { text, cost, ...usefulOf(edges, text.length, starts) };
}

function usefulOf(
  edges: readonly Edge[],
  end: number,
  starts: readonly Start[],
): Pick<Walk, "good" | "useful" | "sure"> {
  const good = new Set([end]);
  const useful: Edge[] = [];
  for (const edge of edges.toReversed()) {
    if (!good.has(edge.to)) continue;
    good.add(edge.from);
    useful.push(edge);
  }
  useful.reverse();
  const reached = starts.some(({ length }) => good.has(length));
  if (!reached) return { good: new Set(), useful: [], sure: new Set() };
  const lastStart = starts.reduce(
    (last, { length }) => (good.has(length) ? Math.max(last, length) : last),
    0,
  );
  const sure = new Set<Edge>();
  let furthest = lastStart; // of the edges before, where the one ends that goes furthest
  useful.forEach((edge, index) => {
    const next = useful[index + 1];
    const around = next !== undefined && next.from < edge.to;
    if (edge.from >= furthest && !around) sure.add(edge);
    furthest = Math.max(furthest, edge.to);
  });
  return { good, useful, sure };
}
