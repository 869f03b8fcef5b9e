import type { ProbeResult } from "../../../../model/app-result.ts";
import type { ReportApp } from "../../../../model/report-app.ts";
import {
  type AppConnections,
  answerWords,
  appLife,
  appSentences,
  CONNECTION_COLUMNS,
  connectionCells,
  probeCounts,
  probeOutageWords,
} from "../../../app-words.ts";
import { formatBytes, formatMs, formatNumber } from "../../../numbers.ts";
import { AppLanes } from "../charts/app-lanes.tsx";
import type { Table } from "../logic/evidence.ts";
import { DataTable } from "../parts/data-table.tsx";
import { LogLines } from "../parts/log-lines.tsx";
import type { PanelProps } from "../view.ts";
import type { PanelEntry } from "./panel.ts";

/** The application under the drill: its probes beside the failover, how it lived, where its connections were. */
export const application: PanelEntry = {
  id: "application",
  title: "The application",
  short: "application",
  applies: ({ app, result }) => app !== undefined || result.app !== undefined,
  Panel: ApplicationPanel,
};

function ApplicationPanel(props: PanelProps) {
  const { model, view, look } = props;
  const { app } = model.result;
  const names = new Set(["probes", ...(model.app?.instances ?? []).map(({ name }) => name)]);
  const lines = model.logs.lines.filter(([, from]) => names.has(from));
  return (
    <>
      {app !== undefined && (
        <>
          <p>
            {app.started === null ? "It ran already" : <code>{app.started}</code>}: {appLife(app).join(", ")}.
          </p>
          <ul class="app-words">
            {appSentences(app).map(({ word, text }) => (
              <li key={word}>
                <strong class={`word ${word}`}>{word}</strong> {text}
              </li>
            ))}
          </ul>
        </>
      )}
      {model.app !== undefined && (
        <figure class="app-lanes">
          <figcaption>
            What the probes were answered, beside the phases of the failover
            <ul class="legend">
              <li class="ok">ok</li>
              <li class="fail">failed</li>
              <li class="info">unknown</li>
              <li class="out">no lasting success</li>
            </ul>
          </figcaption>
          <AppLanes {...props} />
          {memoryWords(model.app) !== "" && <p class="hint">{memoryWords(model.app)}</p>}
        </figure>
      )}
      {app !== undefined && app.probes.length > 0 && (
        <DataTable table={{ title: "Probes", columns: PROBE_COLUMNS, rows: app.probes.map(probeRow) }} />
      )}
      {app !== undefined && app.connections.length > 0 && (
        <DataTable table={connectionsTable(app.connections)} />
      )}
      {lines.length > 0 && (
        <>
          <h3>Its life, and lines of its output that matter</h3>
          <LogLines
            lines={lines}
            atMs={view.atMs}
            label="Log of the application"
            onChoose={(atMs) => look({ atMs })}
          />
        </>
      )}
    </>
  );
}

/** Which line is which. */
const LINES = ["solid", "dashed", "dotted"];

function memoryWords({ instances }: ReportApp): string {
  const told = instances
    .filter(({ memory }) => memory.length > 1)
    .map(({ name, memory }, index) => {
      const most = Math.max(...memory.map(([, bytes]) => bytes));
      return `${name} (${LINES[index % LINES.length]}) ${formatBytes(most)} at most`;
    });
  return told.length === 0 ? "" : `Memory: ${told.join(", ")}.`;
}

/** Without the columns in which nothing stands. */
function connectionsTable(connections: readonly AppConnections[]): Table {
  const rows = connections.map((at) => [at.node, ...connectionCells(at)]);
  const isUsed = (_: unknown, column: number) => rows.some((row) => row[column] !== "");
  return {
    title: "Its connections, when the drill looked last",
    columns: CONNECTION_COLUMNS.filter(isUsed),
    rows: rows.map((row) => row.filter(isUsed)),
  };
}

const PROBE_COLUMNS = [
  ...["probe", "sent", "ok", "failed", "unknown", "outage", "half within", "99% within"],
  ...["lost", "duplicated", "asked", "answers"],
];

function probeRow(probe: ProbeResult): string[] {
  const { name, p50Ms, p99Ms, lost, duplicated, asks } = probe;
  const time = (ms: number | null) => (ms === null ? "—" : formatMs(ms));
  const fate = (count: number | null) => (count === null ? "—" : formatNumber(count));
  return [
    name,
    ...probeCounts(probe),
    probeOutageWords(probe),
    time(p50Ms),
    time(p99Ms),
    fate(lost),
    fate(duplicated),
    asks,
    answerWords(probe),
  ];
}
