import { useState } from "preact/hooks";
import type { LiveLine } from "../../../model/live.ts";
import { toggled } from "../../../report/html/page/logic/toggled.ts";
import { clock } from "../parts/clock.ts";
import type { LivePanelProps } from "../view.ts";

const SHOWN = 150;
const MORE = 500;

/** Each kind by mark and word: colour is not needed. */
const MARKS: Readonly<Record<LiveLine["kind"], { mark: string; word: string }>> = {
  fault: { mark: "⚡", word: "fault" },
  heal: { mark: "✚", word: "healed" },
  promotion: { mark: "▲", word: "promotion" },
  topology: { mark: "•", word: "node" },
  sentinel: { mark: "◆", word: "Sentinel" },
  outage: { mark: "◼", word: "outage" },
  app: { mark: "▣", word: "application" },
  error: { mark: "✗", word: "error" },
  step: { mark: "›", word: "step" },
};

/** What was done and what became of it, the newest first; up to the moment that is looked at. */
export function Events({ session, view, atMs, look }: LivePanelProps) {
  const [only, setOnly] = useState<readonly LiveLine["kind"][]>([]);
  const [most, setMost] = useState(SHOWN);
  const until = view.stoppedMs === null ? Number.POSITIVE_INFINITY : atMs;
  const lines = session.lines.filter(
    ({ atMs: ms, kind }) => ms <= until && (only.length === 0 || only.includes(kind)),
  );
  // What is known only later stands at the moment of which it tells.
  const inOrder = lines.toSorted((a, b) => a.atMs - b.atMs || a.n - b.n);
  const shown = inOrder.slice(-most).reverse();
  const toggle = (kind: LiveLine["kind"]) => setOnly(toggled(only, kind));
  return (
    <section class="panel" aria-labelledby="events-title" id="events">
      <h2 id="events-title">Events</h2>
      <fieldset class="filters">
        <legend class="visually-hidden">Show only</legend>
        {(Object.keys(MARKS) as LiveLine["kind"][]).map((kind) => (
          <button
            key={kind}
            type="button"
            class="chip"
            aria-pressed={only.includes(kind)}
            onClick={() => toggle(kind)}
          >
            {MARKS[kind].word}
          </button>
        ))}
      </fieldset>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <ol class="log events scroll" tabIndex={0} aria-label="Events, the newest first">
        {shown.map(({ n, atMs: ms, kind, from, text }) => (
          <li key={n} class={`kind-${kind}`}>
            <button
              type="button"
              class="link"
              title="look at this moment"
              onClick={() => look({ stoppedMs: ms })}
            >
              {clock(ms)}
            </button>
            <span class="from">{from}</span>
            <span class="kind">
              <span aria-hidden="true">{MARKS[kind].mark} </span>
              {MARKS[kind].word}
            </span>
            <span class="said">{text}</span>
          </li>
        ))}
        {lines.length > most && (
          <li class="rest">
            <button type="button" class="quiet" onClick={() => setMost(most + MORE)}>
              {lines.length - most} earlier lines
            </button>
          </li>
        )}
      </ol>
    </section>
  );
}
