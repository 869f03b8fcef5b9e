import { CLIENTS_END, parseLinkName } from "../driver/links.ts";
import type { Fault } from "../fault/fault.ts";
import { bothWays } from "../fault/link-fault.ts";
import type { Plan } from "../model/plan.ts";
import { nodesWithRole, shardOf, type TopologyView } from "../observe/view.ts";
import type { Step } from "../scenario/schema.ts";

/** Something that was done by hand, as the step that does it again. */
export interface RecordedAction {
  readonly step: Step;
  readonly beganMs: number;
  readonly doneMs: number;
}

/** Shorter pauses say nothing: the hand is slower. */
const LEAST_WAIT_MS = 50;
/** A duration in a scenario is at most ten minutes. */
const MOST_WAIT_MS = 600_000;

/** The recorded actions with the pauses between them, up to now: the steps of a drill that does the same. */
export function stepsOf(recordedActions: readonly RecordedAction[], nowMs: number): Step[] {
  const steps: Step[] = [];
  let reachedMs = recordedActions[0]?.beganMs ?? nowMs;
  const waitUntil = (ms: number) => {
    while (ms - reachedMs >= LEAST_WAIT_MS) {
      const wait = Math.min(MOST_WAIT_MS, Math.round(ms - reachedMs));
      steps.push({ action: "wait", value: wait });
      reachedMs += wait;
    }
  };
  for (const { step, beganMs, doneMs } of [...recordedActions].sort((a, b) => a.beganMs - b.beganMs)) {
    waitUntil(beganMs);
    steps.push(step);
    reachedMs = Math.max(reachedMs, doneMs);
  }
  waitUntil(nowMs);
  return steps;
}

/**
 * The targets of a fault as selectors, by the roles that they have now: a drill is about the primary, whatever its name
 * was in this session. Replicas and Sentinels keep their names, since a drill begins with the same ones.
 */
export function selectorsOf(
  fault: Fault,
  targets: readonly string[],
  plan: Plan,
  view: TopologyView,
): string[] {
  const selector = (name: string) => selectorOf(name, plan, view);
  if (fault.targetKind !== "links") return [...new Set(targets.map(selector))];
  const both = bothWays(targets).map((text) => {
    const way = text.includes("<>") ? "<>" : ">";
    const ends = way === "<>" ? text.split("<>") : Object.values(parseLinkName(text) ?? {});
    return ends.map(selector).join(way);
  });
  return [...new Set(both)];
}

function selectorOf(name: string, plan: Plan, view: TopologyView): string {
  const node = plan.nodes.find((one) => one.name === name);
  if (name === CLIENTS_END || node?.program !== "server") return name;
  if (nodesWithRole(view, "primary", plan).includes(name)) {
    return plan.kind === "ha" ? "primary" : `shard:${shardOf(view, plan, name)}/primary`;
  }
  // In an HA topology the name "primary" means the role. What was demoted is now a replica, or nothing.
  return name === "primary" ? "replica" : name;
}
