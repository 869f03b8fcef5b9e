import type { ReportModel } from "../model/report-model.ts";
import type { Result } from "../model/result.ts";
import { renderBadge } from "./files/badge.ts";
import { renderJunit } from "./files/junit.ts";
import { renderMarkdown } from "./files/markdown.ts";
import { renderPrometheus } from "./files/prometheus.ts";
import { renderTimeline } from "./files/timeline-svg.ts";
import { renderHtml } from "./html/render.ts";
import { renderJson } from "./json.ts";
import { renderResult, type TerminalOptions } from "./terminal/result.ts";
import { renderSummary } from "./terminal/summary.ts";

/** A way to write runs down. */
export type ReportFormat = ResultFormat | ModelFormat;

interface Described {
  /** One line, for help and `list`. */
  readonly summary: string;
  /** Name of the file, where none is given. */
  readonly file: string;
}

/** Needs nothing but the results. */
export interface ResultFormat extends Described {
  readonly from: "results";
  /** The whole text, ending with a line feed. `options` matter to formats that are drawn for a terminal. */
  render(results: readonly Result[], options: TerminalOptions): string;
}

/** Needs the whole runs, histories and logs. */
export interface ModelFormat extends Described {
  readonly from: "models";
  render(models: readonly ReportModel[]): string;
}

/** Every format, by the name that the command line knows it by. */
export const REPORT_FORMATS = formats({
  terminal: {
    summary: "for a person at a terminal",
    file: "report.txt",
    from: "results",
    render: (results, options) =>
      [
        ...results.map((result) => renderResult(result, options)),
        ...(results.length > 1 ? [renderSummary(results, options)] : []),
      ].join("\n"),
  },
  json: {
    summary: "the result document, by schema/result.schema.json",
    file: "results.json",
    from: "results",
    render: (results) => renderJson(results),
  },
  junit: {
    summary: "JUnit XML: a suite for each drill, a test case for each check",
    file: "junit.xml",
    from: "results",
    render: (results) => renderJunit(results),
  },
  markdown: {
    summary: "a summary in Markdown, for pull requests and pages of pipelines",
    file: "summary.md",
    from: "results",
    render: (results) => renderMarkdown(results),
  },
  prometheus: {
    summary: "the final figures, in Prometheus' text format",
    file: "valkey-drill.prom",
    from: "results",
    render: (results) => renderPrometheus(results),
  },
  svg: {
    summary: "the failover phase by phase, as a picture",
    file: "timeline.svg",
    from: "results",
    render: (results) => renderTimeline(results),
  },
  html: {
    summary:
      "one page with everything about one run: verdict, timeline, load, fates, logs; or several runs beside each other",
    file: "report.html",
    from: "models",
    render: (models) => renderHtml(models),
  },
  badge: {
    summary: "the verdict as a badge (SVG)",
    file: "badge.svg",
    from: "results",
    render: (results) => renderBadge(results),
  },
});

/** The name of a format. */
export type ReportFormatName = keyof typeof REPORT_FORMATS;

/** Keeps the names, and what each format needs, as a type. */
function formats<All extends Record<string, ReportFormat>>(
  all: All,
): { readonly [Name in keyof All]: All[Name]["from"] extends "results" ? ResultFormat : ModelFormat } {
  return all as never;
}
