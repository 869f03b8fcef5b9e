import { unreadWords } from "../../../unread-words.ts";
import { beforeDuringAfter, faultOf } from "../logic/moments.ts";
import { topologyAt } from "../logic/topology-at.ts";
import { Governed } from "../outage-bar.tsx";
import { Scroll } from "../parts/data-table.tsx";
import { seconds } from "../parts/time.ts";
import { Lanes } from "../pictures/lanes.tsx";
import { TopologyPicture } from "../pictures/topology.tsx";
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

function TimelinePanel({ picture, view, look }: PanelProps) {
  return (
    <>
      <div class="beside">
        <Lanes picture={picture} view={view} look={look} />
        <figure class="topology">
          <TopologyPicture
            nodes={topologyAt(picture, view.atMs)}
            chosen={view.nodes}
            onChoose={(name) => look({ nodes: toggled(view.nodes, name) })}
          />
          <figcaption aria-live="polite">
            At {seconds(view.atMs)}. Choose a node to see only its log.
          </figcaption>
        </figure>
      </div>
      <div class="thumbs">
        {beforeDuringAfter(picture).map(({ atMs, label }) => (
          <button key={label} type="button" onClick={() => look({ atMs })}>
            <TopologyPicture nodes={topologyAt(picture, atMs)} small />
            <span>
              {label} <span class="faint">{seconds(atMs)}</span>
            </span>
          </button>
        ))}
      </div>
      <Unread picture={picture} />
      <div>
        {picture.failovers.map((failover) => (
          <Phases key={failover.fault} picture={picture} failover={failover} look={look} />
        ))}
      </div>
    </>
  );
}

/** What could not be read, beside what is missing because of it. */
function Unread({ picture }: Pick<PanelProps, "picture">) {
  const words = unreadWords(picture.result);
  if (words.length === 0) return null;
  return (
    <ul class="notes">
      {words.map((text) => (
        <li key={text}>{text}</li>
      ))}
    </ul>
  );
}

interface PhasesProps extends Pick<PanelProps, "picture" | "look"> {
  readonly failover: PanelProps["picture"]["failovers"][number];
}

function Phases({ picture, failover, look }: PhasesProps) {
  const { injectMs = 0, label = "" } = faultOf(picture, failover.fault) ?? {};
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
                  <Governed governedBy={governedBy} />
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

function toggled(names: readonly string[], name: string): string[] {
  return names.includes(name) ? names.filter((one) => one !== name) : [...names, name];
}
