import type { Range } from "../view.ts";
import { seconds } from "./time.ts";

interface Props {
  readonly ranges: readonly (Range & { readonly label: string })[];
  /** The one that is shown; it need not be among them. */
  readonly range: Range;
  readonly onChoose: (range: Range) => void;
}

/** Which interval of time all charts show. */
export function RangeChoice({ ranges, range, onChoose }: Props) {
  const chosen = ranges.findIndex(({ fromMs, toMs }) => fromMs === range.fromMs && toMs === range.toMs);
  const choose = (index: number) => {
    const next = ranges[index];
    if (next !== undefined) onChoose({ fromMs: next.fromMs, toMs: next.toMs });
  };
  return (
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
  );
}
