import type { ReportModel } from "../../../../model/report-model.ts";
import { formatNumber } from "../../../numbers.ts";
import { DataTable } from "../parts/data-table.tsx";
import type { PanelProps } from "../view.ts";
import type { PanelEntry } from "./panel.ts";

const SLOTS = 16_384;

/** Slots and keys of each shard, at the end of the run. */
export const shards: PanelEntry = {
  id: "shards",
  title: "Slots and keys per shard, at the end",
  short: "shards",
  applies: ({ result }) => result.shards.length > 0,
  Panel: ShardsPanel,
};

function ShardsPanel({ model }: PanelProps) {
  const { shards } = model.result;
  const most = Math.max(1, ...shards.map(({ keys }) => keys));
  return (
    <>
      <div
        class="slots"
        role="img"
        aria-label={`Slots: ${shards.map(({ shard, slots }) => `shard ${shard} has ${slots}`).join("; ")}`}
      >
        {shards.flatMap(({ shard, slots }) =>
          rangesOf(slots).map(([first, last]) => (
            <span
              key={`${shard} ${first}`}
              class={`slot part-${(shard - 1) % 4}`}
              style={{ left: `${(first / SLOTS) * 100}%`, width: `${((last - first + 1) / SLOTS) * 100}%` }}
              title={`shard ${shard}: ${first}-${last}`}
            >
              {last - first > SLOTS / 40 ? shard : ""}
            </span>
          )),
        )}
      </div>
      <DataTable
        table={{
          title: "",
          columns: ["shard", "slots", "keys", "share of keys", "primary", "replicas"],
          rows: shards.map(({ shard, slots, keys, primary, replicas }) => [
            String(shard),
            slots,
            formatNumber(keys),
            "█".repeat(Math.round((keys / most) * 12)) || "▏",
            primary,
            replicas.join(", ") || "—",
          ]),
        }}
      />
    </>
  );
}

/** `0-5460, 7` as pairs. */
function rangesOf(slots: ReportModel["result"]["shards"][number]["slots"]): [number, number][] {
  return [...slots.matchAll(/(\d+)(?:-(\d+))?/g)].map(([, first = "0", last]) => [
    Number(first),
    Number(last ?? first),
  ]);
}
