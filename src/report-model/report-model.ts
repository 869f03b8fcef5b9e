/*
 *   facts ─┬─ operations ─▶ load (buckets of time) ─┐
 *          ├─ judged writes ─▶ fates ───────────────┤
 *          ├─ losses, outages, phases ─▶ failovers ─┼─▶ ReportModel ─▶ report
 *          ├─ topology, faults, steps ──────────────┤
 *   node logs ─▶ one clock ─────────────────────────┘
 */
import type { Facts } from "../check/facts.ts";
import { judgeWrites } from "../check/fates.ts";
import { REPORT_MODEL_SCHEMA_VERSION, type ReportModel } from "../model/report-model.ts";
import type { Result } from "../model/result.ts";
import { appModel } from "./app.ts";
import { failoversOf } from "./failovers.ts";
import { fatesModel } from "./fates.ts";
import { faultsOf, stepsOf } from "./faults.ts";
import { loadOf } from "./load.ts";
import { logsModel, type NodeLog } from "./logs.ts";
import { bounded } from "./size.ts";
import { stallsModel } from "./stalls.ts";
import { ms } from "./time.ts";
import { topologyModel } from "./topology.ts";

/** A run as it lies in its folder. */
export interface RecordedRun {
  readonly facts: Facts;
  readonly result: Result;
  /** The scenario as it ran, as YAML. */
  readonly scenario?: string;
  readonly logs: readonly NodeLog[];
  /** Version of valkey-drill that draws it. */
  readonly tool: string;
}

/**
 * All that a report shows of a run, cut to the size of a page however long the run was. Pure: the same run gives the
 * same model.
 */
export function reportModelOf({ facts, result, scenario, logs, tool }: RecordedRun): ReportModel {
  const { header } = facts;
  const faults = faultsOf(facts.faults);
  const steps = stepsOf(facts.steps);
  const failovers = failoversOf(facts, result);
  const durationMs = ms(facts.endedAt);
  const app = appModel(facts);
  const { shards } = header.topology;
  const { writeMs, readMs, otherShardsMs } = header.expect.outage ?? {};
  return {
    schemaVersion: REPORT_MODEL_SCHEMA_VERSION,
    tool,
    runId: header.runId,
    result: { ...result, checks: result.checks.map(bounded) },
    brokenOff: facts.complete ? null : (facts.endReason ?? "its recording has no end"),
    durationMs,
    settings: { ...header.topology.settings },
    quorum: header.topology.quorum ?? null,
    waitReplicas: header.waitReplicas,
    limits: { writeMs, readMs, otherShardsMs },
    scenario: scenario ?? null,
    faults,
    steps,
    failovers,
    stalls: stallsModel(facts),
    load: loadOf(facts.operations, shards),
    fates: fatesModel(judgeWrites(facts), { faults, failovers, shards, durationMs }),
    topology: topologyModel(facts),
    ...(app !== undefined && { app }),
    logs: logsModel(logs, { facts, faults, failovers, steps }),
  };
}
