import type { Result } from "../../model/result.ts";
import { acceptedWords } from "../accepted-words.ts";
import { appSentences, appWords, probeLine } from "../app-words.ts";
import { printable } from "../terminal/format.ts";

/**
 * A line for each check that did not pass, one for an application under the drill with its probes, and a notice of what
 * a drill that passed let go, by which GitHub Actions shows it on the page of the run:
 * https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#setting-an-error-message
 * A verdict that is unknown is an error too: it is no pass.
 */
export function renderAnnotations(results: readonly Result[]): string {
  return printable(results)
    .flatMap((result) => {
      const { scenario, verdict, replay, checks } = result;
      const bad = checks.filter((check) => check.verdict !== "pass");
      const problems = bad.map(({ name, verdict, summary }) =>
        annotation(`${scenario}: ${name} ${verdict}`, `${summary}\nagain: ${replay}`),
      );
      problems.push(...ofApp(result));
      const accepted = acceptedWords(result);
      if (accepted !== "") problems.push(annotation(`${scenario}: pass`, `pass${accepted}`, "notice"));
      if (verdict !== "pass" && bad.length === 0) {
        problems.push(annotation(`${scenario}: ${verdict}`, `no check applied\nagain: ${replay}`));
      }
      return problems;
    })
    .join("");
}

/** What became of the application, what that means, and the figures of each probe. */
function ofApp(result: Result): string[] {
  const { app, scenario, verdict } = result;
  if (app === undefined) return [];
  const words = appWords(result) || "not known";
  const lines = [
    ...appSentences(app).map(({ word, text }) => `${word}: ${text}`),
    ...app.probes.map((probe) => `${probe.name}: ${probeLine(probe)}`),
  ];
  const level = verdict === "pass" ? "notice" : "error";
  return [annotation(`${scenario}: application ${words}`, lines.join("\n"), level)];
}

function annotation(title: string, message: string, level: "error" | "notice" = "error"): string {
  return `::${level} title=${property(`valkey-drill ${title}`)}::${data(message)}\n`;
}

/** As in https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts */
function data(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function property(text: string): string {
  return data(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
