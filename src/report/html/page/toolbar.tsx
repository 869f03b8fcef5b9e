import { rangesOf } from "./logic/time-marks.ts";
import type { PanelEntry } from "./panels/panel.ts";
import { seconds, sinceFault } from "./parts/time.ts";
import type { PanelProps } from "./view.ts";

/** Stays in sight: the moment that is looked at, the interval of time that is shown, and the way to each panel. */
export function Toolbar({
  model,
  view,
  look,
  panels,
}: PanelProps & { readonly panels: readonly PanelEntry[] }) {
  const { atMs, range } = view;
  const ranges = rangesOf(model);
  const chosen = ranges.findIndex(({ fromMs, toMs }) => fromMs === range.fromMs && toMs === range.toMs);
  const choose = (index: number) => {
    const next = ranges[index];
    if (next === undefined) return;
    const { fromMs, toMs } = next;
    look({ range: { fromMs, toMs }, atMs: Math.min(toMs, Math.max(fromMs, atMs)) });
  };
  return (
    <div class="toolbar">
      <label class="scrub">
        <span>
          Moment <output>{seconds(atMs)}</output> <span class="faint since">{sinceFault(model, atMs)}</span>
        </span>
        <input
          type="range"
          min={range.fromMs}
          max={range.toMs}
          step={(range.toMs - range.fromMs) / 200}
          value={atMs}
          aria-valuetext={`${seconds(atMs)}, ${sinceFault(model, atMs)}`}
          onInput={(event) => look({ atMs: Number(event.currentTarget.value) })}
        />
      </label>
      <label>
        Show{" "}
        <select value={String(chosen)} onChange={(event) => choose(Number(event.currentTarget.value))}>
          {ranges.map(({ label }, index) => (
            <option key={label} value={String(index)}>
              {label}
            </option>
          ))}
          {chosen < 0 && (
            <option value="-1">
              {seconds(range.fromMs)} to {seconds(range.toMs)}
            </option>
          )}
        </select>
      </label>
      <nav aria-label="Panels">
        {panels.map(({ id, short }) => (
          <a key={id} href={`#${id}`}>
            {short}
          </a>
        ))}
      </nav>
      <p class="keys faint">
        <kbd>←</kbd> <kbd>→</kbd> scrub, with <kbd>Shift</kbd> faster · <kbd>n</kbd> <kbd>p</kbd> next and
        previous event
      </p>
    </div>
  );
}
