import type { Fate, ReportModel } from "../../../../model/report-model.ts";
import { FATE_LOOKS } from "../logic/fate-words.ts";
import { seconds } from "../parts/time.ts";
import { useWidth } from "../parts/use-width.ts";
import type { PanelProps } from "../view.ts";
import { px, type Scale, scaleOf } from "./scale.ts";
import { TimeAxis } from "./time-axis.tsx";

const GUTTER = 150;
const ROW = 26;
const TALL = 20;
const TOP = 18;
const AXIS = 22;
/** Always drawn, if only to show that there is none. */
const ALWAYS: readonly Fate[] = ["lost", "absent", "survived"];

type Window = ReportModel["fates"]["windows"][number];

/** The fate of every write around one fault: a lane for each fate, a tick for each moment; the more writes, the taller. */
export function Strip({ model, window, view, look }: PanelProps & { readonly window: Window }) {
  const { ref, width } = useWidth<HTMLDivElement>();
  const columns = Object.values(window.columns)[0]?.length ?? 0;
  const toMs = window.fromMs + window.columnMs * Math.max(1, columns);
  const range = { fromMs: window.fromMs, toMs };
  const scale = scaleOf(range, GUTTER, Math.max(GUTTER + 50, width - 8));
  const lanes = FATE_LOOKS.filter(({ fate }) => ALWAYS.includes(fate) || window.columns[fate] !== undefined);
  const bottom = TOP + lanes.length * ROW;
  const faults = model.faults.filter(({ injectMs }) => injectMs >= range.fromMs && injectMs < toMs);
  const names = faults.map(({ label }) => label).join(", ");
  const total = (fate: Fate) => (window.columns[fate] ?? []).reduce((sum, count) => sum + count, 0);
  const words = lanes.map(({ fate }) => `${total(fate)} ${fate}`).join(", ");
  const choose = (event: MouseEvent) => {
    const box = (event.currentTarget as Element).getBoundingClientRect();
    const part = (event.clientX - box.left - scale.left) / (scale.right - scale.left);
    if (part >= 0 && part <= 1) look({ atMs: range.fromMs + part * (toMs - range.fromMs), near: true });
  };
  return (
    <div ref={ref} class="strip">
      {width > 0 && (
        // biome-ignore lint/a11y/useKeyWithClickEvents: the keys and the slider of the toolbar do the same
        <svg
          width={width}
          height={bottom + AXIS}
          role="img"
          aria-label={`Writes around ${names}: ${words}`}
          onClick={choose}
        >
          <TimeAxis range={range} scale={scale} top={TOP} bottom={bottom} />
          {lanes.map(({ fate, mark }, index) => (
            <g key={fate} class={`fate ${fate} ${total(fate) === 0 ? "none" : ""}`}>
              <text x={GUTTER - 8} y={TOP + index * ROW + TALL - 4} text-anchor="end">
                {mark} {total(fate).toLocaleString("en-US")} {fate}
              </text>
              <line
                class="floor"
                x1={scale.left}
                x2={scale.right}
                y1={TOP + index * ROW + TALL}
                y2={TOP + index * ROW + TALL}
              />
              <path
                d={ticksPath(window, fate, TOP + index * ROW, scale.x, scale.x(window.columnMs) - scale.x(0))}
              />
            </g>
          ))}
          <FaultLines faults={faults} scale={scale} bottom={bottom} />
          {view.atMs >= range.fromMs && view.atMs <= toMs && (
            <line
              class="cursor"
              x1={px(scale.x(view.atMs))}
              x2={px(scale.x(view.atMs))}
              y1={TOP}
              y2={bottom}
            />
          )}
        </svg>
      )}
      <p class="faint">
        {seconds(range.fromMs)} to {seconds(toMs)} of the run.
      </p>
    </div>
  );
}

interface FaultLinesProps {
  readonly faults: ReportModel["faults"];
  readonly scale: Scale;
  readonly bottom: number;
}

/** Faults that came together share a name. */
function FaultLines({ faults, scale, bottom }: FaultLinesProps) {
  const [last] = faults.slice(-1);
  const x = scale.x(last?.injectMs ?? 0);
  return (
    <g>
      {faults.map(({ id, injectMs }) => (
        <line
          key={id}
          class="fault-line"
          x1={px(scale.x(injectMs))}
          x2={px(scale.x(injectMs))}
          y1={TOP - 4}
          y2={bottom}
        />
      ))}
      <text
        class="fault-name"
        x={px(x)}
        y={TOP - 7}
        text-anchor={x > (scale.left + scale.right) / 2 ? "end" : "start"}
      >
        {faults.map(({ label }) => label).join(", ")}
      </text>
    </g>
  );
}

/** One path for all ticks of a fate: hundreds of elements would be slow. What is bad is as tall as it can be, be it one write. */
function ticksPath(window: Window, fate: Fate, top: number, x: (ms: number) => number, wide: number): string {
  const counts = window.columns[fate] ?? [];
  const most = Math.max(1, ...counts);
  const common = fate === "survived" || fate === "absent";
  return counts
    .map((count, column) => {
      if (count === 0) return "";
      const tall = common ? TALL * (0.35 + 0.65 * (count / most)) : TALL;
      const width = Math.max(common ? 1 : 2, wide);
      return `M${px(x(window.fromMs + column * window.columnMs))} ${px(top + TALL - tall)}h${px(width)}v${px(tall)}h${px(-width)}z`;
    })
    .join("");
}
