import { z } from "zod";
import { dataNodesOf } from "../fault-list.ts";
import { action, nodeId, WHICH } from "./action.ts";

const node = z.strictObject({ ...WHICH, node_id: nodeId });
const graceful = z.strictObject({ ...WHICH, node_id: nodeId, graceful: z.boolean().default(false) });

export const nodeKill = action({
  type: "node_kill",
  does: "fault kill on the node node_id",
  parameters: node,
  deeds: ({ node_id: target }) => [{ inject: { fault: "kill", target } }],
});

export const nodeStop = action({
  type: "node_stop",
  does: "fault stop on the node node_id; without graceful: kill",
  parameters: graceful,
  deeds: ({ node_id: target, graceful: inOrder }) => [
    { inject: { fault: inOrder ? "stop" : "kill", target } },
  ],
});

export const nodeStart = action({
  type: "node_start",
  does: "heals kill and stop on the node node_id",
  parameters: node,
  deeds: ({ node_id: target }) => [
    {
      what: `kill and stop of ${target}`,
      heal: ({ fault, targets }) => ["kill", "stop"].includes(fault.kind) && targets.includes(target),
    },
  ],
});

export const nodeRestart = action({
  type: "node_restart",
  does: "fault restart on the node node_id",
  parameters: graceful,
  deeds: ({ node_id: target, graceful: inOrder }) => [
    { inject: { fault: "restart", target, graceful: inOrder } },
  ],
});

/** A restart of the proxy, which Redis Enterprise has between clients and shards: connections end, data stay. */
export const dmcRestart = action({
  type: "dmc_restart",
  does: "fault client-kill on every data node: all connections of clients are dropped, as by a proxy that restarts",
  parameters: z.strictObject(WHICH),
  deeds: (_parameters, plan) => [{ inject: { fault: "client-kill", target: dataNodesOf(plan) } }],
});

export const configChange = action({
  type: "config_change",
  does: "fault config on the node node_id, with the settings of config",
  parameters: z.strictObject({ ...WHICH, node_id: nodeId, config: z.record(z.string(), z.string()) }),
  deeds: ({ node_id: target, config }) => [{ inject: { fault: "config", target, set: config } }],
});
