import { rangesOf } from "./logic/time-marks.ts";
import type { PanelEntry } from "./panels/panel.ts";
import { RangeChoice } from "./parts/range-choice.tsx";
import { seconds, sinceFault } from "./parts/time.ts";
import type { PanelProps, Range } from "./view.ts";

/** Stays in sight: the moment that is looked at, the interval of time that is shown, and the way to each panel. */
export function Toolbar({
  model,
  view,
  look,
  panels,
}: PanelProps & { readonly panels: readonly PanelEntry[] }) {
  const { atMs, range } = view;
  const choose = (next: Range) =>
    look({ range: next, atMs: Math.min(next.toMs, Math.max(next.fromMs, atMs)) });
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
      <RangeChoice ranges={rangesOf(model)} range={range} onChoose={choose} />
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
