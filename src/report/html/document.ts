import type { Picture } from "../../model/picture.ts";
import type { ComparedRun } from "./compared.ts";

/** What a page is given: everything about one run, or several runs beside each other. */
export type PageDocument =
  | { readonly kind: "run"; readonly picture: Picture }
  | { readonly kind: "comparison"; readonly runs: readonly ComparedRun[] };
