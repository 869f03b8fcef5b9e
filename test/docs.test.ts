import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import type { z } from "zod";
import { TOPOLOGY_CONDITIONS } from "../src/api/until-condition.ts";
import { PRESETS } from "../src/app/env/registry.ts";
import { TEMPLATE_VALUES } from "../src/app/env/values.ts";
import { SCENARIOS } from "../src/bakeoff/scenarios/registry.ts";
import { NOT_PROMOTED_REASONS } from "../src/check/not-promoted/cause.ts";
import { judgePlain } from "../src/check/plain-history.ts";
import { CHECKERS } from "../src/check/registry.ts";
import { EXIT_CODES } from "../src/cli/exit.ts";
import { createProgram } from "../src/cli/program.ts";
import { DOCKER_CAPABILITIES } from "../src/driver/docker/capabilities.ts";
import { PROCESS_CAPABILITIES } from "../src/driver/process/capabilities/index.ts";
import { processDriver } from "../src/driver/process/index.ts";
import { REFUSED } from "../src/exec/actions/refused.ts";
import { ACTIONS } from "../src/exec/actions/registry.ts";
import { ENDPOINTS } from "../src/exec/endpoints.ts";
import { MORE_VALUES } from "../src/exec/exec.ts";
import { FAULTS } from "../src/fault/registry.ts";
import { readPlainHistory } from "../src/history/plain-history.ts";
import { LIBRARIES } from "../src/libraries/registry.ts";
import { BAKEOFF_REASONS, BAKEOFF_UNKNOWNS } from "../src/model/bakeoff.ts";
import type { Capability } from "../src/model/capabilities.ts";
import { ERROR_CODES } from "../src/model/errors.ts";
import { REPORT_FORMATS } from "../src/report/registry.ts";
import { renderPlain } from "../src/report/terminal/plain-history.ts";
import { checkScenario } from "../src/run/check-scenario.ts";
import { CONDITIONS } from "../src/scenario/conditions.ts";
import { builtInScenarios, parseScenario } from "../src/scenario/load.ts";
import { SELECTORS } from "../src/scenario/selectors.ts";
import { LINK_SELECTORS } from "../src/scenario/selectors-links.ts";
import { STEPS } from "../src/scenario/steps/registry.ts";
import { clusterSpecSchema, haSpecSchema } from "../src/topology/spec.ts";
import { WORKLOADS } from "../src/workload/registry.ts";
import { filesIn, ROOT } from "./support/structure.ts";

/*
 * The guide is written by hand. These tests say when something was added that it does not mention, or a link is broken.
 */

const guide = readFileSync(join(ROOT, "docs/guide.md"), "utf8");

/** Names that the guide must hold as code, and where each list comes from. */
const NAMES: Record<string, readonly string[]> = {
  steps: [...STEPS.keys()],
  conditions: Object.keys(CONDITIONS),
  workloads: [...WORKLOADS.keys()],
  faults: [...FAULTS.keys()],
  selectors: Object.keys(SELECTORS),
  "targets of links": Object.keys(LINK_SELECTORS).map((form) => form.replace("|", "\\|")),
  checkers: CHECKERS.map(({ name }) => name),
  "reasons that nobody was promoted": NOT_PROMOTED_REASONS,
  topology: [...Object.keys(haSpecSchema.shape), ...Object.keys(clusterSpecSchema.shape)].filter(
    (name) => name !== "kind",
  ),
  "formats of reports": Object.keys(REPORT_FORMATS),
  "scenarios of the bake-off": SCENARIOS.map(({ name }) => name),
  "reasons of the bake-off": Object.keys({ ...BAKEOFF_REASONS, ...BAKEOFF_UNKNOWNS }),
  "client libraries": [...LIBRARIES.keys()],
  "error codes": Object.keys(ERROR_CODES),
  scenarios: (await builtInScenarios()).filter((name) => !name.startsWith("controls/")),
};

describe("the guide", () => {
  it.each(Object.entries(NAMES))("names all %s", (_, names) => {
    expect(names.filter((name) => !guide.includes(`\`${name}\``))).toEqual([]);
  });

  it.each([...WORKLOADS.values()])("names the options of $name, with their defaults", ({ options }) => {
    for (const [name, value] of Object.entries(options.parse({}) as object)) {
      expect(guide).toMatch(new RegExp(`\\| \`${name}\` \\|.*\\| ${literal(value)} \\|`));
    }
  });

  it.each([...FAULTS.values()])("names the options of $kind, with their defaults", ({ kind, options }) => {
    const given = options.safeParse({}).data ?? {};
    for (const name of Object.keys((options as z.ZodObject).shape)) {
      const value = (given as Record<string, unknown>)[name];
      const end = value === undefined ? "" : ` ${literal(value)} \\|`;
      expect(guide).toMatch(new RegExp(`\\| \`${kind}\` \\| \`${name}\` \\|.*\\|${end}`));
    }
  });

  it("tells which driver can do which fault", () => {
    const drivers = [PROCESS_CAPABILITIES, DOCKER_CAPABILITIES];
    const rows = [...FAULTS.values()]
      .filter(({ needs }) => drivers.some((driver) => whereOf(needs, driver) !== "yes"))
      .map(({ kind, needs }) => `| \`${kind}\` | ${drivers.map((one) => whereOf(needs, one)).join(" | ")} |`);
    const header = "| fault | `--driver process` | `--driver docker` |";
    const [found] = guide.slice(guide.indexOf(header)).split("\n\n", 1);
    expect(found).toBe([header, "| --- | --- | --- |", ...rows].join("\n"));
  });

  it("gives the defaults of a topology", () => {
    for (const spec of [haSpecSchema.parse({ kind: "ha" }), clusterSpecSchema.parse({ kind: "cluster" })]) {
      for (const [name, value] of Object.entries(spec)) {
        if (name === "kind" || name === "config") continue;
        expect(guide).toMatch(new RegExp(`\\| \`${name}\` \\|.*\\| ${literal(value)} \\|`));
      }
    }
  });

  it("names every command and every option of the command line", async () => {
    const lacking = (await createProgram()).commands.flatMap((command) => [
      ...(guide.includes(`valkey-drill ${command.name()}`) ? [] : [command.name()]),
      ...command.options.flatMap(({ long }) => (long && !guide.includes(long) ? [long] : [])),
    ]);
    expect(lacking).toEqual([]);
  });

  it("tells every exit code as the help does", () => {
    for (const [code, meaning] of Object.entries(EXIT_CODES))
      expect(guide).toContain(`| ${code} | ${meaning} |`);
  });

  it("gives every error its exit code", () => {
    for (const [code, exit] of Object.entries(ERROR_CODES))
      expect(guide).toContain(`| \`${code}\` | ${exit} |`);
  });

  it("shows scenarios that could be run", async () => {
    const driver = processDriver({} as never);
    const scenarios = blocks(guide, "yaml").filter((text) => text.startsWith("name:"));
    expect(scenarios.length).toBeGreaterThan(0);
    for (const text of scenarios) checkScenario(parseScenario(text, "docs/guide.md"), driver);
  });
});

describe("the settings in clients.md", () => {
  const clients = readFileSync(join(ROOT, "docs/clients.md"), "utf8");
  const supported = [...LIBRARIES.values()].flatMap((library) =>
    (["ha", "cluster"] as const)
      .filter((kind) => library.supports[kind] === true)
      .map((kind) => [library.name, kind, library.profiles.tuned[kind].settings] as const),
  );

  it.each(supported)("are those of %s tuned for %s, and no others", (name, kind, settings) => {
    const heading = `### ${name}, ${kind === "ha" ? "Sentinel" : "Cluster"}\n`;
    const [section = ""] = (clients.split(heading)[1] ?? "").split(/^#/m, 1);
    const rows = settings.map(
      ({ option, docs, value, shown, why }) =>
        `| [\`${option}\`](${docs}) | \`${shown ?? JSON.stringify(value)}\` | ${why} |`,
    );
    expect(section.trim().split("\n").slice(2)).toEqual(rows);
  });
});

describe("the guide of exec", () => {
  const text = readFileSync(join(ROOT, "docs/guide-exec.md"), "utf8");

  it("names every preset with its documentation, and every name of a template", () => {
    for (const { name, docs } of PRESETS.values()) expect(text).toContain(`| [\`${name}\`](${docs}) |`);
    for (const name of [...Object.keys(TEMPLATE_VALUES), ...MORE_VALUES])
      expect(text).toContain(`\`{{${name}}}\``);
  });

  it("names every endpoint, every condition, and every action, done or refused", () => {
    for (const { method, path } of Object.values(ENDPOINTS))
      expect(text).toContain(`\`${method.toUpperCase()} ${path}\``);
    for (const name of [...TOPOLOGY_CONDITIONS, ...ACTIONS.keys(), ...REFUSED.keys()])
      expect(text).toContain(`\`${name}\``);
  });
});

describe("the guide's history from Jepsen", () => {
  it("is judged as the guide shows", async () => {
    const [edn = ""] = blocks(guide, "clojure");
    const dir = mkdtempSync(join(tmpdir(), "valkey-drill-docs-"));
    try {
      writeFileSync(join(dir, "history.edn"), edn);
      const history = await readPlainHistory(join(dir, "history.edn"));
      const shown = renderPlain(judgePlain("history.edn", history), { colour: false });
      expect(guide).toContain(`$ valkey-drill check history.edn\n${shown}`);
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  });
});

describe("links", () => {
  const pages = [
    ...["README.md", "README.ko.md", "CONTRIBUTING.md"].filter((path) => existsSync(join(ROOT, path))),
    ...filesIn("docs").map(({ path }) => path),
  ].filter((path) => path.endsWith(".md"));

  it.each(pages)("of %s lead somewhere", (page) => {
    const text = readFileSync(join(ROOT, page), "utf8");
    expect(linksOf(text).filter((link) => !leadsSomewhere(page, link))).toEqual([]);
  });
});

/** A default as a pattern that matches it alone. */
function literal(value: unknown): string {
  return String(value).replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

/** What stands in the text's blocks of code of that language. */
function blocks(text: string, language: string): string[] {
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, "gm"))].map(
    ([, block = ""]) => block,
  );
}

/** Where a driver can do what needs all of these. */
function whereOf(needs: readonly Capability[], driver: ReadonlyMap<Capability, string>): string {
  const places = needs.map((need) => driver.get(need) ?? "no");
  if (places.includes("no")) return "no";
  return places.filter((place) => place !== "yes").join("; ") || "yes";
}

/** Targets of links that stay within the project; what stands in a block of code is no link. */
function linksOf(text: string): string[] {
  return [...withoutCode(text).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = ""]) => target)
    .filter((target) => !/^[a-z]+:/.test(target));
}

function leadsSomewhere(page: string, link: string): boolean {
  const [path = "", heading] = link.split("#");
  const target = path === "" ? join(ROOT, page) : resolve(ROOT, dirname(page), path);
  if (!existsSync(target)) return false;
  return heading === undefined || headingsOf(readFileSync(target, "utf8")).includes(heading);
}

/** Names of headings as GitHub makes them: lower case, hyphens for spaces, no punctuation. */
function headingsOf(text: string): string[] {
  return [...withoutCode(text).matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
}

function withoutCode(text: string): string {
  return text.replaceAll(/^```[\s\S]*?^```$/gm, "");
}
