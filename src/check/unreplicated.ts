import { shardOfKey } from "../base/slots.ts";
import type { ReplicationResult } from "../model/result.ts";
import { duration, plural } from "./checker.ts";
import { type Facts, type FaultWindow, shardOfNode, toMs } from "./facts.ts";
import { lostPrimaries, primaryLosses } from "./losses.ts";
import { changesData } from "./split-brain.ts";

/**
 * Replicas are looked at every 20 ms, of a large topology less often, and a busy machine is late: what was acknowledged
 * in so short a time before the fault is seldom seen anywhere, and says nothing of replication.
 */
const WORTH_TELLING_MS = 500;

/**
 * Before each loss of a primary: for how long nothing that it acknowledged had been seen on any replica, by the
 * watermarks, and how many writes it acknowledged in that time. Long where replication was cut or lagged before the
 * fault.
 *
 *     watermark          acknowledged …            lost
 *     ────┼─────────────────┼──┼──┼──┼──┼──────────┼──▶
 *      ackedBy              └─────── unseen ───────┘
 */
export function unreplicatedOf(facts: Facts): ReplicationResult[] {
  return primaryLosses(facts).flatMap((fault) =>
    lostPrimaries(facts, fault).map((primary) => beforeLoss(facts, fault, primary)),
  );
}

function beforeLoss(facts: Facts, fault: FaultWindow, primary: string): ReplicationResult {
  const { injectAt } = fault;
  const shard = shardOfNode(facts, primary);
  const seenBy = facts.watermarks
    .filter((one) => one.primary === primary && one.at < injectAt && one.replicas.length > 0)
    .reduce((latest, { ackedBy }) => Math.max(latest, ackedBy), -1);
  let first = injectAt;
  let writes = 0;
  for (const operation of facts.operations) {
    const { outcome, completedAt = 0, key, node } = operation;
    if (outcome !== "ok" || completedAt <= seenBy || completedAt > injectAt || !changesData(operation))
      continue;
    const others =
      node === undefined ? shardOfKey(key, facts.header.topology.shards) !== shard : node !== primary;
    if (others) continue;
    writes += 1;
    first = Math.min(first, completedAt);
  }
  const unseenMs = toMs(injectAt - first);
  const name = fault.label ?? `${fault.fault} ${primary}`;
  const told =
    `in the ${duration(unseenMs)} before ${name}, nothing that ${primary} acknowledged was seen on a ` +
    `replica: ${plural(writes, "write")}`;
  return {
    fault: name,
    atMs: toMs(injectAt),
    primary,
    unseenMs,
    writes,
    note: unseenMs >= WORTH_TELLING_MS ? told : null,
  };
}
