import { pause } from "../base/wait.ts";
import { faultNamed } from "../fault/registry.ts";
import { toldChanges } from "../fault/roles.ts";
import { DrillError, type ErrorCode, messageOf } from "../model/errors.ts";
import { type FaultSkippedData, skippedAs } from "../model/observed.ts";
import type { Injected } from "../scenario/steps/inject.ts";
import { shownTargets } from "../scenario/targets.ts";
import type { ActiveFault } from "../session/active-faults.ts";
import type { Session } from "../session/session.ts";
import type { StepRun } from "./drill.ts";

/** How long the healing of an optional fault may be held up by the others that are in force. */
const PATIENCE_MS = 60_000;
/** Nobody answers to a selector. */
const NOBODY: readonly ErrorCode[] = ["NOT_READY"];
/** A node, or the topology, could not do it at that time. */
const NOT_NOW: readonly ErrorCode[] = ["NOT_READY", "COMMAND_FAILED", "DEADLINE"];

/** The step `inject`: with `for`, the fault is healed after that time. */
export const inject: StepRun<Injected> = async ({ session }, injected) => {
  const { forMs, optional } = injected;
  const entry = await injectOrSkip(session, injected);
  if ("why" in entry) return `${skippedAs(entry)}: ${entry.why}`;
  if (forMs !== undefined) {
    await pause(forMs, session.signal);
    await session.faults.heal(entry, optional ? PATIENCE_MS : 0);
  }
  const came = entry.fault.came === undefined ? undefined : toldChanges(entry.roles);
  const shown = shownTargets(entry.fault, entry.targets);
  return came === undefined ? shown : `${shown}: ${came}`;
};

/**
 * Where nobody answers to the selectors the fault is left out, and told as an observation; an `optional` one also where
 * the topology cannot do it now, since other faults hold it.
 */
async function injectOrSkip(
  { faults, log, signal }: Session,
  { fault: kind, targets: selectors, options, optional }: Injected,
): Promise<ActiveFault | FaultSkippedData> {
  let begun: ActiveFault | undefined;
  try {
    return await faults.injectAt(faultNamed(kind), selectors, options, (entry) => {
      begun = entry;
    });
  } catch (error) {
    signal.throwIfAborted();
    const mayBe = begun === undefined ? NOBODY : optional ? NOT_NOW : [];
    if (!(error instanceof DrillError) || !mayBe.includes(error.code)) throw error;
    if (begun) await faults.heal(begun, PATIENCE_MS);
    const target = selectors.join(", ");
    const told = {
      fault: kind,
      target,
      why: messageOf(error),
      begun: begun !== undefined,
      optional: optional === true,
    };
    log.observe("fault-skipped", told);
    return told;
  }
}
