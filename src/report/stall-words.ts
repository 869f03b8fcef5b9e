import type { Result } from "../model/result.ts";
import { formatMs, formatNumber } from "./numbers.ts";

/** A shorter stall changes no figure by more than its error tells. */
const WORTH_A_WORD_MS = 250;
const NAMED = 3;

const HOW = {
  "not-run": "it got no processor: it was stopped, or the machine was busy",
  busy: "it was at work itself",
  suspended: "the machine was suspended",
  "late-sends": "nothing was sent that was due",
} as const;

/**
 * What must be said before anything else: the tool stood still, or the machine was too busy to measure on it. None:
 * neither.
 */
export function stallWords({ stalls }: Pick<Result, "stalls">): string[] {
  if (stalls === undefined) return [];
  const { tooBusy, count, totalMs, longestMs, longest } = stalls;
  const long = longest.filter(({ tookMs }) => tookMs >= WORTH_A_WORD_MS);
  const busy =
    `This machine was too busy to measure on it: valkey-drill itself stood still ${formatNumber(count)} ` +
    `times, for ${formatMs(totalMs)} in all, at most for ${formatMs(longestMs)}. Its times say little, and no check ` +
    `fails for them. Run it again on a quiet machine.`;
  const [first, ...others] = long.toSorted((a, b) => b.tookMs - a.tookMs);
  if (first === undefined) return tooBusy ? [busy] : [];
  const when = ({ tookMs, fromMs }: typeof first) => `for ${formatMs(tookMs)} from ${formatMs(fromMs)} on`;
  const more = others.slice(0, NAMED - 1).map(when);
  const rest = others.length - more.length;
  const times = [when(first), ...more, ...(rest > 0 ? [`${formatNumber(rest)} times more`] : [])];
  const stood =
    `valkey-drill itself stood still ${times.join(", ")} (${HOW[first.kind]}). What came meanwhile was ` +
    `not observed, and is charged to nobody.`;
  return tooBusy ? [busy, stood] : [stood];
}
