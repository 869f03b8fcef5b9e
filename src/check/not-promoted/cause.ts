import { toMs } from "../facts.ts";

/**
 * Why nobody was promoted: stable codes, in `evidence.reason` of the check `promotion`. Those of HA, of a cluster, and
 * of both; `not-promoted` where nobody said why.
 */
export const NOT_PROMOTED_REASONS = [
  "no-sentinel-alive",
  "sentinel-quorum-lost",
  "sentinel-tilt",
  "quorum-not-reached",
  "not-elected",
  "no-replica",
  "no-good-replica",
  "promotion-refused",
  "promotion-timed-out",
  "waiting-to-retry",

  "shard-without-replica",
  "primaries-majority-lost",
  "replicas-must-not-fail-over",
  "replica-data-too-old",
  "votes-missing",
  "election-waiting",

  "not-detected",
  "answered-again",
  "not-promoted",
] as const;

export type Reason = (typeof NOT_PROMOTED_REASONS)[number];

/** One cause that nobody was promoted. */
export interface Cause {
  readonly reason: Reason;
  /** Goes on from "nobody was promoted in place of primary:". */
  readonly text: string;
  /** Who said so, in which words, and when (ns on the run's clock). */
  readonly said?: Said;
  /** What to turn, with its value in force. */
  readonly setting?: { readonly name: string; readonly value: string | null };
  /** What to do about it. */
  readonly fix?: string;
  readonly evidence?: Readonly<Record<string, unknown>>;
}

/** Somebody's own words. */
export interface Said {
  readonly by: string;
  readonly words: string;
  readonly at: number;
}

/** The evidence of a check: the first cause explains the most of the window; the others are told beside it. */
export function evidenceOf([first, ...others]: readonly [Cause, ...Cause[]], faultAt: number) {
  const notes = [
    ...(first.fix === undefined ? [] : [first.fix]),
    ...others.map(({ text, fix }) => `besides: ${text}${fix === undefined ? "" : `; ${fix}`}`),
  ];
  return {
    reason: first.reason,
    ...told(first, faultAt),
    ...first.evidence,
    ...(others.length > 0 && {
      also: others.map((cause) => ({ reason: cause.reason, ...told(cause, faultAt) })),
    }),
    ...(notes.length > 0 && { notes }),
  };
}

function told({ said, setting }: Cause, faultAt: number) {
  return {
    ...(said && { said: `${said.by}: ${said.words}`, saidAtMs: toMs(said.at - faultAt) }),
    ...(setting && { setting: setting.name, value: setting.value }),
  };
}

/** `replica-1`, `replica-1 and replica-2`, `a, b and c`. */
export function listed(names: readonly string[]): string {
  if (names.length < 2) return names.join();
  return `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}

/** The value of a setting in milliseconds. */
export function inMs(value: string | undefined): string | null {
  return value === undefined ? null : `${value} ms`;
}
