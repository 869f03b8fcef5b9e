import { useState } from "preact/hooks";
import type { DrawnSystem } from "../../../../model/drawn-system.ts";
import { formatNumber } from "../../../numbers.ts";
import { LogLines } from "../parts/log-lines.tsx";
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
  const toggle = (name: string) =>
    onNodes(nodes.includes(name) ? nodes.filter((one) => one !== name) : [...nodes, name]);
  return (
    <>
      <fieldset class="filters" aria-label="Filter of the log">
        {topology.nodes.map(({ name }) => (
          <button
            key={name}
            type="button"
            class="chip"
            aria-pressed={nodes.includes(name)}
            onClick={() => toggle(name)}
          >
            {name}
          </button>
        ))}
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
