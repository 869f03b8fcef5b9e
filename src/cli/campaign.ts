import { openDriver } from "../api/open-driver.ts";
import type { Attempt, CampaignOptions } from "../campaign/attempt.ts";
import { duration } from "../check/checker.ts";
import { appFiguresOf } from "../model/app-figures.ts";
import { acceptedWords } from "../report/accepted-words.ts";
import { appWords, isOnlyOfApp } from "../report/app-words.ts";
import { SILENT } from "../run/progress.ts";
import type { ServerOptions } from "./options.ts";
import { openProgress } from "./progress.ts";

/** A server and a driver for many runs. Each of them is one line of output: the steps within it are not shown. */
export async function openCampaign(
  flags: ServerOptions & { readonly out: string; readonly quiet?: boolean },
  signal: AbortSignal,
): Promise<CampaignOptions & { readonly valkeyOption: string }> {
  const progress = openProgress(flags.quiet === true);
  try {
    const { driver, version, valkey } = await openDriver(flags, progress, signal);
    return { driver, valkey: version, outDir: flags.out, progress: SILENT, signal, valkeyOption: valkey };
  } finally {
    await progress.close();
  }
}

/**
 * What a run said, in one line, and what did not pass below it.
 *
 * @param isKept its folder is not removed
 */
export function attemptLine(
  { seed, verdict, why, result, folder }: Attempt,
  isKept = verdict !== "pass",
): string {
  const told = [`seed ${seed}`, verdict.padEnd(7)];
  const app = appFiguresOf(result?.app);
  if (app !== undefined) told.push(appWords({ app }) || "not known");
  if (result) {
    const { outage, writes, durationMs } = result;
    const [outageMs, lost] =
      app !== undefined && isOnlyOfApp(result) ? [app.outageMs, app.lost] : [outage.writeMs, writes.lost];
    told.push(`outage ${outageMs === null ? "–" : duration(outageMs)}`);
    told.push(`lost ${lost ?? "–"}`, `in ${duration(durationMs)}`);
  }
  const accepted = result ? acceptedWords(result) : "";
  if (accepted !== "") told.push(`\n      ${verdict}${accepted}`);
  const more = why.map((line) => `\n      ${line}`);
  const kept = folder && isKept ? [`\n      run folder: ${folder.dir}`] : [];
  return `${told.join("  ")}${more.join("")}${kept.join("")}\n`;
}
