import { groupBy } from "../base/group-by.ts";
import type { Operation } from "../history/operations.ts";
import type { CheckResult } from "../model/result.ts";
import type { AllowedLosses } from "./allowed-losses.ts";
import { type EvidenceTable, plural } from "./checker.ts";
import type { Facts } from "./facts.ts";
import { supersededPrimaries } from "./split-brain.ts";

/*
 *   operations ──by key──▶ judged keys ──▶ the gravest problem of any ──▶ more gone than may be ──▶ unread ──▶ pass
 */

/** Rows of a table in the evidence; the history has them all. */
const LISTED = 20;

/** A key that many operations share, judged by what stands under it at the end. */
export interface JudgedKey {
  readonly key: string;
  readonly acknowledged: number;
  readonly unknown: number;
  readonly refused: number;
  /** What stands there, for a person; `undefined`: it could not be read. */
  readonly final: string | number | undefined;
  /** Acknowledged operations that are gone, at least. */
  readonly missing: number;
  readonly problem?: { readonly reason: string; readonly text: string; readonly [more: string]: unknown };
}

export interface SharedKeys {
  readonly keys: readonly JudgedKey[];
  readonly allowedLosses: AllowedLosses;
  /** What can be wrong with one, the gravest first. */
  readonly reasons: readonly string[];
  /** What is acknowledged: `increment`; its loss is `acknowledged-increments-lost`. */
  readonly noun: string;
  /** Title and last columns of the table: what stands under a key. */
  readonly table: { readonly title: string; readonly final: string };
  readonly evidence: object;
  readonly pass: (missing: number) => string;
}

/** The verdict over all keys: that of the gravest problem which any of them has. */
export function verdictOf(shared: SharedKeys): Omit<CheckResult, "name"> {
  const { keys, allowedLosses, noun } = shared;
  const missing = keys.reduce((sum, one) => sum + one.missing, 0);
  const evidence = { missing, ...shared.evidence, tables: [tableOf(shared)] };
  const reason = shared.reasons.find((one) => keys.some(({ problem }) => problem?.reason === one));
  if (reason !== undefined) {
    const bad = keys.filter(({ problem }) => problem?.reason === reason);
    const others = bad.length > 1 ? ` (and so ${plural(bad.length - 1, "other key")})` : "";
    const { text, ...more } = bad[0]?.problem ?? { text: reason };
    const found = { ...more, reason, keys: bad.map(({ key }) => key) };
    return { verdict: "fail", summary: `${text}${others}`, evidence: { ...found, ...evidence } };
  }
  if (missing > allowedLosses.most) {
    const summary = `${plural(missing, `acknowledged ${noun}`)} lost; at most ${allowedLosses.most} may be`;
    return { verdict: "fail", summary, evidence: { reason: `acknowledged-${noun}s-lost`, ...evidence } };
  }
  const unread = keys.filter(({ final }) => final === undefined).map(({ key }) => key);
  if (unread.length > 0) {
    const summary = `what stands under ${plural(unread.length, "key")} is unknown: they could not be read at the end`;
    return { verdict: "unknown", summary, evidence: { reason: "keys-unread", keys: unread, ...evidence } };
  }
  return { verdict: "pass", summary: shared.pass(missing), evidence };
}

/** The operations on one key, by how they ended. */
export interface EndsOfKey {
  readonly key: string;
  readonly own: readonly Operation[];
  readonly acknowledged: readonly Operation[];
  readonly unknown: readonly Operation[];
  readonly refused: readonly Operation[];
}

/** The operations on each key, by how they ended. */
export function endsByKey(operations: readonly Operation[]): EndsOfKey[] {
  return [...groupBy(operations, ({ key }) => key)].map(([key, own]) => {
    const that = (outcome: string) => own.filter((operation) => operation.outcome === outcome);
    return { key, own, acknowledged: that("ok"), unknown: that("info"), refused: that("fail") };
  });
}

export function total(keys: readonly JudgedKey[], of: "acknowledged" | "unknown"): number {
  return keys.reduce((sum, one) => sum + one[of], 0);
}

/** Why it passes although acknowledged operations are gone. */
export function lostSummary(
  keys: readonly JudgedKey[],
  missing: number,
  { most }: AllowedLosses,
  noun: string,
): string {
  const why = Number.isFinite(most)
    ? `the scenario allows ${most}`
    : "acknowledged just before the loss of the primary, not yet seen on a replica";
  return `at least ${missing} of ${plural(total(keys, "acknowledged"), noun)} acknowledged are gone: ${why}`;
}

/**
 * What explains work that is done twice, or gone: a retry that sends again, a primary that went on when another had
 * taken its place.
 */
export function notesOf(facts: Facts, operations: readonly Operation[], noun: string): string[] {
  const resent = operations.filter(({ attempts }) => attempts > 1).length;
  const twice =
    resent === 0
      ? []
      : [
          `${plural(resent, noun)} sent again after an attempt of which nobody knows whether it was done: if it ` +
            `was, it is done twice`,
        ];
  const own = new Set(operations);
  const split = supersededPrimaries(facts).flatMap(({ node, by, writes }) => {
    const taken = writes.filter((operation) => own.has(operation)).length;
    if (taken === 0) return [];
    return [
      `${plural(taken, noun)} acknowledged by ${node} after ${by} had taken its place: gone once ${node} follows ${by}`,
    ];
  });
  return [...twice, ...split];
}

function tableOf({ keys, table }: SharedKeys): EvidenceTable {
  const bad = ({ problem }: JudgedKey) => Number(problem !== undefined);
  return {
    title: table.title,
    columns: ["key", "acknowledged", "unknown", "refused", table.final, "missing"],
    rows: [...keys]
      .sort((a, b) => bad(b) - bad(a))
      .slice(0, LISTED)
      .map((one) => [
        one.key,
        one.acknowledged,
        one.unknown,
        one.refused,
        one.final ?? "not read",
        one.missing,
      ]),
  };
}
