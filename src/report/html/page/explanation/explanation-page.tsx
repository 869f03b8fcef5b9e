import { useMemo, useState } from "preact/hooks";
import type { DrawnSystem } from "../../../../model/drawn-system.ts";
import type { ExplainedIncident, Explanation } from "../../../../model/explanation.ts";
import { dayAndSecond, readWords } from "../../../explanation/places.ts";
import { RangeChoice } from "../parts/range-choice.tsx";
import type { Range } from "../view.ts";
import { IncidentParts } from "./incident-parts.tsx";
import { SystemLanes } from "./system-lanes.tsx";
import { SystemLog } from "./system-log.tsx";
import { clockOf, rangesOf } from "./times.ts";
import { Unknown } from "./unknown.tsx";

interface Props {
  readonly explanation: Explanation;
  readonly systems: readonly DrawnSystem[];
}

/** What logs tell of failovers: the story of each, all nodes on one clock, and the lines beside it. */
export function ExplanationPage({ explanation, systems }: Props) {
  const { incidents, summary, verdict } = explanation;
  return (
    <>
      <header class={`headline ${verdict === "explained" ? "" : "unknown"}`}>
        <div class="title">
          <h1>What happened</h1>
          <p class="faint">{readWords(explanation).join(" · ")}</p>
        </div>
        <p class="story">{summary}</p>
        {incidents.length > 1 && (
          <ul class="why">
            {incidents.map(({ id, title, at }) => (
              <li key={id}>
                <a href={`#incident-${id}`}>{title}</a> <span class="faint">{dayAndSecond(at)}</span>
              </li>
            ))}
          </ul>
        )}
      </header>
      <main>
        {systems.map((system) => (
          <SystemPart
            key={system.name}
            system={system}
            incidents={incidents.filter((one) => one.system === system.name)}
          />
        ))}
        <Unknown explanation={explanation} />
      </main>
      <footer>valkey-drill explain · all times in UTC, on one clock</footer>
    </>
  );
}

function SystemPart({
  system,
  incidents,
}: {
  readonly system: DrawnSystem;
  readonly incidents: readonly ExplainedIncident[];
}) {
  const ranges = useMemo(() => rangesOf(system, incidents), [system, incidents]);
  const [range, setRange] = useState<Range>(ranges[1] ?? (ranges[0] as Range));
  const [atMs, setAtMs] = useState(incidents[0] ? clockOf(system).msOf(incidents[0].at) : range.fromMs);
  const [nodes, setNodes] = useState<readonly string[]>([]);
  const look = (ms: number) => {
    setAtMs(ms);
    if (ms < range.fromMs || ms > range.toMs) setRange(ranges[0] as Range);
  };
  return (
    <>
      <section class="panel" aria-label={system.name}>
        <h2>All nodes on one clock</h2>
        <p class="hint">
          {system.name}. Seconds since {system.startedAt.replace("T", " ")}. A click chooses a moment; its
          lines are marked below.
        </p>
        <p class="filters">
          <RangeChoice ranges={ranges} range={range} onChoose={setRange} />
          <label class="scrub">
            <span>
              Moment <output>{clockOf(system).timeOf(atMs)}</output>
            </span>
            <input
              type="range"
              min={range.fromMs}
              max={range.toMs}
              step={(range.toMs - range.fromMs) / 500}
              value={atMs}
              onInput={(event) => setAtMs(Number(event.currentTarget.value))}
            />
          </label>
        </p>
        <SystemLanes system={system} incidents={incidents} range={range} atMs={atMs} onChoose={setAtMs} />
      </section>
      {incidents.map((incident) => (
        <IncidentParts key={incident.id} incident={incident} look={(at) => look(clockOf(system).msOf(at))} />
      ))}
      <section class="panel" aria-label="Log lines">
        <h2>What the nodes wrote</h2>
        <SystemLog system={system} atMs={atMs} onChoose={look} nodes={nodes} onNodes={setNodes} />
      </section>
    </>
  );
}
