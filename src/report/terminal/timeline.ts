import type { Result } from "../../model/result.ts";
import type { Paint } from "./colour.ts";
import { formatMsLike } from "./format.ts";
import { indent, tableLines, unbroken, widthOf } from "./layout.ts";

const MARGIN = 2;
const BAR_MIN = 10;
const BAR_MAX = 48;
/** Room for three gaps and the two columns of times. */
const TIMES_WIDTH = 32;

/**
 * The failover, phase by phase: when it was reached since the fault, how long it took after the one before,
 * and a bar that stands where that time was spent.
 */
export function timelineLines({ failover }: Result, paint: Paint, width: number): string[] {
  const { promoted } = failover;
  const phases = failover.phases.toSorted((a, b) => a.atMs - b.atMs);
  const who =
    promoted === null
      ? paint.faint("no promotion seen")
      : `${promoted.from} ${paint.accent("→")} ${promoted.to}`;
  const title = `${paint.strong("Failover")}     ${who}`;
  const last = phases.at(-1);
  if (last === undefined) return [title];
  const say = formatMsLike(last.atMs);
  const nameWidth = Math.max(...phases.map(({ name }) => widthOf(name)));
  const barWidth = Math.min(BAR_MAX, Math.max(BAR_MIN, width - MARGIN - nameWidth - TIMES_WIDTH));
  const rows = phases.map(({ name, atMs }, index) => {
    const beforeMs = phases[index - 1]?.atMs;
    return [
      name,
      { text: say(atMs), paint: paint.strong },
      beforeMs === undefined ? "" : `+${say(atMs - beforeMs)}`,
      bar(beforeMs ?? 0, atMs, last.atMs, barWidth),
    ];
  });
  const columns = [
    {},
    { title: "since fault", align: "right" as const },
    { title: "step", align: "right" as const, paint: paint.faint },
    { paint: paint.accent },
  ];
  return [title, ...indent(tableLines(columns, rows, { width: width - MARGIN, head: paint.faint }), MARGIN)];
}

/** Never empty: a step too short to draw still happened. */
function bar(fromMs: number, toMs: number, lastMs: number, width: number): string {
  const scale = lastMs === 0 ? 0 : width / lastMs;
  const from = Math.min(width - 1, Math.round(fromMs * scale));
  const to = Math.max(from + 1, Math.round(toMs * scale));
  return unbroken(" ".repeat(from)) + (toMs === 0 ? "╿" : "━".repeat(to - from));
}
