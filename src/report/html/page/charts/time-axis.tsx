import { tickLabel, ticks } from "../parts/time.ts";
import type { Range } from "../view.ts";
import { px, type Scale } from "./scale.ts";

const PIXELS_PER_TICK = 90;

/** Ticks in seconds since the run began, with lines through the whole chart. */
export function TimeAxis({
  range,
  scale,
  top,
  bottom,
}: {
  readonly range: Range;
  readonly scale: Scale;
  readonly top: number;
  readonly bottom: number;
}) {
  const at = ticks(range.fromMs, range.toMs, (scale.right - scale.left) / PIXELS_PER_TICK);
  const stepMs = (at[1] ?? 1000) - (at[0] ?? 0);
  return (
    <g class="axis">
      {at.map((ms) => (
        <g key={ms}>
          <line x1={px(scale.x(ms))} x2={px(scale.x(ms))} y1={top} y2={bottom} />
          <text x={px(scale.x(ms))} y={bottom + 14} text-anchor="middle">
            {tickLabel(ms, stepMs)}
          </text>
        </g>
      ))}
    </g>
  );
}
