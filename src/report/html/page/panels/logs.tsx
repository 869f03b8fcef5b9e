import { useMemo, useState } from "preact/hooks";
import type { ReportModel } from "../../../../model/report-model.ts";
import { formatNumber } from "../../../numbers.ts";
import { unreadWords } from "../../../unread-words.ts";
import { LogLines } from "../parts/log-lines.tsx";
import { NodeChips } from "../parts/node-chips.tsx";
import { seconds } from "../parts/time.ts";
import type { PanelProps } from "../view.ts";
import type { PanelEntry } from "./panel.ts";

const NEAR_MS = 500;
const DRILL = "drill";

/** All nodes' logs, and what the drill did and saw, on one clock. */
export const logs: PanelEntry = {
  id: "logs",
  title: "What the nodes said, on one clock",
  short: "logs",
  applies: ({ logs }) => logs.lines.length > 0,
  Panel: LogsPanel,
};

function LogsPanel({ model, view, look }: PanelProps) {
  const [text, setText] = useState("");
  const { lines, omitted } = model.logs;
  const names = useMemo(() => [...new Set(lines.map(([, node]) => node))].sort(order), [lines]);
  const words = text.toLowerCase();
  const found = lines.filter(
    ([at, node, , said]) =>
      (view.nodes.length === 0 || view.nodes.includes(node)) &&
      (!view.near || Math.abs(at - view.atMs) <= NEAR_MS) &&
      (words === "" || said.toLowerCase().includes(words)),
  );
  return (
    <>
      <p class="hint">{[clockNote(model), ...unreadWords(model.result)].join(" ! ")}</p>
      <fieldset class="filters" aria-label="Filter of the log">
        <NodeChips names={names} chosen={view.nodes} onChoose={(nodes) => look({ nodes })} />
        <label>
          <input
            type="checkbox"
            checked={view.near}
            onChange={(event) => look({ near: event.currentTarget.checked })}
          />{" "}
          only half a second around {seconds(view.atMs)}
        </label>
        <label>
          with the words{" "}
          <input type="search" value={text} onInput={(event) => setText(event.currentTarget.value)} />
        </label>
        {(view.nodes.length > 0 || view.near || text !== "") && (
          <button
            type="button"
            class="quiet"
            onClick={() => {
              setText("");
              look({ nodes: [], near: false });
            }}
          >
            show all
          </button>
        )}
        <span class="faint" aria-live="polite">
          {formatNumber(found.length)} of {formatNumber(lines.length)} lines
          {omitted > 0 && `; ${formatNumber(omitted)} more, far from any fault, are in nodes/*/node.log`}
        </span>
      </fieldset>
      <LogLines lines={found} atMs={view.atMs} onChoose={(atMs) => look({ atMs })} />
    </>
  );
}

/** The drill first, then by name, numbers as numbers. */
function order(a: string, b: string): number {
  if (a === DRILL || b === DRILL) return a === DRILL ? -1 : 1;
  return a.localeCompare(b, "en", { numeric: true });
}

function clockNote({ logs }: ReportModel): string {
  const offsets = [...new Set(Object.values(logs.utcOffsetMinutes))];
  const zones = offsets
    .filter((minutes) => minutes !== 0)
    .map((minutes) => `UTC${minutes > 0 ? "+" : "−"}${Math.abs(minutes / 60)} h`);
  const zone =
    zones.length === 0 ? "" : ` It was taken to be ${zones.join(" and ")}, by each log's first line.`;
  return (
    `Seconds since the run began. Times of logs are the servers' own wall clock, to a millisecond; “>” is what ` +
    `the drill did or saw, by its own clock.${zone}`
  );
}
