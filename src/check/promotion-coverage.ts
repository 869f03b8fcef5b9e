import { duration, type Requirement } from "./checker.ts";
import { dataNodes, type Facts, type FaultWindow } from "./facts.ts";
import { primaryLosses } from "./losses.ts";
import { promotionsOf } from "./promotions.ts";
import { askedReplicas } from "./role-changes.ts";
import { failoverTimeMs } from "./settings.ts";

/** Reasons by which the check fails though a promotion may still have been under way. */
const TOO_EARLY = ["not-detected", "not-promoted"];

/**
 * Where a promotion is expected, the loss of a primary; the nodes' own word on their roles; and time enough for a
 * failover, where a primary that was lost stays away to the end. That nobody is promoted can be seen without a fault as
 * well: load alone may bring a failover about.
 */
export function promotionRequirements(facts: Facts): Requirement[] {
  const expected = facts.header.expect.promoted === true;
  const losses = primaryLosses(facts);
  const nodes = dataNodes(facts);
  const told = new Set(facts.topology.filter(({ event }) => event === "role").map(({ source }) => source));
  const silent = nodes.filter((name) => !told.has(name));
  return [
    {
      reason: "no-primary-lost",
      needs: "the loss of a primary",
      met: !expected || losses.length > 0,
      seen: "no primary was lost, so no promotion could be seen",
      add:
        facts.faults.length === 0
          ? `Add "- inject: { fault: kill, target: primary }"`
          : `Let the fault hit a primary, and last longer than the servers take to notice it`,
    },
    {
      reason: "roles-not-seen",
      needs: "what every data node said of its role",
      met: silent.length < nodes.length,
      seen: "no node told of its role, so nobody knows who was promoted",
    },
    ...(facts.complete ? [] : [wholeWait(facts, losses)]),
    ...losses.flatMap((loss) => timeEnough(facts, loss)),
  ];
}

/** What cut a drill short may have come at any step of a failover: that nobody was promoted by then has no cause. */
function wholeWait(facts: Facts, losses: readonly FaultWindow[]): Requirement {
  const done =
    losses.every((loss) => promotionsOf(facts, loss).length > 0) &&
    askedReplicas(facts).every(({ asked, tookOver }) => asked === tookOver);
  return {
    reason: "cut-short",
    needs: "the end of the drill, or of a wait for a promotion",
    met: done || facts.steps.some(({ status }) => status === "timeout"),
    seen: "the drill was cut short, and who had not been promoted yet may have been later",
    before: ({ evidence }) =>
      Array.isArray(evidence.lost) || evidence.reason === "asked-replica-not-promoted",
  };
}

function timeEnough(facts: Facts, loss: FaultWindow): Requirement[] {
  if ((loss.healAt ?? loss.healedAt) !== undefined || promotionsOf(facts, loss).length > 0) return [];
  const neededMs = failoverTimeMs(facts, loss.injectAt);
  const watchedMs = (facts.endedAt - loss.injectAt) / 1e6;
  return [
    {
      reason: "watched-too-briefly",
      needs: `${duration(neededMs)} after the loss of ${loss.primaries.join(", ")}: time enough for a failover`,
      met: watchedMs >= neededMs,
      seen:
        `the drill ended ${duration(watchedMs)} after the loss of ${loss.primaries.join(", ")}, before anybody ` +
        `could have been promoted`,
      add: `Add "- await: { condition: promoted, within: 30s }" behind the fault, or a longer "- wait:"`,
      before: TOO_EARLY,
    },
  ];
}
