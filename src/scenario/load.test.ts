import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DrillError } from "../model/errors.ts";
import { builtInScenarios, loadScenario, parseScenario } from "./load.ts";
import { STEPS } from "./steps/registry.ts";

const HEAD = ["name: test", "description: a test", "topology: { kind: ha, replicas: 2 }"]; // lines 1 to 3

/** What is said of a scenario whose fourth line and those after it are these. */
function problemsOf(...lines: string[]): string[] {
  return problemsOfText([...HEAD, ...lines].join("\n"));
}

function problemsOfText(text: string): string[] {
  try {
    parseScenario(text, "drill.yaml");
  } catch (error) {
    expect(error).toBeInstanceOf(DrillError);
    expect(error).toMatchObject({ code: "BAD_SCENARIO" });
    return (error as DrillError).message.split("\n");
  }
  return [];
}

describe("parseScenario", () => {
  it("fills in what is not given", () => {
    expect(parseScenario([...HEAD, "steps:", "  - wait: 1.5s"].join("\n"), "x")).toMatchObject({
      name: "test",
      topology: { kind: "ha", replicas: 2, sentinels: 3 },
      client: "iovalkey",
      durability: { waitReplicas: 0 },
      steps: [{ action: "wait", value: 1500 }],
      expect: { splitBrain: { writes: 0 } },
    });
  });

  it("reads a workload with and without options", () => {
    const text = [
      ...HEAD,
      "steps:",
      "  - run: crud",
      "  - start:",
      "      unique-writes: { writesPerSecond: 7 }",
    ];
    expect(parseScenario(text.join("\n"), "x").steps).toEqual([
      { action: "run", value: { name: "crud", options: { ttlMs: 200 } } },
      {
        action: "start",
        value: {
          name: "unique-writes",
          options: { writesPerSecond: 7, readsPerSecond: 100, deadlineMs: 1000 },
        },
      },
    ]);
  });

  it("reads a fault's options by the fault's own schema, and writes them as they were given", () => {
    const [inject] = parseScenario(
      [...HEAD, "steps:", "  - inject: { fault: pause, target: replicas, for: 2s }"].join("\n"),
      "x",
    ).steps;
    expect(inject?.value).toEqual({ fault: "pause", targets: ["replicas"], forMs: 2000, options: {} });
    expect(STEPS.get("inject")?.written?.(inject?.value)).toEqual({
      fault: "pause",
      target: "replicas",
      for: "2000ms",
    });
  });

  it.each<[what: string, lines: string[], place: string, told: RegExp]>([
    [
      "an option that the fault does not have",
      ["steps:", "  - inject: { fault: kill, target: primary, seconds: 3 }"],
      "drill.yaml:5",
      /kill: Unrecognized key: "seconds"/,
    ],
    [
      "a fault that makes no sense on the topology",
      ["steps:", "  - inject:", "      fault: move-slots", "      target: primary", "      toShard: 1"],
      "drill.yaml:6",
      /steps\[0\]\.inject\.fault: move-slots is for cluster, not for ha/,
    ],
    [
      "such a fault in a schedule",
      ["steps:", "  - schedule:", "    - at: 1s", "      inject: { fault: add-shard, target: primary }"],
      "drill.yaml:7",
      /steps\[0\]\.schedule\[0\]\.inject\.fault: add-shard is for cluster, not for ha/,
    ],
    [
      "an option of a fault that makes no sense on the topology",
      ["steps:", "  - inject: { fault: failover, target: primary, mode: force }"],
      "drill.yaml:5",
      /steps\[0\]\.inject\.fault: failover: mode: Sentinel knows no force; it is for cluster/,
    ],
    [
      "a steady workload that is to run to its end",
      ["steps:", "  - wait: 1s", "  - run: unique-writes"],
      "drill.yaml:6",
      /steps\[1\]\.run: unique-writes is a steady workload: write "start: unique-writes"/,
    ],
    [
      "a finite workload that is to be started",
      ["steps:", "  - start: crud"],
      "drill.yaml:5",
      /crud is a finite workload: write "run: crud"/,
    ],
    ["one that is to be stopped", ["steps:", "  - stop: crud"], "drill.yaml:5", /crud is a finite workload/],
    [
      "a workload that is not there",
      ["steps:", "  - stop: nothing"],
      "drill.yaml:5",
      /no workload is named "nothing"/,
    ],
    [
      "a workload that makes no sense on the topology",
      ["steps:", "  - run: stale-route"],
      "drill.yaml:5",
      /steps\[0\]\.run: stale-route is for cluster, not for ha/,
    ],
    ["malformed YAML", ["steps:", "  - {run: crud"], "drill.yaml:5", /not valid YAML/],
    ["the same key twice", ["name: again", "steps: []"], "drill.yaml:4", /not valid YAML/],
    [
      "an unknown action",
      ["steps:", "  - run: crud", "  - injekt: kill"],
      "drill.yaml:6",
      /no action is named "injekt". Did you mean "inject"\? There are: run, start,/,
    ],
    [
      "two actions in one step",
      ["steps:", "  - run: crud", "    wait: 2s"],
      "drill.yaml:5",
      /a step has exactly one action of: /,
    ],
    ["no action in a step", ["steps:", "  - {}"], "drill.yaml:5", /a step has exactly one action/],
    [
      "an unknown workload",
      ["steps:", "  - run: crudd"],
      "drill.yaml:5",
      /no workload is named "crudd". Did you mean "crud"\?/,
    ],
    ["an unknown option of a workload", ["steps:", "  - run: { crud: { tttl: 1 } }"], "drill.yaml:5", /tttl/],
    [
      "a negative count",
      ["steps:", "  - start:", "      unique-writes:", "        writesPerSecond: -1"],
      "drill.yaml:7",
      /writesPerSecond: /,
    ],
    [
      "two workloads in one step",
      ["steps:", "  - run: { crud: {}, key-spread: {} }"],
      "drill.yaml:5",
      /must name exactly one workload/,
    ],
    [
      "an unknown fault",
      ["steps:", "  - inject: { fault: kil, target: primary }"],
      "drill.yaml:5",
      /no fault is named "kil". Did you mean "kill"\?/,
    ],
    ["an unknown fault to heal", ["steps:", "  - heal: paus"], "drill.yaml:5", /Did you mean "pause"\?/],
    [
      "an unknown condition",
      ["steps:", "  - await: { condition: promotted, within: 1s }"],
      "drill.yaml:5",
      /promoted/,
    ],
    [
      "a wait without a unit",
      ["steps:", "  - wait: 10"],
      "drill.yaml:5",
      /must be a duration such as 500ms or 2s/,
    ],
    ["no steps", ["steps: []"], "drill.yaml:4", /steps: /],
    [
      "a setting that is no name",
      ["steps:", "  - set: { Max Memory: 1 }"],
      "drill.yaml:5",
      /is not the name of a setting/,
    ],
    [
      "more confirmations than replicas",
      ["durability:", "  waitReplicas: 3", "steps:", "  - run: crud"],
      "drill.yaml:5",
      /durability.waitReplicas: WAIT can never confirm 3 replicas where there are 2/,
    ],
    ["an unknown client", ["client: jedis", "steps:", "  - run: crud"], "drill.yaml:4", /client: /],
    [
      "a negative limit",
      ["steps:", "  - run: crud", "expect:", "  outage:", "    writeMs: -5"],
      "drill.yaml:8",
      /expect.outage.writeMs: /,
    ],
    ["an unknown key", ["steps:", "  - run: crud", "expected: {}"], "drill.yaml:6", /"expected"/],
    [
      "an unknown key further down",
      ["steps:", "  - run: crud", "expect:", "  promoted: true", "  outtage: {}"],
      "drill.yaml:8",
      /"outtage"/,
    ],
    ["an alias of nothing", ["steps:", "  - *nothing"], "drill.yaml:", /nothing/],
  ])("refuses %s, and says where", (_what, lines, place, told) => {
    const [first = ""] = problemsOf(...lines);
    expect(first.startsWith(place), first).toBe(true);
    expect(first).toMatch(told);
  });

  it.each([
    ["an empty file", ""],
    ["a list", "- run: crud"],
    ["a word", "drill"],
  ])("refuses %s", (_what, text) => {
    expect(problemsOfText(text)[0]).toMatch(/^drill\.yaml:1: /);
  });

  it("refuses a quorum above the number of Sentinels at its place", () => {
    const text = [
      "name: t",
      "description: d",
      "topology:",
      "  kind: ha",
      "  sentinels: 1",
      "  quorum: 2",
      "steps: [run: crud]",
    ];
    expect(problemsOfText(text.join("\n"))).toEqual([
      "drill.yaml:6: topology.quorum: is more than there are Sentinels: no failover could ever begin",
    ]);
  });

  it("tells all that is wrong at once", () => {
    expect(problemsOf("client: jedis", "steps:", "  - run: crudd", "  - heal: kil")).toHaveLength(3);
  });

  it("in a cluster takes the shard with the fewest replicas as the limit of confirmations", () => {
    const text = [
      "name: t",
      "description: d",
      "topology: { kind: cluster, shards: 2, replicas: [2, 1] }",
      "durability: { waitReplicas: 2 }",
      "steps: [run: crud]",
    ];
    expect(problemsOfText(text.join("\n"))[0]).toContain(
      "WAIT can never confirm 2 replicas where there are 1",
    );
  });
});

describe("loadScenario", () => {
  let dir: string;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), "drill-scenarios-"));
  });
  afterAll(() => rm(dir, { recursive: true }));

  it("finds every built-in scenario by its name, and each is named like its file", async () => {
    const names = await builtInScenarios();
    expect(names).toEqual(expect.arrayContaining(["cluster-failover", "ha-failover"]));
    for (const name of names) expect((await loadScenario(name)).name).toBe(name.replace(/^controls\//, ""));
  });

  it("names the nearest where there is none of that name", async () => {
    await expect(loadScenario("ha-failovr")).rejects.toMatchObject({
      code: "BAD_SCENARIO",
      message: 'there is no scenario "ha-failovr". Did you mean "ha-failover"?',
      hint: expect.stringContaining("cluster-failover"),
    });
  });

  it("says which file it cannot read", async () => {
    await expect(loadScenario(join(dir, "none.yaml"))).rejects.toThrow(/none\.yaml cannot be read: ENOENT/);
  });

  it("refuses an alias of nothing in a file as well", async () => {
    const file = join(dir, "alias.yaml");
    await writeFile(file, "steps: [*nothing]\n");
    await expect(loadScenario(file)).rejects.toMatchObject({ code: "BAD_SCENARIO" });
  });

  it("takes a module, and refuses one whose default export is none", async () => {
    const good = join(dir, "good.mjs");
    await writeFile(
      good,
      'export default { name: "m", description: "d", topology: { kind: "ha" }, steps: [{ run: "crud" }] };',
    );
    expect((await loadScenario(good)).name).toBe("m");
    const bad = join(dir, "bad.mjs");
    await writeFile(bad, "export default { steps: [] };");
    await expect(loadScenario(bad)).rejects.toMatchObject({
      code: "BAD_SCENARIO",
      hint: "Its default export must be a scenario.",
    });
    const broken = join(dir, "broken.mjs");
    await writeFile(broken, "throw new Error('oops');");
    await expect(loadScenario(broken)).rejects.toThrow(/broken\.mjs cannot be loaded: oops/);
  });
});
