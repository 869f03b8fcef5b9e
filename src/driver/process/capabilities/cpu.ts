import { endHelper, startHelper } from "../../helper.ts";
import { type ProcessIdentity, runState, signal } from "../../identity.ts";

/** Why processes cannot be throttled here; undefined if they can. */
export function lacksThrottle(): string | undefined {
  return process.platform === "linux" ? undefined : "processes can be throttled only on Linux";
}

/**
 * Gives a process no more than that share of one processor, as a container's quota does: in each tenth of a second it may use that
 * much, then it stands still. Kept up by a helper, which ends with the process.
 *
 * @returns the helper; to freeze the process while it is throttled, freeze the helper as well
 */
export async function throttle(
  of: ProcessIdentity,
  share: number,
  outlives: boolean,
): Promise<ProcessIdentity> {
  const ticks = of.startTime.split("@", 1)[0] as string; // as /proc tells it; behind it stands the boot
  return await startHelper({ program: THROTTLE, args: [of.pid, ticks, share], outlives });
}

/** Ends the helper, and lets the process go on, unless both were frozen. */
export async function endThrottle(helper: ProcessIdentity, of: ProcessIdentity | undefined): Promise<void> {
  const frozen = runState(helper) === "paused";
  await endHelper(helper);
  if (of && !frozen) signal(of, "SIGCONT", "process");
}

/**
 * A bucket that fills with time, up to what one period allows, and that the threads' time on a processor empties (schedstat,
 * in ns: https://docs.kernel.org/scheduler/sched-stats.html). What was used too much between two looks is paid back.
 */
const THROTTLE = `
import { readdirSync, readFileSync } from "node:fs";
const [pid, ticks, share] = process.argv.slice(1);
const PERIOD_MS = 100, LOOK_MS = 4, quota = share * PERIOD_MS;
let credit = quota, held = false, last = performance.now(), used = usedMs();

const signal = (name) => { try { process.kill(Number(pid), name); } catch { process.exit(); } };
process.on("SIGTERM", () => { signal("SIGCONT"); process.exit(); });
setInterval(() => {
  if (!isThere()) process.exit();
  const now = performance.now(), all = usedMs();
  credit = Math.min(quota, credit + (now - last) * share) - Math.max(0, all - used);
  last = now;
  used = all;
  if (!held && credit < 0) { signal("SIGSTOP"); held = true; }
  else if (held && credit > quota / 4) { signal("SIGCONT"); held = false; }
}, LOOK_MS);
ready();

function isThere() {
  try {
    const stat = readFileSync("/proc/" + pid + "/stat", "latin1");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return !"ZX".includes(fields[0]) && fields[22 - 3] === ticks;
  } catch { return false; }
}
function usedMs() {
  try {
    const threads = readdirSync("/proc/" + pid + "/task");
    return threads.reduce((sum, thread) => sum + Number(readFileSync("/proc/" + pid + "/task/" + thread + "/schedstat", "latin1").split(" ", 1)[0]) / 1e6, 0);
  } catch { return used ?? 0; }
}
`;
