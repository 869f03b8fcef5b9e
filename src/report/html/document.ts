import type { BakeoffDocument } from "../../model/bakeoff.ts";
import type { DrawnSystem } from "../../model/drawn-system.ts";
import type { Explanation } from "../../model/explanation.ts";
import type { ReportModel } from "../../model/report-model.ts";
import type { ComparedRun } from "./compared.ts";

/**
 * What a page is given: everything about one run, several runs beside each other, a bake-off with the runs that could
 * be drawn, or what logs tell.
 */
export type PageDocument =
  | { readonly kind: "run"; readonly model: ReportModel }
  | { readonly kind: "comparison"; readonly runs: readonly ComparedRun[] }
  | { readonly kind: "bakeoff"; readonly bakeoff: BakeoffDocument; readonly runs: readonly ComparedRun[] }
  | {
      readonly kind: "explanation";
      readonly explanation: Explanation;
      readonly systems: readonly DrawnSystem[];
    };
