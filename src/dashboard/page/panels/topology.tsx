import { TopologyDiagram } from "../../../report/html/page/charts/topology.tsx";
import { toggled } from "../../../report/html/page/logic/toggled.ts";
import { Scroll } from "../../../report/html/page/parts/data-table.tsx";
import { formatNumber } from "../../../report/numbers.ts";
import { type LiveNode, nodesAt } from "../logic/nodes-at.ts";
import type { LivePanelProps } from "../view.ts";

/** Who is what, follows whom, and how far behind. A click chooses a node as a target. */
export function Topology({ session, view, atMs, look }: LivePanelProps) {
  const nodes = nodesAt(session, atMs);
  const play = session.setup.mode === "play";
  const choose = (name: string) => look({ chosen: toggled(view.chosen, name) });
  const sharded = session.setup.kind === "cluster";
  return (
    <section class="panel" aria-labelledby="topology-title">
      <h2 id="topology-title">Topology</h2>
      <div class="beside">
        <figure class="topology">
          <TopologyDiagram nodes={nodes} chosen={view.chosen} {...(play && { onChoose: choose })} />
        </figure>
      </div>
      <Scroll label="Nodes">
        <table class="nodes">
          <thead>
            <tr>
              <th scope="col">node</th>
              <th scope="col">role</th>
              <th scope="col">follows</th>
              <th scope="col" class="number">
                offset
              </th>
              <th scope="col" class="number">
                lag
              </th>
              {sharded && <th scope="col">slots</th>}
              <th scope="col">address</th>
            </tr>
          </thead>
          <tbody>
            {nodes.map((at) => (
              <tr
                key={at.node.name}
                class={`${at.reachable ? "" : "gone"} ${at.faults.length > 0 ? "disrupted" : ""}`}
              >
                <th scope="row">
                  {play ? (
                    <label class="target">
                      <input
                        type="checkbox"
                        checked={view.chosen.includes(at.node.name)}
                        onChange={() => choose(at.node.name)}
                      />
                      {at.node.name}
                    </label>
                  ) : (
                    at.node.name
                  )}
                </th>
                <td>{roleOf(at)}</td>
                <td>{followsOf(at)}</td>
                <td class="number">{at.offset === null ? "—" : formatNumber(at.offset)}</td>
                <td class="number">{at.lag === null ? "—" : formatNumber(at.lag)}</td>
                {sharded && <td>{at.slots || "—"}</td>}
                <td class="faint">{at.node.endpoint}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </section>
  );
}

function roleOf({ role, reachable, faults, sees, state }: LiveNode): string {
  const words = [
    reachable ? (role ?? "not told yet") : "does not answer",
    ...faults,
    ...(sees === "down" ? ["holds the primary to be down"] : sees === "agreed" ? ["agreed: down"] : []),
    ...(state === "fail" ? ["cluster_state:fail"] : []),
  ];
  return words.join(", ");
}

function followsOf({ follows, linkUp }: LiveNode): string {
  if (follows === undefined) return "—";
  return linkUp ? follows : `${follows}, link down`;
}
