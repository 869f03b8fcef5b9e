import type { ReportFault } from "../../../model/report-model.ts";
import { type NodeAt, topologyAt } from "../../../report/html/page/logic/topology-at.ts";
import type { Session } from "../store.ts";

/** A node at one moment, with what changes all the time. */
export interface LiveNode extends NodeAt {
  /** Replication offset; `null`: not known. */
  readonly offset: number | null;
  /** Bytes behind the node that it follows, as both were seen at the same time. */
  readonly lag: number | null;
  readonly slots: string;
}

/** Offsets that were seen so long before a moment are not those of the moment. */
const STALE_MS = 3000;

export function nodesAt(session: Session, atMs: number): LiveNode[] {
  const { setup, changes, samples, slots } = session;
  const model = { topology: { nodes: [...setup.nodes], changes }, faults: modelFaults(session) };
  const data = setup.nodes.filter(({ role }) => role !== "sentinel").map(({ name }) => name);
  const [seenMs = Number.NEGATIVE_INFINITY, offsets = []] = samples.findLast(([ms]) => ms <= atMs) ?? [];
  // Samples grow further apart as a session grows long.
  const apartMs = samples.length > 1 ? (samples[1]?.[0] ?? 0) - (samples[0]?.[0] ?? 0) : 0;
  const fresh = atMs - seenMs < Math.max(STALE_MS, 3 * apartMs);
  const offsetOf = (name: string | undefined) => {
    const offset = name === undefined || !fresh ? -1 : (offsets[data.indexOf(name)] ?? -1);
    return offset < 0 ? null : offset;
  };
  return topologyAt(model, atMs).map((at) => {
    const own = at.reachable ? offsetOf(at.node.name) : null;
    const followed = offsetOf(at.follows);
    return {
      ...at,
      offset: own,
      lag: own === null || followed === null ? null : Math.max(0, followed - own),
      slots: slots.findLast(({ node, atMs: ms }) => node === at.node.name && ms <= atMs)?.slots ?? "",
    };
  });
}

/** The faults in the form of a report's model; one of links marks both of their ends. */
export function modelFaults({ faults }: Session): ReportFault[] {
  return faults.map((fault) => ({
    ...fault,
    targets: [...new Set(fault.targets.flatMap((target) => [target, ...endsOf(target)]))],
    primaries: [...fault.primaries],
    shards: [],
  }));
}

function endsOf(target: string): string[] {
  return target.includes(">") ? target.split(">") : [];
}
