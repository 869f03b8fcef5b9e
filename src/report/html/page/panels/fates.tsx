import { useState } from "preact/hooks";
import { formatNumber } from "../../../numbers.ts";
import { Strip } from "../charts/strip.tsx";
import { FATE_LOOKS } from "../logic/fate-words.ts";
import { Scroll } from "../parts/data-table.tsx";
import { seconds } from "../parts/time.ts";
import type { PanelProps } from "../view.ts";
import type { PanelEntry } from "./panel.ts";

/** What became of every write: a strip around each fault, and those worth a look one by one. */
export const fates: PanelEntry = {
  id: "fates",
  title: "The fate of every write",
  short: "writes",
  hint:
    "A write stands where it was answered. Around the fault each has a tick; lost ones stand in the " +
    "uppermost lane.",
  applies: ({ fates }) => Object.keys(fates.counts).length > 0,
  Panel: FatesPanel,
};

function FatesPanel(props: PanelProps) {
  const { counts, windows, notable } = props.model.fates;
  return (
    <>
      <ul class="legend">
        {FATE_LOOKS.filter(({ fate }) => fate === "lost" || counts[fate]).map(({ fate, mark, words }) => (
          <li key={fate} class={`fate ${fate} ${counts[fate] ? "" : "none"}`}>
            <span aria-hidden="true">{mark}</span> <strong>{formatNumber(counts[fate] ?? 0)}</strong> {fate}
            <span class="faint"> {words}</span>
          </li>
        ))}
      </ul>
      {windows.map((window) => (
        <Strip key={window.fault} {...props} window={window} />
      ))}
      {notable.length > 0 && <Notable {...props} />}
    </>
  );
}

const ROWS_SHOWN = 8;

function Notable({ model, look }: PanelProps) {
  const { notable, omitted } = model.fates;
  const [all, setAll] = useState(false);
  const clustered = notable.some(({ shard }) => shard !== null);
  const answered = notable.some(({ by }) => by !== null);
  return (
    <Scroll label="Writes worth a look">
      <table>
        <caption>Writes worth a look, the worst first</caption>
        <thead>
          <tr>
            <th scope="col">fate</th>
            <th scope="col">key</th>
            {clustered && <th scope="col">shard</th>}
            <th scope="col">answered at</th>
            {answered && <th scope="col">by</th>}
            <th scope="col" class="number">
              before the loss
            </th>
            <th scope="col">seen on the replicas</th>
          </tr>
        </thead>
        <tbody>
          {(all ? notable : notable.slice(0, ROWS_SHOWN)).map((write) => (
            <tr key={`${write.key} ${write.sentMs}`}>
              <td class={`fate ${write.fate}`}>{write.fate}</td>
              <td>
                <code>{write.key}</code>
              </td>
              {clustered && <td>{write.shard}</td>}
              <td>
                <button
                  type="button"
                  class="link"
                  onClick={() => look({ atMs: write.endedMs ?? write.sentMs, near: true })}
                >
                  {write.endedMs === null ? "never" : seconds(write.endedMs)}
                </button>
              </td>
              {answered && <td>{write.by ?? "—"}</td>}
              <td class="number">{write.beforeFaultMs === null ? "—" : seconds(write.beforeFaultMs)}</td>
              <td>{write.replicated ? "yes" : "no"}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {!all && notable.length > ROWS_SHOWN && (
        <button type="button" class="quiet" onClick={() => setAll(true)}>
          show all {notable.length}
        </button>
      )}
      {omitted > 0 && <p class="faint">{formatNumber(omitted)} more are in history.jsonl.</p>}
    </Scroll>
  );
}
