import { Command } from "commander";
import { builtInMatrices, loadMatrix } from "../../campaign/matrix/file.ts";
import { CHECKERS } from "../../check/registry.ts";
import { FAULTS } from "../../fault/registry.ts";
import type { ClientLibrary } from "../../libraries/library.ts";
import { LIBRARIES } from "../../libraries/registry.ts";
import { REPORT_FORMATS } from "../../report/registry.ts";
import { painter, wantsColour } from "../../report/terminal/colour.ts";
import { toldFault } from "../../scenario/injectable.ts";
import { builtInScenarios, loadScenario } from "../../scenario/load.ts";
import { SELECTORS } from "../../scenario/selectors.ts";
import { LINK_SELECTORS } from "../../scenario/selectors-links.ts";
import { STEPS } from "../../scenario/steps/registry.ts";
import { TOPOLOGIES } from "../../topology/registry.ts";
import { WORKLOADS } from "../../workload/registry.ts";
import { jsonOption } from "../options.ts";

interface Entry {
  readonly name: string;
  readonly summary: string;
}

export function listCommand(): Command {
  return new Command("list")
    .description(
      "scenarios, matrices, faults, workloads, checkers, clients, steps, selectors and reports, with one line each",
    )
    .addOption(jsonOption())
    .action(async ({ json }: { json?: boolean }) => {
      const sections = await everything();
      process.stdout.write(json ? `${JSON.stringify(sections, null, 2)}\n` : drawn(sections));
    });
}

async function everything(): Promise<Record<string, Entry[]>> {
  const named = (map: Readonly<Record<string, string>>) =>
    Object.entries(map).map(([name, summary]) => ({ name, summary }));
  const scenarios = await Promise.all(
    (await builtInScenarios()).map(async (name) => {
      const { description } = await loadScenario(name);
      return { name, summary: firstSentence(description) };
    }),
  );
  const matrices = await Promise.all(
    (await builtInMatrices()).map(async (name) => ({
      name,
      summary: firstSentence((await loadMatrix(name)).description),
    })),
  );
  return {
    scenarios,
    matrices,
    topologies: named(TOPOLOGIES),
    faults: [...FAULTS.values()].map((fault) => ({ name: fault.kind, summary: toldFault(fault) })),
    workloads: [...WORKLOADS.values()].map(({ name, summary }) => ({ name, summary })),
    checkers: CHECKERS.map(({ name, summary }) => ({ name, summary })),
    clients: [...LIBRARIES.values()].map(toldLibrary),
    steps: [...STEPS.values()].map(({ action, summary }) => ({ name: action, summary })),
    selectors: named(SELECTORS),
    links: named(LINK_SELECTORS),
    reports: Object.entries(REPORT_FORMATS).map(([name, { summary }]) => ({ name, summary })),
  };
}

const NOT_TOLD = {
  whoAnswered: "which node answered",
  redirects: "its redirects",
  connections: "its connections",
} as const;

/** A client library: its version, or how to install it; and what it does not tell of a drill. */
function toldLibrary({ name, version, packageName, summary, tells }: ClientLibrary): Entry {
  const lacking = (Object.keys(NOT_TOLD) as (keyof typeof NOT_TOLD)[]).filter((what) => !tells[what]);
  const lacks =
    lacking.length === 0
      ? ""
      : `; in drills does not tell ${lacking.map((what) => NOT_TOLD[what]).join(", ")}`;
  return {
    name: version === undefined ? name : `${name} ${version}`,
    summary: `${summary}${lacks}${version === undefined ? ` (not installed: npm i ${packageName})` : ""}`,
  };
}

function firstSentence(description: string): string {
  return `${description.split(/(?<=[.:])\s/)[0]}`.replace(/[.:]$/, "").trim();
}

function drawn(sections: Record<string, Entry[]>): string {
  const paint = painter(wantsColour(process.stdout));
  return Object.entries(sections)
    .map(([title, entries]) => {
      const width = Math.max(...entries.map(({ name }) => name.length));
      const lines = entries.map(({ name, summary }) => `  ${paint.strong(name.padEnd(width))}  ${summary}`);
      return `${title}\n${lines.join("\n")}\n`;
    })
    .join("\n");
}
