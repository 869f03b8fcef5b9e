import { randomInt } from "node:crypto";
import { Command, Option } from "commander";
import { MAX_SEED } from "../../base/random.ts";
import type { Attempt } from "../../campaign/attempt.ts";
import { soak } from "../../campaign/soak.ts";
import { worstVerdict } from "../../model/outcome.ts";
import type { SoakSummary } from "../../model/soak.ts";
import { wantsColour } from "../../report/terminal/colour.ts";
import { drawnWidth } from "../../report/terminal/result.ts";
import { renderSoak } from "../../report/terminal/soak.ts";
import { loadScenario } from "../../scenario/load.ts";
import { checkScenario } from "../../scenario/run-scenario.ts";
import { attemptLine, openCampaign } from "../campaign.ts";
import { exitCodeForVerdict } from "../exit.ts";
import { interruptible } from "../interrupt.ts";
import {
  clientOption,
  driverOption,
  jsonOption,
  outOption,
  quietOption,
  type ServerOptions,
  seedOption,
  valkeyOption,
  wholeNumber,
} from "../options.ts";
import { replayCommand } from "./run.ts";

interface SoakFlags extends ServerOptions {
  readonly client?: string;
  readonly seed?: number;
  readonly times: number;
  readonly out: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

const MOST_TIMES = 10_000;

export function soakCommand(): Command {
  return new Command("soak")
    .description("run drills again and again, and tell whether their verdicts differ")
    .argument("<scenario...>", "names of built-in scenarios, or paths")
    .addOption(new Option("--times <n>", "how often").default(10).argParser(wholeNumber(1, MOST_TIMES)))
    .addOption(valkeyOption())
    .addOption(driverOption())
    .addOption(clientOption())
    .addOption(seedOption())
    .addOption(outOption())
    .addOption(jsonOption())
    .addOption(quietOption())
    .action(async (refs: string[], flags: SoakFlags) => {
      const firstSeed = flags.seed ?? randomInt(MAX_SEED);
      const drills = await Promise.all(
        refs.map(async (ref) => {
          const scenario = await loadScenario(ref);
          return {
            ref,
            scenario: flags.client === undefined ? scenario : { ...scenario, client: flags.client },
          };
        }),
      );
      const all = await interruptible(async (signal) => {
        const campaign = await openCampaign(flags, signal);
        for (const { scenario } of drills) checkScenario(scenario, campaign.driver);
        const width = Math.max(...refs.map((ref) => ref.length));
        const attempts = await soak(drills, {
          ...campaign,
          times: flags.times,
          firstSeed,
          replayOf: (ref, seed) => replayCommand(ref, flags, campaign.valkeyOption, seed),
          onAttempt: (ref, time, said) => {
            if (flags.quiet) return;
            process.stderr.write(`${String(time).padStart(5)}  ${ref.padEnd(width)}  ${attemptLine(said)}`);
          },
        });
        return { attempts, interrupted: signal.aborted };
      });
      const summaries = [...all.attempts].map(([drill, attempts]) => summaryOf(drill, attempts));
      const options = { colour: wantsColour(process.stdout), width: drawnWidth(process.stdout.columns) };
      process.stdout.write(
        flags.json ? `${JSON.stringify(summaries, null, 2)}\n` : `\n${renderSoak(summaries, options)}`,
      );
      process.exitCode = all.interrupted ? 130 : exitCodeOf([...all.attempts.values()].flat());
    });
}

function summaryOf(drill: string, attempts: readonly Attempt[]): SoakSummary {
  return {
    drill,
    runs: attempts.map(({ verdict, result, codes }) => ({
      verdict,
      writeOutageMs: result?.outage.writeMs ?? null,
      lost: result?.writes.lost ?? 0,
      codes,
    })),
  };
}

/** That of the worst verdict; an environment that broke outweighs them all. */
function exitCodeOf(attempts: readonly Attempt[]): number {
  const verdicts = attempts.map(({ verdict }) => verdict);
  if (verdicts.includes("broken")) return 70;
  return exitCodeForVerdict(worstVerdict(verdicts.filter((verdict) => verdict !== "broken")));
}
