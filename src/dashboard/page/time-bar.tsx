import { clock } from "./parts/clock.ts";
import type { LivePanelProps } from "./view.ts";

const SPANS = [
  { label: "30 s", ms: 30_000 },
  { label: "1 min", ms: 60_000 },
  { label: "5 min", ms: 300_000 },
  { label: "20 min", ms: 1_200_000 },
  { label: "all", ms: null },
] as const;

/** Stays in sight: the moment that is looked at, how much of the time is drawn, and the exports. */
export function TimeBar(props: LivePanelProps) {
  const { session, view, atMs, look } = props;
  const following = view.stoppedMs === null;
  return (
    <div class="toolbar timebar">
      <button
        type="button"
        class="chip follow"
        aria-pressed={following}
        onClick={() => look({ stoppedMs: following ? session.nowMs : null })}
      >
        live
      </button>
      <label class="scrub">
        <span class="visually-hidden">Moment of the session</span>
        <input
          type="range"
          min={0}
          max={Math.max(1, Math.round(session.nowMs))}
          step={50}
          value={Math.round(atMs)}
          aria-valuetext={following ? "now" : clock(atMs)}
          onInput={(event) => look({ stoppedMs: Number(event.currentTarget.value) })}
        />
      </label>
      <output class="moment">
        {clock(atMs)} <small>of {clock(session.nowMs)}</small>
      </output>
      <label class="span">
        Show{" "}
        <select
          value={String(view.spanMs)}
          onChange={({ currentTarget }) =>
            look({ spanMs: currentTarget.value === "null" ? null : Number(currentTarget.value) })
          }
        >
          {!SPANS.some(({ ms }) => ms === view.spanMs) && (
            <option value={String(view.spanMs)}>{((view.spanMs ?? 0) / 1000).toFixed(1)} s</option>
          )}
          {SPANS.map(({ label, ms }) => (
            <option key={label} value={String(ms)}>
              {label}
            </option>
          ))}
        </select>
      </label>
    </div>
  );
}
