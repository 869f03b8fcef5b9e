import { appendFile } from "node:fs/promises";
import type { Result } from "../model/result.ts";
import { renderAnnotations } from "../report/files/github.ts";
import { REPORT_FORMATS } from "../report/registry.ts";

/**
 * In a workflow of GitHub Actions: the summary of the job, and an annotation for each check that did not pass.
 * Elsewhere nothing. https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
 *
 * @param document standard output holds a document and nothing else: annotations go to standard error
 */
export async function tellGitHub(
  results: readonly Result[],
  { document }: { document: boolean },
): Promise<void> {
  const { GITHUB_ACTIONS, GITHUB_STEP_SUMMARY } = process.env;
  if (results.length === 0) return;
  if (GITHUB_ACTIONS === "true") {
    (document ? process.stderr : process.stdout).write(renderAnnotations(results));
  }
  if (GITHUB_STEP_SUMMARY) {
    await appendFile(GITHUB_STEP_SUMMARY, `${REPORT_FORMATS.markdown.render(results, { colour: false })}\n`);
  }
}
