import { pause, runningTime } from "../../base/wait.ts";
import type { Outcome } from "../../model/outcome.ts";
import type { ProbeSpec } from "../../scenario/app/probe-schema.ts";
import type { OperationOutcome } from "../../workload/log.ts";
import { evenly } from "./pace.ts";
import type { ProbeSender, Told } from "./sender.ts";

/** A write that may have been done. */
export interface Written {
  readonly id: string;
  readonly outcome: Exclude<Outcome, "fail">;
}

/** How the reading back of one write probe went. */
export interface ReadBacks {
  readonly right: number;
  /** Asked, and never right. */
  readonly wrong: number;
  /** Time was up before they were asked. */
  readonly unasked: number;
  /** What was seen last where it was not right. */
  readonly seen: string;
}

const AT_ONCE = 16;
const MOST_AT_ONCE = 256;
/** An application that has just recovered is not to be struck down by what asks whether it has. */
const MOST_PER_SECOND = 500;
/** Between two rounds. */
const AGAIN_MS = 250;

/**
 * Asks for every write that may have been done, in rounds, each until the answer is right or time is up. Right is, for
 * a write that was acknowledged, that it is there; for one whose end nobody knows, any answer. What is recorded is one
 * operation for each write, with its last answer.
 */
export async function readBack(
  sender: ProbeSender,
  probe: ProbeSpec,
  writes: readonly Written[],
  { isOnce, signal }: { readonly isOnce: boolean; readonly signal: AbortSignal },
): Promise<ReadBacks> {
  const time = runningTime();
  const isUp = () => signal.aborted || time.soFar().spentMs >= probe.withinMs;
  const asked = new Map<string, Asked>();
  const ask = async ({ id, outcome }: Written) => {
    if (isUp()) return;
    const entry = asked.get(id) ?? { ...sender.begin(probe, id), attempts: 0 };
    asked.set(id, entry);
    entry.attempts += 1;
    entry.told = await sender.once(probe, id, entry.instance);
    entry.isRight = isRight(outcome, entry.told.end);
  };
  try {
    for (let open = writes; open.length > 0 && !isUp(); ) {
      const pace = { atOnce: atOnceFor(open.length, probe), everyMs: 1000 / MOST_PER_SECOND, signal };
      await evenly(open, pace, ask);
      open = open.filter(({ id }) => !asked.get(id)?.isRight);
      if (isOnce) break;
      if (open.length > 0 && !isUp()) await pause(AGAIN_MS, signal).catch(() => {}); // aborted: the loop ends
    }
  } finally {
    time.end();
  }
  const ended = [...asked.values()];
  for (const { done, told, attempts } of ended) if (told) done({ ...told.end, attempts });
  const wrong = ended.filter((one) => !one.isRight);
  return {
    right: ended.length - wrong.length,
    wrong: wrong.length,
    unasked: writes.length - ended.length,
    seen: wrong.at(-1)?.told?.seen ?? "",
  };
}

interface Asked {
  readonly done: (end: OperationOutcome) => void;
  readonly instance: number;
  attempts: number;
  told?: Told;
  isRight?: boolean;
}

function isRight(outcome: Written["outcome"], { outcome: end, value }: OperationOutcome): boolean {
  return end === "ok" && (outcome === "info" || value !== null);
}

/** So many that the first round ends in half of the time though no question is answered. */
function atOnceFor(count: number, { deadlineMs, withinMs }: ProbeSpec): number {
  return Math.min(MOST_AT_ONCE, Math.max(AT_ONCE, Math.ceil((count * deadlineMs) / (withinMs / 2))));
}
