import type { ReportModel } from "../../../../model/report-model.ts";
import { type NodeAt, topologyAt } from "./topology-at.ts";

/** How a node was for a while. */
export interface Band {
  readonly fromMs: number;
  readonly toMs: number;
  /** What it is drawn as. `quiet`: a Sentinel that sees nothing amiss, or a node that has told nothing yet. */
  readonly look: "primary" | "replica" | "unlinked" | "gone" | "suspects" | "agreed" | "quiet";
}

/** What a band says. */
export const bandWords: Readonly<Record<Band["look"], string>> = {
  primary: "primary",
  replica: "replica",
  unlinked: "replica, link down",
  gone: "does not answer",
  suspects: "suspects the primary",
  agreed: "agreed: primary down",
  quiet: "",
};

export interface Lane {
  readonly name: string;
  readonly bands: readonly Band[];
}

/** With more nodes than this only those are drawn that changed. */
const LANES_MAX = 24;

/** The story of each node as bands of time. */
export function roleLanes(model: Pick<ReportModel, "topology" | "faults" | "durationMs">): Lane[] {
  const times = [...new Set([0, ...model.topology.changes.map(({ atMs }) => atMs)])];
  const lanes = new Map<string, Band[]>(model.topology.nodes.map(({ name }) => [name, []]));
  // Changes come in bursts of one look; a band shorter than a millisecond is no story.
  const looked = times.filter((atMs, index) => (times[index + 1] ?? Infinity) - atMs > 1);
  looked.forEach((atMs, index) => {
    const toMs = looked[index + 1] ?? model.durationMs;
    for (const at of topologyAt(model, atMs))
      extend(lanes.get(at.node.name) as Band[], atMs, toMs, lookOf(at));
  });
  const all = [...lanes].map(([name, bands]) => ({ name, bands }));
  if (all.length <= LANES_MAX) return all;
  return all.filter(({ bands }) => bands.length > 1).slice(0, LANES_MAX);
}

function extend(bands: Band[], fromMs: number, toMs: number, look: Band["look"]): void {
  const last = bands.at(-1);
  if (last?.look === look) bands[bands.length - 1] = { ...last, toMs };
  else bands.push({ fromMs: last === undefined ? 0 : fromMs, toMs, look });
}

function lookOf({ role, reachable, linkUp, sees }: NodeAt): Band["look"] {
  if (role === "sentinel") return sees === "down" ? "suspects" : sees === "agreed" ? "agreed" : "quiet";
  if (!reachable) return "gone";
  if (role === undefined) return "quiet";
  return role === "replica" && !linkUp ? "unlinked" : role;
}
