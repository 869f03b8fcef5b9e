import { formatRanges } from "../base/ranges.ts";
import { clientAddressOf } from "../model/addresses.ts";
import type { LiveSetup, LiveStatus } from "../model/live.ts";
import type { Plan } from "../model/plan.ts";
import type { Recording } from "../session/session.ts";

/** What a live page is fed from. */
export function liveSource(
  { plan, now, onEvent, view }: Omit<Recording, "startedAt">,
  setup: LiveSetup,
  status: () => LiveStatus,
) {
  return {
    setup,
    nowMs: () => now() / 1e6,
    onEvent,
    nodesNow: () =>
      [...view()].map(([name, { reachable, offset, slots }]) => ({
        name,
        offset: reachable ? offset : -1,
        slots: plan.kind === "cluster" && reachable ? formatRanges(slots) : "",
      })),
    status,
  };
}

/** The nodes as a live page is told of them. */
export function liveNodes(plan: Plan): LiveSetup["nodes"] {
  return plan.nodes.map(({ name, role, endpoint, shard }) => {
    const { host, port } = clientAddressOf(endpoint);
    return { name, role, endpoint: `${host}:${port}`, ...(shard !== undefined && { shard }) };
  });
}
