import { isOnlyOfApp } from "../../../app-words.ts";
import { formatNumber } from "../../../numbers.ts";
import type { ComparedRun } from "../../compared.ts";
import { clipped, px, type Scale, scaleOf } from "../charts/scale.ts";
import { TimeAxis } from "../charts/time-axis.tsx";
import { useWidth } from "../parts/use-width.ts";
import { letterOf } from "./differences.ts";

const CHARACTER = 7;
const LANE = 56;
const GAP = 10;
const AXIS = 22;
const BEFORE_MS = 3000;

interface LanesProps {
  readonly runs: readonly ComparedRun[];
  /** How the runs are called; default: their letters. */
  readonly names?: readonly string[];
}

/** The runs under each other, each with its first fault at zero. */
export function LoadLanes({ runs, names = runs.map((_, index) => letterOf(index)) }: LanesProps) {
  const gutter = 16 + CHARACTER * Math.max(...names.map((name) => name.length));
  const { ref, width } = useWidth<HTMLDivElement>();
  const range = {
    fromMs: -Math.min(BEFORE_MS, Math.max(...runs.map(zeroOf))),
    toMs: Math.max(1, ...runs.map((run) => run.durationMs - zeroOf(run))),
  };
  const bottom = runs.length * (LANE + GAP);
  const scale = scaleOf(range, gutter, Math.max(gutter + 50, width - 8));
  const top = commonTop(runs);
  return (
    <div ref={ref} class="lanes">
      {width > 0 && (
        <svg width={width} height={bottom + AXIS} role="img" aria-label={told(runs, names)}>
          <defs>
            <pattern
              id="hatch-outage"
              class="hatch fault"
              width="6"
              height="6"
              patternUnits="userSpaceOnUse"
              patternTransform="rotate(-45)"
            >
              <line x1="0" y1="0" x2="0" y2="6" />
            </pattern>
          </defs>
          <TimeAxis range={range} scale={scale} top={0} bottom={bottom} />
          {runs.map((run, index) => (
            <Lane key={run.runId} run={run} name={names[index] ?? ""} index={index} scale={scale} top={top} />
          ))}
          <line class="cursor" x1={px(scale.x(0))} x2={px(scale.x(0))} y1={0} y2={bottom} />
        </svg>
      )}
      <p class="faint">Lanes are {formatNumber(top)} operations per second high; what is above is cut off.</p>
    </div>
  );
}

interface LaneProps {
  readonly run: ComparedRun;
  readonly name: string;
  readonly index: number;
  readonly scale: Scale;
  readonly top: number;
}

function Lane({ run, name, index, scale, top }: LaneProps) {
  const y = index * (LANE + GAP);
  const ground = y + LANE;
  const zero = zeroOf(run);
  const { bucketMs, ok, bad } = run.load;
  const height = (count: number) => Math.min(1, ((count / bucketMs) * 1000) / top) * LANE;
  const steps = (counts: readonly number[]) =>
    counts.flatMap((count, bucket) => {
      const box = clipped(scale, bucket * bucketMs - zero, (bucket + 1) * bucketMs - zero);
      if (box === undefined) return [];
      const level = px(ground - height(count));
      return [`${px(box.x)},${level}`, `${px(box.x + box.width)},${level}`];
    });
  const okSteps = steps(ok);
  const [first = "0,0"] = okSteps;
  const last = okSteps.at(-1) ?? first;
  const [left, right] = [first.split(",")[0], last.split(",")[0]];
  return (
    <g class="lane-load">
      <text class="lane" x={4} y={y + LANE / 2 + 5}>
        {name}
      </text>
      {outagesOf(run).map(({ fromMs, toMs }) => {
        const box = clipped(scale, fromMs - zero, toMs - zero);
        return (
          box && (
            <rect
              key={fromMs}
              class="failing"
              x={px(box.x)}
              y={y}
              width={px(box.width)}
              height={LANE}
              fill="url(#hatch-outage)"
            />
          )
        );
      })}
      <polygon class="ok" points={[`${left},${ground}`, ...okSteps, `${right},${ground}`].join(" ")} />
      <polyline class="bad" points={steps(bad).join(" ")} />
      <line class="ground" x1={scale.left} x2={scale.right} y1={ground} y2={ground} />
    </g>
  );
}

function zeroOf(run: ComparedRun): number {
  return run.faults[0]?.injectMs ?? 0;
}

/** Of the probe's writes; where nothing but an application was asked, of its probes. */
function outagesOf({ failovers, result, durationMs }: ComparedRun): { fromMs: number; toMs: number }[] {
  if (isOnlyOfApp(result))
    return (result.app?.probes ?? []).flatMap(({ outages }) =>
      outages.map(({ startMs, endMs }) => ({ fromMs: startMs, toMs: endMs ?? durationMs })),
    );
  return failovers.flatMap(({ outages }) =>
    outages.flatMap(({ group, kind, intervals }) => (group === "hit" && kind === "writes" ? intervals : [])),
  );
}

/** A height that most buckets of all runs stay below: a burst must not make everything else a line on the ground. */
function commonTop(runs: readonly ComparedRun[]): number {
  const rates = runs
    .flatMap(({ load: { bucketMs, ok, bad } }) => [...ok, ...bad].map((count) => (count / bucketMs) * 1000))
    .filter((rate) => rate > 0)
    .sort((a, b) => a - b);
  return Math.max(1, Math.ceil((rates[Math.floor((rates.length - 1) * 0.9)] ?? 1) * 1.3));
}

const secondsText = (ms: number) => `${(ms / 1000).toFixed(2)} s`;

function told(runs: readonly ComparedRun[], names: readonly string[]): string {
  const lanes = runs.map((run, index) => {
    const intervals = outagesOf(run).map(
      ({ fromMs, toMs }) =>
        `no success from ${secondsText(fromMs - zeroOf(run))} to ${secondsText(toMs - zeroOf(run))}`,
    );
    return `${names[index]}: ${intervals.length > 0 ? intervals.join(", ") : "went on"}`;
  });
  return `Operations per second since the first fault. ${lanes.join(". ")}.`;
}
