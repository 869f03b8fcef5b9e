/**
 * valkey-drill as a library: run a scenario, start a topology for a test, judge a saved history, add faults, workloads,
 * checkers and client libraries of your own.
 *
 * @packageDocumentation
 */
export { z } from "zod";
export type { InjectedFault } from "./api/injections.ts";
export { type JudgedRun, readRun, renderReport } from "./api/report.ts";
export { type RunScenarioOptions, runScenario } from "./api/run.ts";
export { startTopology } from "./api/start-topology.ts";
export type { StartTopologyOptions, Topology, TopologyInput } from "./api/topology.ts";
export type { TopologyNode } from "./app/env/topology-env.ts";
export type { Checker, EvidenceTable } from "./check/checker.ts";
export type { Facts } from "./check/facts.ts";
export { judge, judgeStream } from "./check/judge.ts";
export { judgePlain } from "./check/plain-history.ts";
export type {
  AnsweredBy,
  ClientOptions,
  ClientTarget,
  ConnectionEvent,
  DrillClient,
  PinnedConnection,
  SubscribeOptions,
  Subscription,
} from "./client/client.ts";
export { NotDoneError, TimeoutError } from "./client/errors.ts";
export { dockerDriver, type Engine, type EngineOptions, openEngine } from "./driver/docker/index.ts";
export type { Driver, RunningTopology } from "./driver/driver.ts";
export { processDriver } from "./driver/process/index.ts";
export type { Fault, FaultContext, LinkFault } from "./fault/fault.ts";
export type { Integrity } from "./history/integrity.ts";
export type { Operation } from "./history/operations.ts";
export type { PlainHistory } from "./history/plain/history.ts";
export { readPlainHistory } from "./history/plain-history.ts";
export { type History, type HistoryStream, readHistory, streamHistory } from "./history/reader.ts";
export type { RunFolder } from "./history/run-store.ts";
export type { PluginClient as ClientLibrary } from "./libraries/of-plugin.ts";
export type { Capability } from "./model/capabilities.ts";
export type { ClientAbility } from "./model/client-abilities.ts";
export { DrillError, type ErrorCode } from "./model/errors.ts";
export type { HistoryEvent } from "./model/event.ts";
export type { ObservationName, Observed, OwnObservation } from "./model/observed.ts";
export type { Outcome, Verdict } from "./model/outcome.ts";
export type { PlainResult } from "./model/plain-result.ts";
export type { Endpoint, NodePlan, Plan } from "./model/plan.ts";
export type { CheckResult, Result } from "./model/result.ts";
export type { NodeStatus } from "./model/status.ts";
export type { ReportFormatName } from "./report/registry.ts";
export type { DrillProgress } from "./run/progress.ts";
export type { FinishedRun } from "./run/run-scenario.ts";
export { defineScenario } from "./scenario/define.ts";
export type { FaultKind, Injection, Plugins, WorkloadName } from "./scenario/input.ts";
export { loadScenario } from "./scenario/load.ts";
export {
  type Plugin,
  type PluginModule,
  type PluginTools,
  registerChecker,
  registerClient,
  registerFault,
  registerWorkload,
} from "./scenario/plugins.ts";
export type { Scenario, ScenarioInput } from "./scenario/schema.ts";
export type { AdminPool } from "./valkey/admin-pool.ts";
export { type FindOptions, findServer } from "./valkey/find.ts";
export type { ValkeyServer } from "./valkey/server.ts";
export type { Log } from "./workload/log.ts";
export type { Workload, WorkloadContext } from "./workload/workload.ts";
