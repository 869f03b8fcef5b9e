import { seconds } from "../parts/time.ts";
import { useWidth } from "../parts/use-width.ts";
import type { Range } from "../view.ts";
import { clipped, px, type Scale, scaleOf } from "./scale.ts";
import { TimeAxis } from "./time-axis.tsx";

/** Where names stand. */
export const GUTTER = 116;
/** Height of a lane of bars. */
export const ROW = 22;
const BAR = 14;
const TOP = 8;
const AXIS = 22;
/** Narrower than this, a bar has no room for its name. */
const NAMED_WIDTH = 40;

export interface Bar {
  readonly fromMs: number;
  readonly toMs: number;
  readonly kind: string;
  readonly name: string;
}

export interface Row {
  readonly name: string;
  readonly bars: readonly Bar[];
}

/** A moment that is marked through all lanes. */
export interface TimeMark {
  readonly atMs: number;
  readonly label: string;
}

interface Props {
  readonly rows: readonly Row[];
  readonly marks: readonly TimeMark[];
  readonly range: Range;
  readonly atMs: number;
  readonly onChoose: (atMs: number) => void;
}

/** Lanes of time. A click chooses the moment. */
export function LaneChart({ rows, marks, range, atMs, onChoose }: Props) {
  const { ref, width } = useWidth<HTMLDivElement>();
  const bottom = TOP + rows.length * ROW;
  const scale = scaleOf(range, GUTTER, Math.max(GUTTER + 50, width - 8));
  const choose = (event: MouseEvent) => onChoose(moment(event, scale, range));
  return (
    <div ref={ref} class="lanes">
      {width > 0 && (
        // biome-ignore lint/a11y/useKeyWithClickEvents: the keys and the slider of the toolbar do the same
        <svg width={width} height={bottom + AXIS} role="img" aria-label={describe(rows)} onClick={choose}>
          <Hatches />
          <TimeAxis range={range} scale={scale} top={TOP} bottom={bottom} />
          {rows.map((row, index) => (
            <LaneRow key={row.name} row={row} y={TOP + index * ROW} scale={scale} />
          ))}
          <TimeMarks marks={marks} scale={scale} bottom={bottom} />
          <line class="cursor" x1={px(scale.x(atMs))} x2={px(scale.x(atMs))} y1={0} y2={bottom} />
        </svg>
      )}
    </div>
  );
}

/** The moment at which a chart was pressed. */
export function moment(event: MouseEvent, scale: Scale, { fromMs, toMs }: Range): number {
  const box = (event.currentTarget as Element).getBoundingClientRect();
  const part = (event.clientX - box.left - scale.left) / (scale.right - scale.left);
  return fromMs + Math.min(1, Math.max(0, part)) * (toMs - fromMs);
}

/** One lane of bars, with its name. */
export function LaneRow({ row, y, scale }: { readonly row: Row; readonly y: number; readonly scale: Scale }) {
  return (
    <g>
      <text class="lane" x={GUTTER - 8} y={y + BAR - 2} text-anchor="end">
        {row.name.length > 15 ? `${row.name.slice(0, 14)}…` : row.name}
      </text>
      {row.bars.map(({ fromMs, toMs, kind, name }) => {
        const box = clipped(scale, fromMs, toMs);
        if (box === undefined) return null;
        const room = Math.floor((box.width - 8) / 6.4);
        return (
          <g key={`${fromMs} ${kind}`} class={`band ${kind}`}>
            <title>
              {row.name}: {name}, {seconds(fromMs)} to {seconds(toMs)}
            </title>
            <rect x={px(box.x)} y={y + 1} width={px(box.width)} height={BAR} rx={2} />
            {box.width > NAMED_WIDTH && room > 3 && (
              <text x={px(box.x + 4)} y={y + BAR - 2}>
                {name.length > room ? `${name.slice(0, room - 1)}…` : name}
              </text>
            )}
          </g>
        );
      })}
    </g>
  );
}

/** Moments that are marked through all lanes. */
export function TimeMarks({
  marks,
  scale,
  bottom,
}: {
  readonly marks: readonly TimeMark[];
  readonly scale: Scale;
  readonly bottom: number;
}) {
  return (
    <g class="time-marks">
      {marks.map(({ atMs, label }) => {
        const x = scale.x(atMs);
        if (x < scale.left || x > scale.right) return null;
        return (
          <line key={`${label} ${atMs}`} x1={px(x)} x2={px(x)} y1={TOP - 4} y2={bottom}>
            <title>
              {label}, {seconds(atMs)}
            </title>
          </line>
        );
      })}
    </g>
  );
}

/** Patterns, so that bars differ by more than colour; for all lanes of the page. */
function Hatches() {
  return (
    <defs>
      {["gone", "fault", "unlinked"].map((name) => (
        <pattern
          key={name}
          id={`hatch-${name}`}
          class={`hatch ${name}`}
          width="6"
          height="6"
          patternUnits="userSpaceOnUse"
          patternTransform={name === "gone" ? "rotate(45)" : "rotate(-45)"}
        >
          <rect class="ground" width="6" height="6" />
          <line x1="0" y1="0" x2="0" y2="6" />
        </pattern>
      ))}
    </defs>
  );
}

function describe(rows: readonly Row[]): string {
  const told = rows.slice(1).flatMap(({ name, bars }) => {
    const words = bars
      .filter((bar) => bar.name !== "")
      .map((bar) => `${bar.name} from ${seconds(bar.fromMs)} to ${seconds(bar.toMs)}`);
    return words.length === 0 ? [] : [`${name}: ${words.join(", ")}`];
  });
  return `Timeline. ${told.join(". ")}.`;
}
