import type { UnexplainedSegment } from "../../../../model/register.ts";
import { useWidth } from "../parts/use-width.ts";
import type { PanelProps } from "../view.ts";
import { px, scaleOf } from "./scale.ts";
import { TimeAxis } from "./time-axis.tsx";

type Operation = UnexplainedSegment["operations"][number];

const GUTTER = 110;
const ROW = 34;
const BAR = 24;
const TOP = 6;
const AXIS = 22;
const CHAR = 6.6;

/** One process to a row; a bar from invocation to answer. What never ended fades out to the right. */
export function UnexplainedSegmentDiagram({
  segment,
  look,
}: {
  readonly segment: UnexplainedSegment;
  readonly look: PanelProps["look"];
}) {
  const { ref, width } = useWidth<HTMLDivElement>();
  const { key, text, unit, operations, stuck, against } = segment;
  const toMs = (time: number) => (unit === "ns" ? time / 1e6 : time);
  const ends = operations.flatMap(({ invokedAt, returnedAt }) => [
    toMs(invokedAt),
    ...(returnedAt === null ? [] : [toMs(returnedAt)]),
  ]);
  const [first, last] = [Math.min(...ends), Math.max(...ends)];
  const margin = Math.max(0.001, (last - first) * 0.06);
  const range = { fromMs: first - margin, toMs: last + margin };
  const scale = scaleOf(range, GUTTER, Math.max(GUTTER + 100, width - 8));
  const processes = [...new Set(operations.map(({ process }) => process))];
  const bottom = TOP + processes.length * ROW;
  return (
    <figure class="segment">
      <figcaption>
        <code>{key}</code>: {text}
      </figcaption>
      <div ref={ref}>
        {width > 0 && (
          <svg width={width} height={bottom + AXIS} role="img" aria-label={describe(segment)}>
            {unit === "ns" && <TimeAxis range={range} scale={scale} top={TOP} bottom={bottom} />}
            {processes.map((process, row) => (
              <text key={process} class="lane" x={GUTTER - 8} y={TOP + row * ROW + 17} text-anchor="end">
                {process.length > 15 ? `${process.slice(0, 14)}…` : process}
              </text>
            ))}
            {operations.map((operation) => {
              const from = scale.x(toMs(operation.invokedAt));
              const to = operation.returnedAt === null ? scale.right : scale.x(toMs(operation.returnedAt));
              const kind =
                operation.id === stuck
                  ? "stuck"
                  : operation.id === against
                    ? "against"
                    : operation.place === null
                      ? "left"
                      : "placed";
              return (
                <Bar
                  key={operation.id}
                  operation={operation}
                  kind={kind}
                  x={from}
                  y={TOP + processes.indexOf(operation.process) * ROW}
                  width={Math.max(4, to - from)}
                  room={scale.right}
                  onChoose={
                    unit === "ns" ? () => look({ atMs: toMs(operation.invokedAt), near: true }) : undefined
                  }
                />
              );
            })}
          </svg>
        )}
      </div>
    </figure>
  );
}

interface BarProps {
  readonly operation: Operation;
  readonly kind: "stuck" | "against" | "left" | "placed";
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly room: number;
  readonly onChoose: (() => void) | undefined;
}

function Bar({ operation, kind, x, y, width, room, onChoose }: BarProps) {
  const { text, place, returnedAt, node } = operation;
  const label = `${kind === "stuck" ? "✗ " : place === null ? "" : `${place}. `}${text}`;
  const inside = label.length * CHAR + 8 <= width;
  const left = x + width + 4 + label.length * CHAR > room;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the check's table and the log show the same by keyboard
    <g class={`operation ${kind} ${returnedAt === null ? "open" : ""}`} onClick={onChoose}>
      <title>
        {operation.process}: {text}
        {node === undefined ? "" : `, answered by ${node}`}
        {returnedAt === null ? ", nobody knows its end" : ""}
      </title>
      <rect x={px(x)} y={y + 2} width={px(width)} height={BAR} rx={3} />
      <text
        class={inside ? "inside" : ""}
        x={px(inside ? x + 5 : left ? x - 4 : x + width + 4)}
        y={y + 18}
        text-anchor={!inside && left ? "end" : "start"}
      >
        {label}
      </text>
    </g>
  );
}

function describe({ key, text, operations, stuck }: UnexplainedSegment): string {
  const told = operations.map(
    (one) => `${one.process} ${one.text}${one.id === stuck ? ", which fits nowhere" : ""}`,
  );
  return `${key}: ${text}. Operations: ${told.join("; ")}`;
}
