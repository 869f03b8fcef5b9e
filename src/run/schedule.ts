/*
 *   entry ── at / after ──▶ its action ── every, times ──▶ again      all entries run beside each other;
 *   entry ── …                                                        the step ends when the last has ended
 */
import { pauseRunning, runningTime, waitFor } from "../base/wait.ts";
import { CONDITIONS, type ConditionName } from "../scenario/conditions.ts";
import type { Entry } from "../scenario/steps/schedule.ts";
import type { Session } from "../session/session.ts";
import type { Drill, StepRun } from "./drill.ts";

const AFTER_DEFAULT_MS = 30_000;

/** The step `schedule`: each entry at its own time. `runOf` gives what does the action of an entry. */
export async function runSchedule(
  drill: Drill,
  entries: readonly Entry[],
  runOf: (action: string) => StepRun,
): Promise<string> {
  const failed = new AbortController();
  const signal = AbortSignal.any([drill.session.signal, failed.signal]);
  const runs = entries.map((one) =>
    runEntry(drill, one, runOf(one.action), signal).catch((error: unknown) => {
      failed.abort(error); // the others do not begin anything more
      throw error;
    }),
  );
  const ended = await Promise.allSettled(runs);
  drill.session.signal.throwIfAborted();
  if (failed.signal.aborted) throw failed.signal.reason;
  return `${ended.length} ${ended.length === 1 ? "entry" : "entries"}`;
}

async function runEntry(
  drill: Drill,
  { timing: when, value }: Entry,
  run: StepRun,
  signal: AbortSignal,
): Promise<void> {
  if (when.after !== undefined)
    await untilAfter(drill.session, when.after, when.within ?? AFTER_DEFAULT_MS, signal);
  // Where this process stood still, entries that were due meanwhile keep their distance instead of coming all at once.
  const time = runningTime();
  try {
    for (let turn = 0; turn < (when.times ?? 1); turn += 1) {
      const dueMs = (when.at ?? 0) + turn * (when.every ?? 0);
      await pauseRunning(dueMs - time.soFar().spentMs, signal);
      await run(drill, value);
    }
  } finally {
    time.end();
  }
}

/** Before a fault is in force a condition such as "promoted" holds trivially: it is looked at only then. */
async function untilAfter(
  session: Session,
  name: ConditionName,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<void> {
  const { title, begin } = CONDITIONS[name];
  let look: ReturnType<typeof begin> | undefined;
  await waitFor(
    () => {
      if (look === undefined && session.faults.all.length === 0)
        return { done: false, seen: "no fault is in force yet" };
      look ??= begin(session, session.now());
      return look();
    },
    { what: title, timeoutMs, signal },
  );
}
