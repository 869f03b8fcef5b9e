import type { FaultWindow } from "../check/facts.ts";
import type { StepEvent } from "../model/event.ts";
import type { ReportFault, ReportModel } from "../model/report-model.ts";
import { ms } from "./time.ts";

/** Every fault from injection to healing. */
export function faultsOf(faults: readonly FaultWindow[]): ReportFault[] {
  return faults.map(({ id, fault, label, targets, primaries, shards, injectAt, healAt, healedAt }) => ({
    id,
    fault,
    label: label ?? `${fault} ${targets.join(", ")}`,
    targets: [...targets],
    primaries: [...primaries],
    shards: [...shards],
    injectMs: ms(injectAt),
    ...(healAt !== undefined && { healMs: ms(healAt) }),
    ...(healedAt !== undefined && { healedMs: ms(healedAt) }),
  }));
}

/** Every step of the scenario, from begin to end. */
export function stepsOf(events: readonly StepEvent[]): ReportModel["steps"] {
  const steps = new Map<number, ReportModel["steps"][number]>();
  for (const { index, name, status, detail, at } of events) {
    const begun = steps.get(index) ?? { index, name, fromMs: ms(at), toMs: null, status };
    const ended = status === "begin" ? {} : { toMs: ms(at), status };
    steps.set(index, { ...begun, ...ended, ...(detail !== undefined && { detail }) });
  }
  return [...steps.values()];
}
