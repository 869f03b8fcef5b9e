import { worstVerdict } from "../model/outcome.ts";
import type { CheckResult, Result } from "../model/result.ts";

/** Why a saved result is not to be relied on. */
export interface Doubt {
  /** Stable. */
  readonly reason: "history-differs" | "history-missing" | "result-contradicts-itself";
  readonly text: string;
}

/** What the history of a result says of itself: see `Digests`; `undefined`: it is not there. */
type Digests = { readonly computed: string; readonly stated?: string } | undefined;

/**
 * Is that the result of that history, as far as can be told without judging it again?
 *
 * @param digests of the history beside the result
 */
export function doubtsOf(result: Result, digests: Digests): Doubt[] {
  return [
    ...differences(result, digests).map((text) => ({ reason: "history-differs", text }) as const),
    ...(digests === undefined
      ? [{ reason: "history-missing", text: "its history is not there" } as const]
      : []),
    ...contradictions(result).map((text) => ({ reason: "result-contradicts-itself", text }) as const),
  ];
}

function differences({ history }: Result, digests: Digests): string[] {
  if (digests === undefined) return [];
  const { computed, stated } = digests;
  if (stated !== undefined && stated !== computed)
    return [
      "the history was changed or damaged after it was recorded: its digest is not the one in its last line",
    ];
  // A result from before there were digests has none, and neither has its history.
  if (history === undefined)
    return stated === undefined ? [] : ["the result does not say which history it was computed from"];
  if (history.digest === computed) return [];
  return [
    `the result was computed from another history (${history.digest.slice(0, 19)}…) than the one ` +
      `beside it (${computed.slice(0, 19)}…)`,
  ];
}

/** What no judge can have written. */
export function contradictions(result: Result): string[] {
  const { verdict, checks, operations, writes, history, accepted } = result;
  const worst = worstVerdict(checks.map((check) => check.verdict));
  const { survived, lost, acknowledged } = writes;
  return [
    ...(worst === verdict ? [] : [`its verdict is ${verdict}, and the worst of its checks is ${worst}`]),
    ...checks.flatMap(({ name, verdict: said, evidence }) =>
      said === "pass" && typeof evidence.reason === "string"
        ? [`its check ${name} passed, and gives ${evidence.reason} as the reason why it did not`]
        : [],
    ),
    ...(operations.ok + operations.fail + operations.info === operations.total
      ? []
      : ["its operations that ended ok, fail and info are not all that there were"]),
    ...(survived + lost > acknowledged ? ["more writes survived or were lost than were acknowledged"] : []),
    ...checks.flatMap((check) => wrongFates(check, writes)),
    ...checks.flatMap((check) => missingFates(check, writes)),
    ...(accepted !== undefined && verdict !== "pass" && accepted.length > 0
      ? ["it tells what was accepted, and did not pass"]
      : []),
    ...(accepted !== undefined &&
    verdict === "pass" &&
    lost > 0 &&
    !accepted.some(({ what }) => what === "lost-writes")
      ? ["it passed with lost writes, and does not tell what allows them"]
      : []),
    ...(history !== undefined && history.verified !== (history.note === null)
      ? ["it calls its history verified, and says why it is not"]
      : []),
  ];
}

/** `durability` counts what `writes` tells. */
function wrongFates({ evidence }: CheckResult, writes: Result["writes"]): string[] {
  const fates = evidence.fates;
  if (typeof fates !== "object" || fates === null) return [];
  const told = fates as Readonly<Record<string, unknown>>;
  return (["survived", "lost", "recovered"] as const)
    .filter((fate) => told[fate] !== undefined && told[fate] !== writes[fate])
    .map(
      (fate) =>
        `it tells of ${writes[fate]} writes ${fate}, and its check durability of ${String(told[fate])}`,
    );
}

/** Where each key was read, every acknowledged write survived or was lost. */
function missingFates(
  { evidence }: CheckResult,
  { acknowledged, survived, lost }: Result["writes"],
): string[] {
  const { unknown, changed } = (evidence.fates ?? {}) as Readonly<Record<string, unknown>>;
  if (unknown !== 0 || changed !== 0 || survived + lost >= acknowledged) return [];
  return [`${acknowledged} writes were acknowledged, and ${survived + lost} of them survived or were lost`];
}

/** The result as it is shown then: nothing in it passes or fails for sure. */
export function doubted(result: Result, doubts: readonly Doubt[]): Result {
  const [first] = doubts;
  if (first === undefined) return result;
  const check: CheckResult = {
    name: "saved-result",
    verdict: "unknown",
    summary: `this result is not to be relied on: ${doubts.map(({ text }) => text).join("; ")}`,
    evidence: {
      reason: first.reason,
      notes: ["`valkey-drill check RUN` judges the history that is there, and writes its result anew"],
    },
  };
  const saved = result.checks.map(
    (one): CheckResult =>
      one.verdict === "fail"
        ? { ...one, verdict: "unknown", summary: `saved as failed: ${one.summary}` }
        : one,
  );
  return { ...result, verdict: "unknown", accepted: [], checks: [check, ...saved] };
}
