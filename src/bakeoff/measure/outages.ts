import { toMs } from "../../check/facts.ts";
import type { BakeoffRun, Lasted } from "../../model/bakeoff.ts";
import { lengthOf, longest, type OutageInterval } from "../../service/outage-interval.ts";
import { outageIntervalsOf } from "../../service/outage-intervals.ts";
import type { Run } from "./run-record.ts";

/** How long callers were without, and how long it took until the new primary was used. By the keys that the fault hit. */
export function outagesOf(run: Run): Pick<BakeoffRun, "writeOutageMs" | "readOutageMs" | "toNewPrimaryMs"> {
  return {
    writeOutageMs: outageOf(run, "write"),
    readOutageMs: outageOf(run, "read"),
    toNewPrimaryMs: toNewPrimary(run),
  };
}

/** What was held up comes all at once, and what was given up meanwhile has to be opened again. */
const AFTER_NS = 1e9;

/** The longest outage of writes; undefined if there was none. */
export function writeOutage(run: Run): OutageInterval | undefined {
  return longest(intervals(run, "write"));
}

function outageOf(run: Run, f: "write" | "read"): Lasted {
  if (run.faultAt === undefined) return null;
  const found = intervals(run, f);
  // What was not observed is no outage of the library's.
  if (found.some(({ startAt, endAt = run.endAt }) => isStalled(run, startAt, endAt))) return null;
  if (found.some(({ endAt }) => endAt === undefined)) return "endless";
  const worst = longest(found);
  return worst === undefined ? 0 : toMs(lengthOf(worst));
}

function intervals({ calls, faultAt, isHit }: Run, f: "write" | "read"): OutageInterval[] {
  if (faultAt === undefined) return [];
  const own = calls.filter((call) => call.f === f && isHit(call.key));
  return outageIntervalsOf(own, { from: faultAt, to: Infinity }); // what never ended counts, too
}

/** Of what is there at the end: a write that the old primary acknowledged meanwhile is not. */
function toNewPrimary(run: Run): Lasted {
  const { calls, promotedAt, lists, isHit } = run;
  if (promotedAt === undefined || lists === undefined) return null;
  const there = new Set(Object.values(lists).flat());
  const times = calls
    .filter(
      ({ f, outcome, key, value }) =>
        f === "write" && outcome === "ok" && isHit(key) && there.has(value ?? ""),
    )
    .map(({ completedAt = Infinity }) => completedAt)
    .filter((at) => at > promotedAt);
  const first = Math.min(...times, run.endAt);
  if (isStalled(run, promotedAt, first)) return null;
  return times.length === 0 ? "endless" : Math.round((Math.min(...times) - promotedAt) / 1e6);
}

/** Did the app client, or the drill, stand still in that time, or right before it? */
function isStalled({ stalls }: Run, from: number, to: number): boolean {
  return stalls.some((stall) => stall.to >= from - AFTER_NS && stall.from <= to);
}
