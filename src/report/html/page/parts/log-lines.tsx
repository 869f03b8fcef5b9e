import { useEffect, useRef, useState } from "preact/hooks";
import type { ReportLine } from "../../../../model/report-model.ts";
import { seconds } from "./time.ts";

/** Lines drawn before and after the moment: thousands at once would be slow. */
const AROUND = 120;

const LEVELS: Readonly<Record<ReportLine[2], string>> = {
  ".": "debug",
  "-": "verbose",
  "*": "notice",
  "#": "warning",
  ">": "done or seen by the drill",
};

interface Props {
  readonly lines: readonly ReportLine[];
  readonly atMs: number;
  readonly onChoose: (atMs: number) => void;
  /** How a time is written. */
  readonly timeOf?: (atMs: number) => string;
  /** What the list is called, for those who do not see it. */
  readonly label?: string;
}

/** The lines around a moment, the last one before it marked and in sight. */
export function LogLines({ lines, atMs, onChoose, timeOf = seconds, label = "Log" }: Props) {
  const [more, setMore] = useState(0);
  const box = useRef<HTMLOListElement>(null);
  const marked = lines.findLastIndex(([at]) => at <= atMs);
  const from = Math.max(0, marked - AROUND - more);
  const to = Math.min(lines.length, Math.max(marked, 0) + AROUND + more);

  useEffect(() => {
    const line = box.current?.querySelector<HTMLElement>("[aria-current]");
    if (box.current && line) box.current.scrollTop = line.offsetTop - box.current.clientHeight / 2;
  }, [marked, lines.length]);

  const rest = (count: number, where: string) =>
    count > 0 && (
      <li class="rest">
        <button type="button" class="quiet" onClick={() => setMore(more + 4 * AROUND)}>
          {count} {where}
        </button>
      </li>
    );
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <ol class="log scroll" ref={box} tabIndex={0} aria-label={label}>
      {rest(from, "earlier lines")}
      {lines.slice(from, to).map(([at, node, level, said], index) => (
        <li
          key={from + index}
          class={`${level === "#" ? "warning" : ""} ${level === ">" ? "seen" : ""}`}
          aria-current={from + index === marked ? "true" : undefined}
        >
          <button type="button" class="link" onClick={() => onChoose(at)} title="look at this moment">
            {timeOf(at)}
          </button>
          <span class="from">{node}</span>
          <span class="level" title={LEVELS[level]}>
            {level}
          </span>
          <span class="said">{said}</span>
        </li>
      ))}
      {rest(lines.length - to, "later lines")}
    </ol>
  );
}
