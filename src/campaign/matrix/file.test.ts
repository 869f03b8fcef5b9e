import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { processDriver } from "../../driver/process/index.ts";
import { DrillError } from "../../model/errors.ts";
import { checkScenario } from "../../run/check-scenario.ts";
import { loadScenario } from "../../scenario/load.ts";
import { builtInMatrices, loadMatrix } from "./file.ts";

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "valkey-drill-matrix-"));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

const path = () => join(dir, "m.yaml");
async function load(lines: readonly string[]) {
  await writeFile(path(), `${lines.join("\n")}\n`);
  return await loadMatrix(path());
}
async function refusal(...lines: string[]): Promise<string> {
  const error = await load(lines).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(DrillError);
  expect((error as DrillError).code).toBe("BAD_SCENARIO");
  return (error as DrillError).message.replaceAll(path(), "m.yaml");
}
const HA = ["name: m", "scenario: ha-failover"];
const CLUSTER = ["name: m", "scenario: cluster-failover"];

describe("a matrix", () => {
  it("has a cell for each combination, the last setting varying fastest, each with its own drill", async () => {
    const { cells, runs } = await load([
      ...HA,
      "grid:",
      "  waitReplicas: [0, 2]",
      "  down-after-milliseconds: [1000, 3000]",
      "  min-replicas-to-write: [1]",
      "  config.maxmemory: [100mb]",
    ]);
    expect(runs).toBe(3);
    expect(cells.map(({ settings }) => Object.values(settings))).toEqual([
      [0, 1000, 1, "100mb"],
      [0, 3000, 1, "100mb"],
      [2, 1000, 1, "100mb"],
      [2, 3000, 1, "100mb"],
    ]);
    expect(cells[2]?.scenario).toMatchObject({
      name: "ha-failover",
      durability: { waitReplicas: 2 },
      topology: {
        downAfterMs: 1000,
        replicas: 2,
        config: { "min-replicas-to-write": 1, maxmemory: "100mb" },
      },
    });
    const { steps } = await loadScenario("ha-failover");
    expect(cells[0]?.scenario.steps.slice(1)).toEqual(steps); // as many writes as go through, then the drill
    expect(cells[0]?.scenario.steps[0]).toMatchObject({ action: "run", value: { name: "throughput" } });
  });

  it("leaves the measure of throughput out where it is told to, and gives it the options that it is told", async () => {
    const grid = ["grid: { quorum: [1] }"];
    const [without] = (await load([...HA, "throughput: false", ...grid])).cells;
    expect(without?.scenario.steps[0]).toMatchObject({ value: { name: "crud" } });
    const [given] = (await load([...HA, "throughput: { connections: 2 }", ...grid])).cells;
    expect(given?.scenario.steps[0]).toMatchObject({ value: { options: { connections: 2, pipeline: 8 } } });
  });

  it("takes the words of valkey.conf for those of a scenario", async () => {
    const { cells } = await load([...CLUSTER, "grid: { cluster-require-full-coverage: [yes, no, true] }"]);
    const coverage = cells.map(
      ({ scenario: { topology } }) => "requireFullCoverage" in topology && topology.requireFullCoverage,
    );
    expect(coverage).toEqual([true, false, true]);
  });

  it("can be read again from what it is written down as, wherever that is", async () => {
    await writeFile(
      join(dir, "drill.yaml"),
      "name: own\ndescription: d\ntopology: { kind: ha }\nsteps: [{ wait: 1s }]\n",
    );
    const first = await load(["name: m", "scenario: ./drill.yaml", "runs: 2", "grid: { replicas: [1, 2] }"]);
    const elsewhere = await mkdtemp(join(tmpdir(), "valkey-drill-matrix-"));
    await writeFile(join(elsewhere, "copy.yaml"), first.text);
    const again = await loadMatrix(join(elsewhere, "copy.yaml"));
    await rm(elsewhere, { recursive: true });
    expect(again).toEqual(first);
    expect(again.cells[1]?.scenario).toMatchObject({ name: "own", topology: { replicas: 2 } });
  });

  it("finds the files of a scenario that is written out in it beside itself", async () => {
    const topology = "  topology: { kind: ha, auth: { password: { file: secret } } }";
    const drill = ["scenario:", "  name: own", "  description: d", topology, "  steps: [{ wait: 1s }]"];
    const { cells } = await load(["name: m", ...drill, "grid: { quorum: [1] }"]);
    const password = { file: join(dir, "secret") };
    expect(cells[0]?.scenario).toMatchObject({ topology: { auth: { password } } });
  });
});

describe("a matrix over the environment variables of an application", () => {
  const OWN = ["name: m", "scenario:", "  name: own", "  description: d", "  topology: { kind: ha }"];
  const APP = ["  app: { command: node server.js, env: { preset: ioredis, OTHER: 1 } }"];
  const rest = ["  steps: [{ wait: 1s }]", "grid: { app.env.COMMAND_TIMEOUT: [100, 500] }"];

  it("has a cell for each value, the application's folder being the matrix's", async () => {
    const { cells } = await load([...OWN, ...APP, ...rest]);
    expect(cells.map(({ scenario: { app } }) => app?.env.set)).toEqual([
      { OTHER: "1", COMMAND_TIMEOUT: "100" },
      { OTHER: "1", COMMAND_TIMEOUT: "500" },
    ]);
    expect(cells[0]?.scenario.app).toMatchObject({ cwd: dir, env: { presets: ["ioredis"] } });
  });

  it("is refused where there is no application", async () => {
    expect(await refusal(...OWN, ...rest)).toMatch(/is an environment variable of an application/);
  });
});

describe("a matrix is refused before anything starts, with the line", () => {
  it.each<[why: string, lines: string[], message: RegExp]>([
    [
      "for a cell that can never be",
      ["waitReplicas: [0, 1, 3]"],
      /^m\.yaml:4: grid\.waitReplicas: the cell waitReplicas 3 cannot be run: durability\.waitReplicas: WAIT can never confirm 3/,
    ],
    [
      "for two settings that do not go together",
      ["quorum: [4]", "sentinels: [3]"],
      /^m\.yaml:4: grid\.quorum: the cell quorum 4, sentinels 3 cannot be run: .*no failover/,
    ],
    [
      "for a value that cannot be",
      ["down-after-milliseconds: [soon]"],
      /^m\.yaml:4: grid\.down-after-milliseconds: the cell .* cannot be run/,
    ],
    [
      "for a setting that there is not",
      ["waitreplicas: [1]"],
      /^m\.yaml:4: grid\.waitreplicas: no setting is named "waitreplicas"\. Did you mean "waitReplicas"\?/,
    ],
    [
      "for a setting of the other topology",
      ["cluster-node-timeout: [1000]"],
      /^m\.yaml:4: .*is a setting of Cluster, and the scenario's topology is ha/,
    ],
    ["for a setting without a value", ["quorum: []"], /^m\.yaml:4: grid\.quorum: /],
  ])("%s", async (_, grid, message) => {
    expect(await refusal(...HA, "grid:", ...grid.map((line) => `  ${line}`))).toMatch(message);
  });

  it("for what is wrong elsewhere in it", async () => {
    expect(await refusal(...HA)).toMatch(/^m\.yaml:1: grid: /);
    expect(await refusal(...HA, "grid: {}")).toMatch(/^m\.yaml:3: grid: names no setting to vary/);
    expect(await refusal(...HA, "runs: 0", "grid: { quorum: [1] }")).toMatch(/^m\.yaml:3: runs: /);
    expect(await refusal(...HA, "times: 3", "grid: { quorum: [1] }")).toMatch(/^m\.yaml:3: .*times/);
    expect(await refusal("name: m", "scenario: ha-failovr", "grid: { quorum: [1] }")).toMatch(
      /Did you mean "ha-failover"/,
    );
    expect(await refusal(...HA, "throughput:", "  connections: 0", "grid: { quorum: [1] }")).toMatch(
      /^m\.yaml:3: throughput: the cell quorum 1 cannot be run: .*connections/,
    );
    const inline = [
      "name: m",
      "grid: { quorum: [1] }",
      "scenario:",
      "  name: own",
      "  description: d",
      "  topology: { kind: ha }",
    ];
    expect(await refusal(...inline, "  steps:", "    - jump: 1s")).toMatch(
      /^m\.yaml:8: scenario\.steps\[0\]\.jump: /,
    );
    await expect(loadMatrix("ha-durabilty")).rejects.toThrow('Did you mean "ha-durability"?');
  });
});

describe("the built-in matrices", async () => {
  it.each(await builtInMatrices())("%s can be run, and is named as its file is", async (name) => {
    const matrix = await loadMatrix(name);
    expect(matrix.name).toBe(name);
    expect(matrix.cells.length * matrix.runs).toBeLessThanOrEqual(24); // a few minutes
    const driver = processDriver({} as never);
    for (const { scenario } of matrix.cells) checkScenario(scenario, driver);
  });
});
