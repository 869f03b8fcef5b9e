import type { Operation } from "../history/operations.ts";
import type { PlainHistory } from "../history/plain/history.ts";
import type { Action, RegisterOperation, UnexplainedSegment, Value } from "../model/register.ts";
import { limitsLosses } from "./allowed-losses.ts";
import type { Checker, Found, Requirement } from "./checker.ts";
import { type Facts, toMs } from "./facts.ts";
import { judgeRegisters, nothingToJudge } from "./linearizability/judge-registers.ts";
import { primaryLosses } from "./losses.ts";
import { promotionsOf } from "./promotions.ts";
import type { Promotion } from "./promotions-seen.ts";
import { ran, somethingAcknowledged } from "./workloads.ts";

/**
 * Do all answers of the workload `register` fit one order, for each key? Asynchronous replication does not promise that
 * over a failover: an acknowledged write that is lost is a violation, and is called one. What stands under each key at
 * the end counts as one more read.
 */
export const linearizability: Checker = {
  name: "linearizability",
  summary: "reads, writes and compare-and-set on each key fit one order that respects time",
  judges: [
    {
      path: "lostAcknowledgedWrites",
      add: `Add "- start: register" before the first fault`,
      when: limitsLosses,
    },
  ],
  applies: (facts) => ran(facts, "register"),
  requires: registerRequirements,
  checkPlain,
  check(facts) {
    // What the inspection read at the end is no answer that a client got.
    const used = facts.operations.filter(isRegister);
    if (!used.some(({ outcome }) => outcome === "ok")) return nothingToJudge(used.length, 0);
    const { stretches, ...judged } = judgeRegisters(registerOperations(facts), "ns");
    const [first] = stretches;
    const lost = first && lostAtPromotion(facts, first);
    if (!lost) return judged;
    const { from, to, at } = lost.promotion;
    const how = lost.byTwo ? `went to another node after ${to} had taken` : `were lost when ${to} took`;
    const summary = `acknowledged writes ${how} ${from}'s place at ${toMs(at)} ms: ${judged.summary}`;
    return {
      ...judged,
      summary,
      evidence: {
        ...judged.evidence,
        reason: "acknowledged-writes-lost",
        promotion: { from, to, atMs: toMs(at) },
      },
    };
  },
};

/** Of registers whose history this tool did not record. */
function checkPlain({ operations, counts, unit }: PlainHistory): Found {
  if (counts.ok === 0) return nothingToJudge(counts.total, 0);
  const { stretches: _, ...judged } = judgeRegisters(operations, unit);
  return judged;
}

/** Something was acknowledged, and some answer tells what stood under a key: only an answer can fit nowhere. */
function registerRequirements(facts: Facts): Requirement[] {
  const sent = facts.operations.filter(isRegister);
  const acknowledged = sent.filter(({ outcome }) => outcome === "ok");
  const lossAt = primaryLosses(facts).at(-1)?.injectAt ?? -1;
  const isAnswer = ({ f, invokedAt }: Operation) => f !== "write" && invokedAt > lossAt;
  const inspected = sent.some(({ key }) => facts.finalValues.has(key));
  return [
    somethingAcknowledged({ noun: "operation", workload: "register", operations: sent }),
    {
      reason: "no-answer-to-judge",
      needs: "an answer that tells what stood under a key, after the last primary was lost",
      met: inspected || acknowledged.some(isAnswer),
      seen:
        "no read or compare-and-set was answered after the last primary was lost, and no key could be read " +
        "at the end",
      add: `Let it run on: "- wait: 2s" behind the last fault, before "- stop: register"`,
    },
  ];
}

/** The history of the workload `register` as operations on registers. */
export function registerOperations(facts: Facts): RegisterOperation[] {
  const used = facts.operations.filter(isRegister);
  const operations = used.flatMap((operation): RegisterOperation[] => {
    if (operation.outcome === "fail") return [];
    const ended = operation.outcome === "ok";
    const { op: id, client: process, key, invokedAt, completedAt, node } = operation;
    const returnedAt = ended ? (completedAt ?? Infinity) : Infinity;
    return [{ id, process, key, action: actionOf(operation), invokedAt, returnedAt, ...(node && { node }) }];
  });
  const keys = [...new Set(used.map(({ key }) => key))];
  const last = used.reduce((highest, { op }) => Math.max(highest, op), 0);
  return [...operations, ...keys.flatMap((key, index) => finalRead(facts, key, last + 1 + index))];
}

/** What the inspection found at the primary, when all load had stopped. */
function finalRead({ finalValues, endedAt }: Facts, key: string, id: number): RegisterOperation[] {
  const value = finalValues.get(key);
  if (value === undefined) return [];
  const action: Action = { f: "read", value };
  return [{ id, process: "inspection", key, action, invokedAt: endedAt, returnedAt: endedAt }];
}

/** As `src/workload/register.ts` records them. */
function actionOf({ f, value = "", result = null, outcome }: Operation): Action {
  if (f === "read") return { f, value: result };
  if (f === "write") return { f, value };
  const [from, to] = JSON.parse(value) as [Value, Value];
  const answer: unknown = outcome === "ok" ? JSON.parse(result ?? "true") : true;
  return answer === true
    ? { f: "cas", from, to }
    : { f: "cas-refused", from, saw: (answer as { saw: Value }).saw };
}

function isRegister({ workload }: Operation): boolean {
  return workload === "register";
}

/**
 * Is the answer that fits nowhere one that came after a failover, and older than what had been acknowledged before it
 * came? Then what is missing is what the promoted node had not got, or what another still took when it was primary no
 * more.
 */
function lostAtPromotion(facts: Facts, segment: UnexplainedSegment): Lost | undefined {
  const operation = (wanted: number | undefined) => segment.operations.find(({ id }) => id === wanted);
  const answer = operation(segment.stuck);
  const { returnedAt, node } = operation(segment.against) ?? {};
  if (segment.kind !== "stale-read" || !answer || !returnedAt) return undefined;
  const promotion = primaryLosses(facts)
    .flatMap((loss) => promotionsOf(facts, loss))
    .findLast(({ at }) => at < answer.invokedAt);
  if (!promotion || node === promotion.to) return undefined;
  const byTwo = returnedAt > promotion.at;
  return byTwo && node === undefined ? undefined : { promotion, byTwo };
}

interface Lost {
  readonly promotion: Promotion;
  /** The write was acknowledged after the promotion, by a node that had lost its place. */
  readonly byTwo: boolean;
}
