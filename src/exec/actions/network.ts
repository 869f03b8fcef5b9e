import { z } from "zod";
import { CLIENTS_END, parseLinkName } from "../../driver/links.ts";
import { DrillError } from "../../model/errors.ts";
import { dataNodesOf } from "../fault-list.ts";
import { action, actionDuration, nodeId, WHICH } from "./action.ts";

const nodes = z.array(nodeId).min(1);
const forMs = (ms: number | undefined) => (ms === undefined ? {} : { for: `${ms}ms` });

/** Clients reach no node for a while. */
export const networkFailure = action({
  type: "network_failure",
  does: "fault cut between clients and every data node, for delay (seconds); without delay until it is healed",
  parameters: z.strictObject({ ...WHICH, delay: actionDuration.optional() }),
  deeds: ({ delay }, plan) => [
    {
      inject: {
        fault: "cut",
        target: dataNodesOf(plan).map((name) => `${CLIENTS_END}<>${name}`),
        ...forMs(delay),
      },
    },
  ],
});

export const networkPartition = action({
  type: "network_partition",
  does: "fault cut between nodes and all others (clients still reach both sides), for duration",
  parameters: z.strictObject({ ...WHICH, nodes, duration: actionDuration.optional() }),
  deeds: ({ nodes: side, duration }, plan) => {
    const others = plan.nodes.map(({ name }) => name).filter((name) => !side.includes(name));
    if (others.length === 0)
      throw new DrillError("BAD_USAGE", "network_partition: there is no node on the other side");
    return [
      { inject: { fault: "cut", target: `${side.join(",")}|${others.join(",")}`, ...forMs(duration) } },
    ];
  },
});

export const networkLatency = action({
  type: "network_latency",
  does: "fault delay on all links of nodes, those of clients too, by latency, more or less by jitter",
  parameters: z.strictObject({
    ...WHICH,
    nodes,
    latency: actionDuration,
    jitter: actionDuration.optional(),
  }),
  deeds: ({ nodes: of, latency, jitter }) => [
    {
      inject: {
        fault: "delay",
        target: of.flatMap((name) => [name, `${CLIENTS_END}<>${name}`]),
        ms: latency,
        ...(jitter !== undefined && { jitterMs: jitter }),
      },
    },
  ],
});

export const networkRestore = action({
  type: "network_restore",
  does: "heals every fault of links that touches one of nodes",
  parameters: z.strictObject({ ...WHICH, nodes }),
  deeds: ({ nodes: of }) => [
    {
      what: `faults of the links of ${of.join(", ")}`,
      heal: ({ fault, targets }) =>
        fault.targetKind === "links" &&
        targets.some((name) => {
          const { from = "", to = "" } = parseLinkName(name) ?? {};
          return of.includes(from) || of.includes(to);
        }),
    },
  ],
});
