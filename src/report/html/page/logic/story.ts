import type { ReportModel } from "../../../../model/report-model.ts";
import { appSentences, isOnlyOfApp } from "../../../app-words.ts";
import { formatCount, formatMs, formatNumber } from "../../../numbers.ts";
import { outageWords } from "../../../outage-words.ts";
import { faultOf } from "./time-marks.ts";

/** What happened, in a few sentences. */
export function storyOf(model: ReportModel): string[] {
  const { result, failovers } = model;
  return [
    ...(model.brokenOff === null ? [] : [`The run broke off: ${model.brokenOff}.`]),
    ...(failovers.length === 0 ? ["No primary was lost."] : []),
    ...failovers.map((failover) => promotion(model, failover)),
    ...(failovers.length === 0 || isOnlyOfApp(result) ? [] : [outage(model)]),
    ...(result.writes.acknowledged > 0 || (model.fates.counts.unknown ?? 0) > 0 ? [losses(model)] : []),
    ...(result.app === undefined ? [] : [application(result.app)]),
  ];
}

function application(app: NonNullable<ReportModel["result"]["app"]>): string {
  const told = appSentences(app).map(({ word, text }) => `${word}: ${text}.`);
  return `The application: ${told.length === 0 ? "what became of it is not known." : told.join(" ")}`;
}

function promotion(model: ReportModel, { fault, promoted }: ReportModel["failovers"][number]): string {
  const { injectMs = 0, primaries = [] } = faultOf(model, fault) ?? {};
  if (promoted.length === 0) return `Nobody took the place of ${primaries.join(", ")}.`;
  return `${promoted
    .map(({ from, to, atMs }) => `${to} took the place of ${from} after ${formatMs(atMs - injectMs)}`)
    .join("; ")}.`;
}

function outage({ result }: ReportModel): string {
  const say = (kind: "write" | "read") => {
    const words = outageWords(result, kind);
    if (words === "not recovered") return "did not come back";
    if (words === "end not seen") return "failed, and nobody saw them recover for good";
    return words === "not measured" || words === "none" ? "were not measured" : `failed for ${words}`;
  };
  return `Writes ${say("write")}, reads ${say("read")}.`;
}

function losses({ result, fates }: ReportModel): string {
  const { lost, acknowledged } = result.writes;
  const unknown = fates.counts.unknown ?? 0;
  if (unknown > 0)
    return `What became of ${formatCount(unknown, "write")} is unknown: their keys could not be read.`;
  if (lost === 0) return `No acknowledged write was lost, of ${formatNumber(acknowledged)}.`;
  return `${formatNumber(lost)} of ${formatCount(acknowledged, "acknowledged write")} were lost.`;
}
