/**
 * valkey-drill as a library: run a scenario, judge a saved history, read the result.
 *
 * @packageDocumentation
 */
export { judge, judgeStream } from "./check/judge.ts";
export { judgePlain } from "./check/plain.ts";
export type { Driver, RunningTopology } from "./driver/driver.ts";
export { processDriver } from "./driver/process/index.ts";
export type { Integrity } from "./history/integrity.ts";
export { type PlainHistory, readPlainHistory } from "./history/plain-history.ts";
export { type History, type HistoryStream, readHistory, streamHistory } from "./history/reader.ts";
export { DrillError, type ErrorCode } from "./model/errors.ts";
export type { HistoryEvent } from "./model/event.ts";
export type { Outcome, Verdict } from "./model/outcome.ts";
export type { PlainResult } from "./model/plain-result.ts";
export type { Endpoint, NodePlan, Plan } from "./model/plan.ts";
export type { CheckResult, Result } from "./model/result.ts";
export { defineScenario } from "./scenario/define.ts";
export { loadScenario } from "./scenario/load.ts";
export type { DrillProgress } from "./scenario/progress.ts";
export { type FinishedRun, type RunOptions, runScenario } from "./scenario/run-scenario.ts";
export type { Scenario, ScenarioInput } from "./scenario/schema.ts";
export { type FindOptions, findServer } from "./valkey/find.ts";
export type { ValkeyServer } from "./valkey/server.ts";
