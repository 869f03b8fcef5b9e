import { unreadWords } from "../../../unread-words.ts";
import { Lanes } from "../charts/lanes.tsx";
import { TopologyDiagram } from "../charts/topology.tsx";
import { beforeDuringAfter, faultOf } from "../logic/time-marks.ts";
import { toggled } from "../logic/toggled.ts";
import { topologyAt } from "../logic/topology-at.ts";
import { LimitingSetting } from "../outage-bar.tsx";
import { Scroll } from "../parts/data-table.tsx";
import { seconds } from "../parts/time.ts";
import type { PanelProps } from "../view.ts";
import type { PanelEntry } from "./panel.ts";

/** What happened when: lanes of faults, outages and roles, the topology at the chosen moment, and the phases. */
export const timeline: PanelEntry = {
  id: "timeline",
  title: "What happened, and who was who",
  short: "timeline",
  applies: () => true,
  Panel: TimelinePanel,
};

function TimelinePanel({ model, view, look }: PanelProps) {
  return (
    <>
      <div class="beside">
        <Lanes model={model} view={view} look={look} />
        <figure class="topology">
          <TopologyDiagram
            nodes={topologyAt(model, view.atMs)}
            chosen={view.nodes}
            onChoose={(name) => look({ nodes: toggled(view.nodes, name) })}
          />
          <figcaption aria-live="polite">
            At {seconds(view.atMs)}. Choose a node to see only its log.
          </figcaption>
        </figure>
      </div>
      <div class="thumbs">
        {beforeDuringAfter(model).map(({ atMs, label }) => (
          <button key={label} type="button" onClick={() => look({ atMs })}>
            <TopologyDiagram nodes={topologyAt(model, atMs)} small />
            <span>
              {label} <span class="faint">{seconds(atMs)}</span>
            </span>
          </button>
        ))}
      </div>
      <Unread model={model} />
      <div>
        {model.failovers.map((failover) => (
          <Phases key={failover.fault} model={model} failover={failover} look={look} />
        ))}
      </div>
    </>
  );
}

/** What could not be read, beside what is missing because of it. */
function Unread({ model }: Pick<PanelProps, "model">) {
  const words = unreadWords(model.result);
  if (words.length === 0) return null;
  return (
    <ul class="notes">
      {words.map((text) => (
        <li key={text}>{text}</li>
      ))}
    </ul>
  );
}

interface PhasesProps extends Pick<PanelProps, "model" | "look"> {
  readonly failover: PanelProps["model"]["failovers"][number];
}

function Phases({ model, failover, look }: PhasesProps) {
  const { injectMs = 0, label = "" } = faultOf(model, failover.fault) ?? {};
  return (
    <Scroll label={`Phases: ${label}`}>
      <table class="phases">
        <caption>
          Phases: {label} <span class="faint">(those in bold add up to the outage)</span>
        </caption>
        <thead>
          <tr>
            <th scope="col">phase</th>
            <th scope="col" class="number">
              since the fault
            </th>
            <th scope="col" class="number">
              step
            </th>
            <th scope="col">governed by</th>
            <th scope="col">up to</th>
            <th scope="col">told by</th>
          </tr>
        </thead>
        <tbody>
          {failover.phases.map(
            ({ name, atMs, tookMs, since, path, seenBy, errorMs, responsible, governedBy }) => (
              <tr key={name}>
                <td class={path ? "path" : ""}>
                  <button
                    type="button"
                    class="link"
                    onClick={() => look({ atMs: injectMs + atMs, near: true })}
                  >
                    {name}
                  </button>
                </td>
                <td class="number">
                  {seconds(atMs)}
                  {errorMs !== undefined && <span class="faint"> ±{Math.ceil(errorMs)} ms</span>}
                </td>
                <td class="number">
                  {since === null || since === name ? "" : `+${seconds(tookMs)}`}
                  {!path && since !== null && since !== name && <span class="faint"> after {since}</span>}
                </td>
                <td>
                  <LimitingSetting governedBy={governedBy} />
                </td>
                <td class="faint">{responsible ?? ""}</td>
                <td class="faint">{seenBy}</td>
              </tr>
            ),
          )}
        </tbody>
      </table>
    </Scroll>
  );
}
