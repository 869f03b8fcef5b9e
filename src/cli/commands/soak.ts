import { randomInt } from "node:crypto";
import { Command, Option } from "commander";
import { MAX_SEED } from "../../base/random.ts";
import type { Attempt } from "../../campaign/attempt.ts";
import { soak } from "../../campaign/soak.ts";
import { appFiguresOf } from "../../model/app-figures.ts";
import type { SoakSummary } from "../../model/soak.ts";
import { renderSoak } from "../../report/terminal/soak.ts";
import { checkScenario } from "../../run/check-scenario.ts";
import { checkConfig } from "../../session/config-check.ts";
import { type AppFlags, addAppOptions } from "../app-flags.ts";
import { attemptLine, openCampaign } from "../campaign.ts";
import { loadConfigured, tellConfig } from "../config-flags.ts";
import { printDocument } from "../document.ts";
import { addDrillOptions, type DrillFlags } from "../drill-options.ts";
import { exitCodeForVerdicts } from "../exit.ts";
import { interruptible } from "../interrupt.ts";
import { wholeNumber } from "../options.ts";
import { replayCommand, withFlags } from "./run.ts";

interface SoakFlags extends DrillFlags, AppFlags {
  readonly times: number;
}

const MOST_TIMES = 10_000;

export function soakCommand(): Command {
  const command = new Command("soak")
    .description("run drills again and again, and tell whether their verdicts differ")
    .argument("<scenario...>", "names of built-in scenarios, or paths")
    .addOption(new Option("--times <n>", "how often").default(10).argParser(wholeNumber(1, MOST_TIMES)));
  return addAppOptions(addDrillOptions(command)).action(async (refs: string[], flags: SoakFlags) => {
    const firstSeed = flags.seed ?? randomInt(MAX_SEED);
    const drills = (await loadConfigured(refs, flags)).map((scenario, index) => ({
      ref: refs[index] as string,
      scenario: withFlags(scenario, flags),
    }));
    tellConfig(
      drills.map(({ scenario }) => scenario.topology),
      flags,
    );
    const all = await interruptible(async (signal) => {
      const campaign = await openCampaign(flags, signal);
      for (const { scenario } of drills) {
        checkScenario(scenario, campaign.driver);
        await checkConfig(scenario.topology, campaign.driver);
      }
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
    printDocument(summaries, flags.json, (options) => `\n${renderSoak(summaries, options)}`);
    process.exitCode = all.interrupted
      ? 130
      : exitCodeForVerdicts([...all.attempts.values()].flat().map(({ verdict }) => verdict));
  });
}

function summaryOf(drill: string, attempts: readonly Attempt[]): SoakSummary {
  return {
    drill,
    runs: attempts.map(({ verdict, result, codes }) => {
      const app = appFiguresOf(result?.app);
      return {
        verdict,
        writeOutageMs: result?.outage.writeMs ?? null,
        lost: result?.writes.lost ?? 0,
        codes,
        accepted: result?.accepted ?? [],
        ...(app !== undefined && { app }),
      };
    }),
  };
}
