import { CopyButton } from "../parts/copy-button.tsx";
import { DataTable, Scroll } from "../parts/data-table.tsx";
import type { PanelProps } from "../view.ts";
import type { PanelEntry } from "./panel.ts";

/** Scenario, seed, versions, and the command that repeats the run. */
export const replay: PanelEntry = {
  id: "replay",
  title: "Scenario, versions, and the command that repeats the run",
  short: "replay",
  applies: () => true,
  Panel: ReplayPanel,
};

function ReplayPanel({ model }: PanelProps) {
  const { result, settings, quorum, waitReplicas, scenario } = model;
  const { topology, client, seed } = result;
  const facts: [string, string][] = [
    ["scenario", result.scenario],
    ["seed", String(seed)],
    ["Valkey", topology.valkey],
    ["driver", topology.driver],
    ["client", `${client.name} ${client.version}`],
    ...(quorum === null ? [] : [["quorum", String(quorum)] as [string, string]]),
    ["replicas that WAIT must confirm", String(waitReplicas)],
    ...Object.entries(settings),
    ["valkey-drill", model.tool],
  ];
  return (
    <>
      <p class="command">
        <code id="replay-command">{result.replay}</code>
        <CopyButton text={result.replay} from="replay-command" />
      </p>
      <p class="faint">
        The seed repeats the schedule, not the interleaving of real processes: times differ from run to run.
      </p>
      <div class="two">
        <DataTable table={{ title: "Versions and settings", columns: ["name", "value"], rows: facts }} />
        <DataTable
          table={{
            title: "Nodes",
            columns: ["node", "role at the start", "address"],
            rows: topology.nodes.map(({ name, role, endpoint }) => [name, role, endpoint]),
          }}
        />
      </div>
      {scenario !== null && (
        <details>
          <summary>The scenario as it ran</summary>
          <Scroll label="The scenario as it ran">
            <pre>{scenario}</pre>
          </Scroll>
        </details>
      )}
    </>
  );
}
