import type { AdviceTold, LossTold, ReasonTold } from "../../model/explanation.ts";
import { called, type Known } from "./told.ts";
import { lasted } from "./words.ts";

/** What a reason asks for. */
const FOR_REASON: Readonly<Record<string, string>> = {
  "back-by-itself":
    "a longer time of detection rides such an absence out, and finds a lasting failure later by as much",
  "disk-slow":
    "find what keeps the disk busy; `appendfsync everysec` waits for a sync that is under way, and " +
    "`no-appendfsync-on-rewrite yes` does not sync while a rewrite writes",
  "disk-full": "watch the free space of the disk: a primary that cannot save refuses writes",
  "disk-failed": "look at the disk of that node, before it serves again",
  "slow-script": "make the script do less at a time: nothing else is answered while it runs",
  loading: "a node that reads its data answers nobody: let Sentinel promote a replica meanwhile",
  "out-of-memory":
    "set maxmemory below what the machine has, with room for a fork, and watch what the kernel kills",
  "output-buffer-full":
    "a larger client-output-buffer-limit for replicas keeps their connection through a burst of writes",
  "full-resync-storm":
    "a larger repl-backlog-size lets a replica that was away for longer go on where it was, and " +
    "parallel-syncs 1 copies to one replica at a time",
  "attempts-failed": "a shorter failover-timeout lets the Sentinels try again sooner",
  "votes-denied":
    "the primaries must be up, reach each other, and hold the same one to have failed, or they refuse " +
    "their votes",
  "elections-repeated":
    "votes are waited for twice cluster-node-timeout: look for primaries that did not answer in that time",
  "sentinel-tilt":
    "find what made that Sentinel stand still, or who set its clock: a machine that was suspended or starved",
  "name-not-resolved": "give Sentinels addresses, or names that last when their node is gone",
  flapping:
    "a primary that is lost again soon after its promotion often has the same trouble as the one before: look " +
    "at what both shared",
  "no-sentinel-log": "give the logs of the Sentinels as well: they tell why nothing was promoted",
};

/** Steps that took less than this share of the whole are no use to turn at. */
const WORTH_TURNING = 0.25;

/** What to change, each with the lines that show why. */
export function adviceOf(
  known: Known,
  reasons: readonly ReasonTold[],
  losses: readonly LossTold[],
): AdviceTold[] {
  const advice = [
    ...fixes(FOR_REASON, reasons),
    ...fixes(CAUSE_FIXES, reasons),
    ...minReplicas(known, losses),
    ...longest(known),
  ];
  return advice.filter(({ text }, index) => advice.findIndex((one) => one.text === text) === index);
}

/** What a cause asks for, by the code that tells it of a drill. */
const CAUSE_FIXES: Readonly<Record<string, string>> = {
  "quorum-not-reached":
    "as many Sentinels as the quorum says must be unable to reach the primary, and must reach each other: spread " +
    "them over zones, and check the quorum",
  "sentinel-quorum-lost":
    "a quorum detects, and a majority of all Sentinels must vote: spread them so that a majority survives",
  "not-elected":
    "the Sentinels must reach each other: a majority of all that are known must vote for the same one; SENTINEL " +
    "RESET forgets those that are gone for good",
  "no-good-replica":
    "a replica must be running, reached by the Sentinels, linked to the primary shortly before, and have a " +
    "replica-priority above 0",
  "no-replica": "a primary needs a replica that is running when it fails",
  "shard-without-replica": "a shard needs a replica that is running when its primary fails",
  "waiting-to-retry": "a shorter failover-timeout lets the Sentinels try again sooner",
  "primaries-majority-lost": "spread the primaries so that a majority of them survives",
  "replica-data-too-old":
    "a higher cluster-replica-validity-factor lets a replica with older data take over; 0 lets any",
  "replicas-must-not-fail-over": "set cluster-replica-no-failover no on at least one replica of the shard",
  "votes-missing":
    "a majority of all primaries with slots must be running, reach the replica, and hold its primary failed",
  "promotion-refused":
    "the user that the Sentinels log in as must be allowed MULTI, SLAVEOF, CONFIG REWRITE, CLIENT KILL and EXEC",
  "not-detected":
    "a shorter time of detection finds shorter failures, and takes a pause for a death more often",
};

function fixes(texts: Readonly<Record<string, string>>, reasons: readonly ReasonTold[]): AdviceTold[] {
  return reasons.flatMap(({ reason, setting, lines }) => {
    const text = texts[reason];
    return text === undefined ? [] : [{ text, setting, lines }];
  });
}

function minReplicas({ incident, settings }: Known, losses: readonly LossTold[]): AdviceTold[] {
  const two = losses.find(({ what }) => what === "two-primaries");
  if (!two || incident.system.kind !== "ha") return [];
  const value = settings.value("min-replicas-to-write");
  if (value !== undefined && value !== "0") return [];
  const isSet = value === undefined ? "if it is 0, " : "";
  return [
    {
      text:
        `${isSet}min-replicas-to-write 1 makes a primary that has lost its replicas refuse writes after ` +
        `min-replicas-max-lag, instead of taking what will be lost`,
      setting: "min-replicas-to-write",
      lines: two.lines,
    },
  ];
}

/** Where the most time went, and what turns it. */
function longest({ phases, incident, begin, recording }: Known): AdviceTold[] {
  if (incident.promotedAt === undefined) return [];
  const whole = incident.promotedAt - begin.at;
  const [most] = phases
    .filter(({ path, tookMs, governedBy }) => path && governedBy?.setting && tookMs >= whole * WORTH_TURNING)
    .toSorted((a, b) => b.tookMs - a.tookMs);
  if (!most?.governedBy || begin.errorMs === null) return [];
  const { setting, value, note } = most.governedBy;
  const known = value === null ? setting : `${setting} ${value}`;
  const text =
    `${most.name} took ${lasted(most.tookMs)} of the ${lasted(whole)} to the ` +
    `promotion of ${recording.nameOf(incident.promoted)} (${known}${most.inferred ? ", inferred" : ""}): ${note}`;
  return [{ text, setting, lines: most.lines }];
}

/** What happened, in a few words. */
export function titleOf(known: Known): string {
  const { incident, begin } = known;
  const primary = called(known, incident.primary);
  if (incident.promoted === undefined) return `${primary} was lost, and nobody was promoted`;
  const promoted = called(known, incident.promoted);
  return begin.code === "asked"
    ? `${promoted} took the place of ${primary}, as somebody asked`
    : `${primary} was lost, and ${promoted} took its place`;
}
