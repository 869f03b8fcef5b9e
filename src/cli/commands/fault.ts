import { Command } from "commander";
import { attachEnvironment } from "../../api/environments.ts";
import { FAULTS } from "../../fault/registry.ts";
import { healByHand, injectByHand } from "../../live/by-hand.ts";
import { DrillError } from "../../model/errors.ts";
import { toldFault } from "../../scenario/injectable.ts";
import { SELECTORS } from "../../scenario/selectors.ts";
import { LINK_SELECTORS } from "../../scenario/selectors-links.ts";
import { shownTargets } from "../../scenario/targets.ts";

const KIND_WIDTH = Math.max(...[...FAULTS.keys()].map((kind) => kind.length));

export function faultCommand(): Command {
  const kinds = [...FAULTS.values()].map(
    (fault) => `  ${fault.kind.padEnd(KIND_WIDTH)}  ${toldFault(fault)}`,
  );
  const listed = (forms: Readonly<Record<string, string>>) =>
    Object.entries(forms)
      .map(([form, meaning]) => `  ${form.padEnd(18)} ${meaning}`)
      .join("\n");
  const ofLinks = [...FAULTS.values()]
    .filter(({ targetKind }) => targetKind === "links")
    .map(({ kind }) => kind);
  return new Command("fault")
    .description("inject a fault by hand into what `up` started; `fault heal` undoes it")
    .argument("<kind>", `${[...FAULTS.keys()].join(", ")}, or heal`)
    .argument(
      "[target]",
      "selectors, with commas between; for heal: names of nodes or links, default all that is hurt",
    )
    .argument("[options...]", "the fault's options, as name=value")
    .option("--env <id>", "the environment, if several are up (default: the newest)")
    .addHelpText(
      "after",
      `\nFaults:\n${kinds.join("\n")}\n\nTargets:\n${listed(SELECTORS)}\n\nTargets of ${ofLinks.join(", ")} (links; ` +
        `after \`up --links\`), where A and B are such targets, or clients:\n${listed(LINK_SELECTORS)}`,
    )
    .action(async (kind: string, target: string | undefined, given: string[], { env }: { env?: string }) => {
      const topology = await attachEnvironment(env);
      if (kind === "heal") {
        const healed = await healByHand(topology, target);
        const lines = healed.map(({ fault, targets }) => `healed  ${fault} ${shown(fault, targets)}\n`);
        process.stdout.write(lines.join("") || "Nothing was hurt.\n");
        return;
      }
      if (target === undefined) {
        throw new DrillError("BAD_USAGE", `fault ${kind} needs a target, such as "primary" or "node-1"`, {
          hint: "valkey-drill fault --help lists the forms of a target.",
        });
      }
      const { targets, came } = await injectByHand(topology, kind, target, namedValues(given));
      const told = came === undefined ? "" : `: ${came}`;
      process.stdout.write(`injected  ${kind} ${shown(kind, targets)}${told}\n`);
    });
}

function shown(kind: string, targets: readonly string[]): string {
  return shownTargets(FAULTS.get(kind) ?? {}, targets);
}

/** `ms=200 mode=force` as an object: numbers and true/false as such, everything else as text. */
function namedValues(given: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(
    given.map((text) => {
      const [, name, value] = /^([a-zA-Z]+)=(.*)$/.exec(text) ?? [];
      if (name === undefined || value === undefined) {
        throw new DrillError("BAD_USAGE", `"${text}" is no option: write name=value, such as ms=200`);
      }
      return [name, asScalar(value)];
    }),
  );
}

function asScalar(text: string): unknown {
  if (text === "true" || text === "false") return text === "true";
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}
