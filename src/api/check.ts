/**
 * valkey-drill/check: what was recorded, judged. Needs no server, and loads no client library.
 *
 * @packageDocumentation
 */
export type { Checker, EvidenceTable } from "../check/checker.ts";
export type { Facts } from "../check/facts.ts";
export { judge, judgeStream } from "../check/judge.ts";
export { judgePlain } from "../check/plain-history.ts";
export type { Operation } from "../history/operations.ts";
export type { PlainHistory } from "../history/plain/history.ts";
export { readPlainHistory } from "../history/plain-history.ts";
export { type History, readHistory, streamHistory } from "../history/reader.ts";
export { DrillError, type ErrorCode } from "../model/errors.ts";
export type { HistoryEvent } from "../model/event.ts";
export type { Outcome, Verdict } from "../model/outcome.ts";
export type { PlainResult } from "../model/plain-result.ts";
export type { CheckResult, Result } from "../model/result.ts";
