import { randomInt } from "node:crypto";
import { Command, Option } from "commander";
import { advise } from "../../advise/advise.ts";
import { openDriver } from "../../api/open-driver.ts";
import { MAX_SEED } from "../../base/random.ts";
import type { Advice } from "../../model/advise.ts";
import { renderAdvice, renderProof } from "../../report/terminal/advise.ts";
import { SILENT } from "../../run/progress.ts";
import { DEFAULT_LINE } from "../../valkey/fetch/releases.ts";
import { isVersion } from "../../valkey/version.ts";
import { adviseInput, clientInput } from "../advise-input.ts";
import { clientOption } from "../client-option.ts";
import { type ConfigFlags, configOption, sentinelConfigOption } from "../config-flags.ts";
import { printDocument, terminalNow } from "../document.ts";
import { interruptible } from "../interrupt.ts";
import {
  type CampaignFlags,
  driverOption,
  jsonOption,
  outOption,
  quietOption,
  seedOption,
  valkeyOption,
  wholeNumber,
} from "../options.ts";
import { openProgress } from "../progress.ts";
import { prove } from "../prove.ts";

interface AdviseFlags extends CampaignFlags, ConfigFlags {
  readonly client?: string;
  readonly options?: string;
  readonly prove?: (typeof PROVES)[number];
  readonly times: number;
}

const PROVES = ["all", "outage"] as const;
const MOST_TIMES = 100;

export function adviseCommand(): Command {
  return new Command("advise")
    .description(
      "what a failover of your configuration will be like, and what is risky about it; starts nothing",
    )
    .argument("[on]", "ha, cluster, or a scenario whose topology is meant; default: what the files are of")
    .addOption(configOption())
    .addOption(sentinelConfigOption())
    .addOption(clientOption("client library: how long do its calls wait?"))
    .addOption(new Option("--options <file>", "its options, as a profile of the bake-off (.yaml, .mjs)"))
    .addOption(
      new Option(
        "--prove [what]",
        "run the drills that show it, and put what was measured beside it; outage: only the one that measures that",
      )
        .choices(PROVES)
        .preset(PROVES[0]),
    )
    .addOption(
      new Option("--times <n>", "with --prove: how often the outage is measured")
        .default(1)
        .argParser(wholeNumber(1, MOST_TIMES)),
    )
    .addOption(valkeyOption())
    .addOption(driverOption())
    .addOption(seedOption())
    .addOption(outOption())
    .addOption(jsonOption())
    .addOption(quietOption())
    .action(async (on: string | undefined, flags: AdviseFlags) => {
      const { spec, from } = await adviseInput(on, flags);
      const client = await clientInput(spec.kind, flags.client, flags.options);
      const version = flags.valkey !== undefined && isVersion(flags.valkey) ? flags.valkey : DEFAULT_LINE;
      const advice = advise(spec, from, version, client);
      if (!flags.prove) {
        printDocument(advice, flags.json, (options) => renderAdvice(advice, options));
        return;
      }
      if (!flags.json) process.stdout.write(renderAdvice(advice, terminalNow()));
      const proven = await interruptible((signal) => proved(advice, spec, flags, signal));
      if (flags.json) process.stdout.write(`${JSON.stringify(proven, null, 2)}\n`);
      const unmeasured = proven.proofs.some(
        ({ within, predictedMs }) => within === null && predictedMs !== null,
      );
      // A drill that shows a risk fails for it: what would be wrong is a prediction that does not hold.
      process.exitCode = proven.proofs.some(({ within }) => within === false) ? 1 : unmeasured ? 2 : 0;
    });
}

async function proved(
  advice: Advice,
  spec: Parameters<typeof prove>[1],
  flags: AdviseFlags,
  signal: AbortSignal,
): Promise<Advice> {
  const progress = openProgress(flags.quiet === true);
  try {
    const { driver, version } = await openDriver(flags, progress, signal);
    const seed = flags.seed ?? randomInt(MAX_SEED);
    const { prove: what = "all", times } = flags;
    const options = {
      what,
      times,
      driver,
      valkey: version,
      seed,
      outDir: flags.out,
      progress: SILENT,
      signal,
    };
    const proofs = await prove(advice, spec, options, (proof) => {
      if (!flags.json) process.stdout.write(renderProof(proof, terminalNow()));
    });
    return { ...advice, valkey: version, proofs };
  } finally {
    await progress.close();
  }
}
