/*
 *   npm run scenarios [-- name… --times N --file FILE --valkey VERSION|PATH --out DIR --seed N]
 *
 * Runs all scenarios that come with the tool, so many times each, whatever becomes of any of them, and writes a table:
 * of a drill the verdict must be "pass", of a control "fail" for the reason that it must fail for.
 *
 *   scenarios ── each pass, the next seed ──▶ attempt ──▶ held? ──▶ table (written anew after each run)
 */
import { randomInt } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { dirname } from "node:path";
import { parseArgs } from "node:util";
import { MAX_SEED } from "../src/base/random.ts";
import { attempt, type CampaignOptions, forget } from "../src/campaign/attempt.ts";
import { attemptLine, openCampaign } from "../src/cli/campaign.ts";
import { exitCodeOf, tellError } from "../src/cli/exit.ts";
import { interruptible } from "../src/cli/interrupt.ts";
import { DrillError } from "../src/model/errors.ts";
import { checkScenario } from "../src/run/check-scenario.ts";
import { builtInScenarios, loadScenario } from "../src/scenario/load.ts";
import { CONTROL_REASONS } from "../test/support/control-reasons.ts";
import { markdownOf, type Ran, terminalOf } from "./scenarios-table.ts";

const MOST_TIMES = 100;
const USAGE = "npm run scenarios [-- name… --times N --file FILE --valkey VERSION|PATH --out DIR --seed N]\n";

try {
  process.exitCode = await interruptible(main);
} catch (error) {
  tellError(error);
  process.exitCode = exitCodeOf(error);
}

/** 0: all held. 1: one did not. 2: one cannot be run on this machine. 130: interrupted. */
async function main(signal: AbortSignal): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      times: { type: "string", default: "1" },
      file: { type: "string", default: "runs/scenarios.md" },
      out: { type: "string", default: "runs" },
      valkey: { type: "string" },
      seed: { type: "string", default: String(randomInt(MAX_SEED)) },
      help: { type: "boolean" },
    },
  });
  const [times, seed] = [Number(values.times), Number(values.seed)];
  const wrong = !Number.isInteger(times) || times < 1 || times > MOST_TIMES || !Number.isInteger(seed);
  if (values.help || wrong) {
    process.stderr.write(USAGE);
    return wrong ? 64 : 0;
  }
  const names = positionals.length > 0 ? positionals : await builtInScenarios();
  await Promise.all(names.map((name) => loadScenario(name))); // a slip in a name or a file is told before anything starts
  const campaign = await openCampaign({ driver: "process", valkey: values.valkey, out: values.out }, signal);

  const title = `Valkey ${campaign.valkey}, Node ${process.versions.node}, ${cpus().length} cores, ${times} × ${names.length} runs, seeds from ${seed}`;
  const all: Ran[] = names.map((name) => ({ name, control: name in CONTROL_REASONS, passes: [] }));
  await mkdir(dirname(values.file), { recursive: true });
  for (let time = 0; time < times && !signal.aborted; time += 1) {
    for (const ran of all) {
      if (signal.aborted) break;
      await runOnce(ran, (seed + time) % MAX_SEED, campaign, signal);
      await writeFile(values.file, markdownOf(title, all));
    }
  }
  process.stdout.write(`\n${terminalOf(title, all)}\n${values.file}\n`);
  if (signal.aborted) return 130;
  if (all.some(({ passes }) => passes.some(({ held }) => held === false))) return 1;
  return all.some(({ notHere }) => notHere !== undefined) ? 2 : 0;
}

async function runOnce(
  ran: Ran,
  seed: number,
  campaign: CampaignOptions,
  signal: AbortSignal,
): Promise<void> {
  const scenario = await loadScenario(ran.name);
  try {
    checkScenario(scenario, campaign.driver);
  } catch (error) {
    if (!(error instanceof DrillError) || error.code !== "LACKS_CAPABILITY") throw error;
    ran.notHere = error.message;
    return;
  }
  const replay = `valkey-drill run ${ran.name} --seed ${seed}`;
  const said = await attempt(scenario, { ...campaign, seed, replay }).catch((error: unknown) => {
    if (signal.aborted) return undefined;
    throw error;
  });
  if (said === undefined) return;
  const wanted = CONTROL_REASONS[ran.name];
  const held =
    wanted === undefined
      ? said.verdict === "pass"
      : said.verdict === "fail" && wanted.every((code) => said.codes.includes(code));
  ran.passes.push({ held, said });
  if (held) await forget(said);
  const { folder: _, ...rest } = said;
  const line = attemptLine(held ? rest : said);
  process.stderr.write(`${held ? "held    " : "NOT HELD"}  ${ran.name}  ${line}`);
}
