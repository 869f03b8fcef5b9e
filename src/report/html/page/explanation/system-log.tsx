import { useState } from "preact/hooks";
import type { DrawnSystem } from "../../../../model/drawn-system.ts";
import { formatNumber } from "../../../numbers.ts";
import { LogLines } from "../parts/log-lines.tsx";
import { NodeChips } from "../parts/node-chips.tsx";
import { clockOf } from "./times.ts";

interface Props {
  readonly system: DrawnSystem;
  readonly atMs: number;
  readonly onChoose: (atMs: number) => void;
  readonly nodes: readonly string[];
  readonly onNodes: (nodes: readonly string[]) => void;
}

/** The lines that tell something, all on one clock; by node and by words. */
export function SystemLog({ system, atMs, onChoose, nodes, onNodes }: Props) {
  const [text, setText] = useState("");
  const { lines, omitted, topology } = system;
  const words = text.toLowerCase();
  const found = lines.filter(
    ([, node, , said]) =>
      (nodes.length === 0 || nodes.includes(node)) && (words === "" || said.toLowerCase().includes(words)),
  );
  return (
    <>
      <fieldset class="filters" aria-label="Filter of the log">
        <NodeChips names={topology.nodes.map(({ name }) => name)} chosen={nodes} onChoose={onNodes} />
        <label>
          with the words{" "}
          <input type="search" value={text} onInput={(event) => setText(event.currentTarget.value)} />
        </label>
        <span class="faint" aria-live="polite">
          {formatNumber(found.length)} of {formatNumber(lines.length)} lines
          {omitted > 0 && `; ${formatNumber(omitted)} more, far from any incident, are in the logs`}
        </span>
      </fieldset>
      <div class="told-log">
        <LogLines lines={found} atMs={atMs} onChoose={onChoose} timeOf={clockOf(system).timeOf} />
      </div>
    </>
  );
}
