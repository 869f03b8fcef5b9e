import { waitFor } from "../base/wait.ts";
import { DrillError } from "../model/errors.ts";
import { CONDITIONS, type ConditionName, conditionNames } from "../scenario/conditions.ts";
import type { Session } from "../session/session.ts";

/** Those that a topology can be asked for where no workload of ours runs. */
export const TOPOLOGY_CONDITIONS = conditionNames.filter((name) => !("needsWorkload" in CONDITIONS[name]));

/**
 * Waits for a condition, as the step `await` does.
 *
 * @param since what came about before that time (ns) does not count: when the last fault was injected
 * @returns what was seen
 * @throws DrillError `BAD_USAGE` for what is no such condition; `DEADLINE`, with what was seen last; `NODE_DIED`
 */
export async function untilCondition(
  session: Session,
  name: string,
  since: number,
  timeoutMs: number,
): Promise<string> {
  const condition = conditionNamed(name);
  const look = condition.begin(session, since); // what has come about since the last fault counts
  await session.look(); // what held before the last fault holds no longer
  const wait = { what: condition.title, timeoutMs, signal: session.signal };
  return waitFor(() => {
    if (session.broken) throw session.broken;
    return look();
  }, wait);
}

function conditionNamed(name: string) {
  const condition = Object.hasOwn(CONDITIONS, name) ? CONDITIONS[name as ConditionName] : undefined;
  if (condition && !("needsWorkload" in condition)) return condition;
  const why = condition ? "looks at the operations of a drill's workload" : "is no condition";
  throw new DrillError("BAD_USAGE", `"${name}" ${why}`, {
    hint: `Conditions: ${TOPOLOGY_CONDITIONS.join(", ")}. Whether your application works again, ask it.`,
  });
}
