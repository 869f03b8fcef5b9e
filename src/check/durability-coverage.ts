import { shardOfKey } from "../base/slots.ts";
import { plural, type Requirement } from "./checker.ts";
import { asks } from "./expectations.ts";
import { type Facts, type FaultWindow, toSeconds } from "./facts.ts";
import { isOwnWrite, tallyOf } from "./fates.ts";
import { lostPrimaries, primaryLosses } from "./losses.ts";
import { promotionsOf } from "./promotions.ts";

/** Reasons that say that nothing was lost which should have been. */
const NOTHING_LOST = ["no-write-lost"];

/**
 * Something was acknowledged; and where the scenario limits what may be lost, something that each loss of a primary put
 * at risk: it was acknowledged before another took that primary's place.
 */
export function durabilityRequirements(facts: Facts): Requirement[] {
  const { acknowledged } = tallyOf(facts);
  const writes = facts.operations.filter(isOwnWrite);
  const first: Requirement = {
    reason: "nothing-acknowledged",
    needs: "at least one acknowledged write",
    met: acknowledged > 0,
    seen: `none of ${plural(writes.length, "write")} was acknowledged, so none could be lost`,
    add: START,
    before: NOTHING_LOST,
  };
  if (acknowledged === 0 || !asks(facts, "lostAcknowledgedWrites")) return [first];
  return [first, ...primaryLosses(facts).map((loss) => atRisk(facts, loss))];
}

const START =
  `Let it write while the service is well: "- start: unique-writes" and "- wait: 1s" before the ` +
  `first fault`;

function atRisk(facts: Facts, loss: FaultWindow): Requirement {
  const [promotion] = promotionsOf(facts, loss);
  const until = promotion?.at ?? loss.healedAt ?? facts.endedAt;
  const { shards } = facts.header.topology;
  const hit = shards.length === 0 ? [undefined] : loss.shards;
  const had = (shard: number | undefined) =>
    facts.operations.some(
      (operation) =>
        isOwnWrite(operation) &&
        operation.outcome === "ok" &&
        (operation.completedAt ?? Infinity) < until &&
        (shard === undefined || shardOfKey(operation.key, shards) === shard),
    );
  const bare = hit.filter((shard) => !had(shard));
  const lost = lostPrimaries(facts, loss).join(", ");
  const at = toSeconds(loss.injectAt);
  return {
    reason: "nothing-at-risk",
    needs: `writes that ${lost} had acknowledged before another took its place`,
    met: bare.length === 0,
    seen: `no write to it was acknowledged before ${lost} was lost at ${at}, so its loss could take none`,
    add: START,
    before: NOTHING_LOST,
  };
}
