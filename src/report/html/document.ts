import type { BakeoffDocument } from "../../model/bakeoff.ts";
import type { ReportModel } from "../../model/report-model.ts";
import type { ComparedRun } from "./compared.ts";

/** What a page is given: everything about one run, several runs beside each other, or a bake-off with the runs that could be drawn. */
export type PageDocument =
  | { readonly kind: "run"; readonly model: ReportModel }
  | { readonly kind: "comparison"; readonly runs: readonly ComparedRun[] }
  | { readonly kind: "bakeoff"; readonly bakeoff: BakeoffDocument; readonly runs: readonly ComparedRun[] };
