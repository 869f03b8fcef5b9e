import { existsSync, readFileSync } from "node:fs";
import type { BakeoffDocument } from "../../model/bakeoff.ts";
import type { DrawnSystem } from "../../model/drawn-system.ts";
import { DrillError } from "../../model/errors.ts";
import type { Explanation } from "../../model/explanation.ts";
import { type ReportModel, reportModelSchema } from "../../model/report-model.ts";
import { withoutFolder } from "../explanation/places.ts";
import { printable } from "../terminal/format.ts";
import { comparedRun } from "./compared.ts";
import type { PageDocument } from "./document.ts";

/** Beside this module in the package; from the sources the one that was built last. */
const PAGES = ["./page.html", "../../../dist/report/html/page.html"];
const DATA = '<script type="application/json" id="document">null</script>';
const TITLE = "<title>valkey-drill</title>";

/**
 * One file that holds all it needs: the page with the data of a run in it, or of several runs beside each other.
 *
 * @throws DrillError `BAD_RUN` if a report model is not what it should be
 */
export function renderHtml(models: readonly ReportModel[]): string {
  const runs = printable(models).map(checked);
  const [first, ...others] = runs;
  if (first === undefined) throw new DrillError("BAD_USAGE", "a page shows at least one run, not 0");
  if (others.length === 0)
    return pageWith({ kind: "run", model: first }, `${first.result.verdict}: ${first.result.scenario}`);
  const scenarios = [...new Set(runs.map(({ result }) => result.scenario))].join(", ");
  return pageWith({ kind: "comparison", runs: runs.map(comparedRun) }, `${runs.length} runs: ${scenarios}`);
}

/**
 * A bake-off as one page. Of each cell the first run is drawn, where there is a report model of it (by its id, the name
 * of its folder).
 *
 * @throws DrillError `BAD_RUN` if a report model is not what it should be
 */
export function renderBakeoffPage(bakeoff: BakeoffDocument, models: readonly ReportModel[]): string {
  const runs = printable(models).map(checked).map(comparedRun);
  return pageWith({ kind: "bakeoff", bakeoff: printable(bakeoff), runs }, "bake-off");
}

/**
 * What logs tell as one page. Texts of logs stand in it as data only: nothing of them can become markup or code.
 *
 * @param systems what is drawn of each system
 */
export function renderExplanationPage(explanation: Explanation, systems: readonly DrawnSystem[]): string {
  return pageWith(
    {
      kind: "explanation",
      explanation: withoutFolder(printable(explanation)).explanation,
      systems: printable(systems),
    },
    "what happened",
  );
}

function pageWith(document: PageDocument, title: string): string {
  return page()
    .replace(DATA, () => `<script type="application/json" id="document">${scriptText(document)}</script>`)
    .replace(TITLE, () => `<title>${titleText(title)} – valkey-drill</title>`);
}

function checked(model: ReportModel): ReportModel {
  const { data, error } = reportModelSchema.safeParse(model);
  if (data === undefined)
    throw new DrillError("BAD_RUN", `the run cannot be drawn: ${error.message}`, { cause: error });
  return data;
}

/**
 * JSON that no browser takes for the end of its element: `<` is escaped, which JSON allows in texts, and stands nowhere
 * else.
 */
function scriptText(document: PageDocument): string {
  return JSON.stringify(document).replaceAll("<", "\\u003c");
}

function titleText(text: string): string {
  return text.replaceAll(/[&<>]/g, (char) => `&#${char.codePointAt(0)};`);
}

let loaded: string | undefined;

function page(): string {
  if (loaded !== undefined) return loaded;
  const path = PAGES.map((page) => new URL(page, import.meta.url)).find((url) => existsSync(url));
  if (path === undefined) throw new Error("the page of reports has not been built: npm run build");
  const text = readFileSync(path, "utf8");
  if (!text.includes(DATA) || !text.includes(TITLE))
    throw new Error(`${path.pathname} is no page of reports`);
  loaded = text;
  return text;
}
