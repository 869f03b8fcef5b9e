import type { DrawnSystem } from "../../model/drawn-system.ts";
import type { Explanation } from "../../model/explanation.ts";
import { renderExplanationPage } from "../html/render.ts";
import type { TerminalOptions } from "../terminal/result.ts";
import { renderExplanationMarkdown } from "./markdown.ts";
import { renderExplanation } from "./terminal.ts";

/** An explanation, with what is drawn of each system. */
export interface ExplanationToRender {
  readonly explanation: Explanation;
  readonly systems: readonly DrawnSystem[];
}

/** A way to write an explanation down. */
export interface ExplanationFormat {
  /** Name of the file, where none is given. */
  readonly file: string;
  /** The whole text, ending with a line feed. */
  render(given: ExplanationToRender, options: TerminalOptions): string;
}

/** Every format, by the name that the command line knows it by. */
export const EXPLANATION_FORMATS = {
  terminal: {
    file: "explanation.txt",
    render: ({ explanation }, options) => renderExplanation(explanation, options),
  },
  json: {
    file: "explanation.json",
    render: ({ explanation }) => `${JSON.stringify(explanation, null, 2)}\n`,
  },
  markdown: {
    file: "explanation.md",
    render: ({ explanation }) => renderExplanationMarkdown(explanation),
  },
  html: {
    file: "explanation.html",
    render: ({ explanation, systems }) => renderExplanationPage(explanation, systems),
  },
} as const satisfies Record<string, ExplanationFormat>;

/** The name of a format. */
export type ExplanationFormatName = keyof typeof EXPLANATION_FORMATS;
