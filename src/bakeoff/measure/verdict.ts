import { stallLength } from "../../history/stalls.ts";
import type { BAKEOFF_UNKNOWNS, BakeoffReason, BakeoffRun } from "../../model/bakeoff.ts";
import type { Measured, Run } from "./run-record.ts";

type Measures = Omit<Measured, "verdict" | "reasons" | "notes">;
type Found = readonly [reason: BakeoffReason | keyof typeof BAKEOFF_UNKNOWNS, note: string];

/** A client that has not found the new primary after so long waits for the old one. Faults are held for 8 s after that. */
const STUCK_MS = 6500;
/** A loop that stood still for so long held up everything. */
const BLOCKED_MS = 2000;

/**
 * The verdict on one run. It is made of what does not vary from run to run; how long things took is told beside it. What was lost
 * because it had not been replicated when the fault came is the servers' doing, so it is told and not held against the library; and what
 * goes wrong while the servers fail over once more by themselves may be anybody's.
 */
export function judged(run: Run, measures: Measures): Pick<BakeoffRun, "verdict" | "reasons" | "notes"> {
  const { calls, writes, died, uncaught, blockedMs, recovered } = measures;
  const stalled = stalledFound(run);
  if (run.scenarioEndedAt === undefined && run.faultAt === undefined)
    return stalled && !died ? told("unknown", [stalled]) : beforeAnything(run, measures);
  const unknown: Found[] = stalled ? [stalled] : [];
  if (run.replaced === false) unknown.push(["no-failover", "no other node became primary in time"]);
  if (run.lists === undefined) unknown.push(["final-unread", "the lists could not be read back at the end"]);

  if (run.secondFailover && !died)
    return told("unknown", [
      ["second-failover", "the primary moved once more, which no fault asked for"],
      ...unknown,
    ]);

  const found: Found[] = [];
  if (died) found.push(["died", diedNote(measures)]);
  if (blockedMs >= BLOCKED_MS) found.push(["blocked", `its loop stood still for ${seconds(blockedMs)}`]);
  if (!recovered && !died)
    found.push(["did-not-recover", "calls did not go well again, though the servers did"]);
  if (calls.unsettled > 0)
    found.push(["never-settled", `${calls.unsettled} calls neither resolved nor rejected`]);
  if (isStuck(measures)) found.push(["stuck", "it did not go to the new primary while the fault lasted"]);
  if (calls.hung > 0)
    found.push(["hung", `${calls.hung} calls hung, the longest for ${seconds(calls.longestMs)}`]);
  if (writes.lostByClient)
    found.push([
      "lost",
      `${writes.lostByClient} acknowledged writes are gone that a sound client would not have lost`,
    ]);
  if (writes.duplicated) found.push(["duplicated", `${writes.duplicated} writes are there more than once`]);
  if (!died && uncaught.length > 0) found.push(["died", `nobody caught: ${uncaught[0]}`]);
  const sure = stalled ? found.filter(([reason]) => WHENEVER.includes(reason)) : found;
  if (sure.length > 0) return told("fail", sure);
  return told(unknown.length > 0 ? "unknown" : "pass", unknown);
}

/** What holds whatever the times were. */
const WHENEVER: readonly string[] = ["died", "duplicated"];

/** Of a run in which the drill or the app client got no processor for a while times say nothing, nor does what rests on them. */
function stalledFound({ stalls }: Run): Found | undefined {
  const [longest] = stalls.toSorted((a, b) => stallLength(b) - stallLength(a));
  if (!longest) return undefined;
  const [lasted, from] = [stallLength(longest) / 1e6, longest.from / 1e6];
  return ["tool-stalled", `valkey-drill itself stood still for ${seconds(lasted)} from ${seconds(from)} on`];
}

/** Nothing was broken yet: a library that cannot connect is at fault, one whose calls were slow may be so by the machine's doing. */
function beforeAnything({ said }: Run, measures: Measures) {
  if (measures.died) return told("fail", [["died", diedNote(measures)]]);
  const failed = said.find((one) => one.say === "failed");
  if (failed?.say === "failed")
    return told("fail", [["no-connection", `it could not connect: ${failed.message}`]]);
  const opened = said.some(({ say }) => say === "opened");
  return opened
    ? told("unknown", [["never-well", "its calls did not go well for a second before anything was broken"]])
    : told("fail", [["no-connection", "it had not connected when it was given up"]]);
}

function told(verdict: BakeoffRun["verdict"], found: readonly Found[]) {
  return { verdict, reasons: found.map(([reason]) => reason), notes: found.map(([, note]) => note) };
}

function isStuck({ toNewPrimaryMs, died }: Measures): boolean {
  return !died && (toNewPrimaryMs === "endless" || (toNewPrimaryMs !== null && toNewPrimaryMs > STUCK_MS));
}

function diedNote({ died, uncaught }: Measures): string {
  const how = died?.signal ?? `exit code ${died?.code}`;
  return `its process ended (${how})${uncaught[0] ? `: ${uncaught[0]}` : ""}`;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
