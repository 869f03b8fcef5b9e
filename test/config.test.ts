import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { adviseSchema } from "../src/model/advise.ts";
import { renderAdvice, renderProof } from "../src/report/terminal/advise.ts";
import { cli, folder, livingServers } from "./support/cli.ts";
import { ROOT } from "./support/structure.ts";

const CONFIGS = join(ROOT, "test/configs");
const fileOf = (name: string, text: string) => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

describe("configuration files on the command line", () => {
  it.concurrent.each([
    [
      "a directive of no version",
      "run",
      "hz 20\nno-such-thing 1\n",
      /bad-1\.conf:2: the server \(.*\) does not take "no-such-thing 1"/,
    ],
    [
      "quotes that do not end",
      "up",
      'requirepass "abc\n',
      /bad-2\.conf:1: quotes are not balanced: requirepass …/,
    ],
    [
      "an include that is not there",
      "soak",
      "include /none/x.conf\n",
      /bad-3\.conf:1: include: there is no file \/none\/x\.conf/,
    ],
    [
      "a value that is none",
      "bakeoff",
      "maxmemory lots\n",
      /bad-4\.conf:1: .*does not take "maxmemory lots"/,
    ],
  ])("%s is refused before anything starts", async (_what, command, text, message) => {
    const number = { run: 1, up: 2, soak: 3, bakeoff: 4 }[command];
    const file = fileOf(`bad-${number}.conf`, text);
    const on =
      { run: ["ha-failover"], up: ["ha"], soak: ["ha-failover"], bakeoff: ["ha-kill"] }[command] ?? [];
    const out = join(folder, `out-${number}`);
    const { code, stdout, stderr } = await cli([command, ...on, "--config", file, "--out", out]);
    expect(stderr).toMatch(message);
    expect(stderr).not.toContain("abc");
    expect(stdout).toBe("");
    expect(code).toBe(64);
    expect(existsSync(out)).toBe(false);
    expect(livingServers()).toEqual([]);
  });

  it("a sentinel.conf for a cluster is refused", async () => {
    const { code, stderr } = await cli([
      "run",
      "cluster-failover",
      "--sentinel-config",
      join(CONFIGS, "sentinel.conf"),
    ]);
    expect(stderr).toMatch(/--sentinel-config: a cluster has no Sentinels/);
    expect(code).toBe(64);
  });
});

describe("advise", () => {
  const advised = async (...args: string[]) => {
    const { code, stdout } = await cli(["advise", ...args, "--json"]);
    expect(code).toBe(0);
    return adviseSchema.parse(JSON.parse(stdout));
  };
  const config = ["--config", join(CONFIGS, "statefulset.conf")];
  const sentinel = ["--sentinel-config", join(CONFIGS, "sentinel.conf")];

  it("reads files, and starts nothing", async () => {
    const advice = await advised(...config, ...sentinel);
    expect(advice).toMatchObject({
      topology: "ha",
      settings: { "down-after-milliseconds": "2500" },
      proofs: [],
    });
    expect(advice.outage.minMs).toBeGreaterThanOrEqual(2500);
    const rules = advice.risks.map(({ rule }) => rule);
    expect(rules).toContain("few-sentinels"); // the file knows one other
    expect(advice.replaced.map(({ text }) => text)).toContain("port 6379");
    expect(livingServers()).toEqual([]);
  });

  it("takes what a file does not set to be as the server has it", async () => {
    const { settings } = await advised("--config", fileOf("bare.conf", "hz 20\n"));
    expect(settings).toMatchObject({
      "down-after-milliseconds": "30000",
      "failover-timeout": "180000",
      appendonly: "no",
    });
    const clusterConf = fileOf("cluster.conf", "cluster-enabled yes\n");
    expect(await advised("--config", clusterConf)).toMatchObject({
      topology: "cluster",
      settings: { "cluster-node-timeout": "15000", "cluster-require-full-coverage": "yes" },
    });
  });

  it("holds a client's options against the failover", async () => {
    const options = fileOf("mine.yaml", "iovalkey: { cluster: { maxRedirections: 500 } }\n");
    const rulesOf = async (...more: string[]) =>
      (await advised("cluster-failover", "--client", "iovalkey", ...more)).risks.map(({ rule }) => rule);
    expect(await rulesOf()).toContain("client-gives-up");
    expect(await rulesOf("--options", options)).not.toContain("client-gives-up");
  });

  it.each([
    [[], /advise needs --config/],
    [["cluster", ...sentinel], /a cluster has no Sentinels/],
    [["ha", "--options", "x.yaml"], /--options needs --client/],
  ])("is refused for %j", async (args, message) => {
    const { code, stderr } = await cli(["advise", ...args]);
    expect(stderr).toMatch(message);
    expect(code).toBe(64);
  });

  it("is drawn within 80 and 120 columns", async () => {
    const advice = await advised(...config, ...sentinel, "--client", "iovalkey");
    const proof = {
      scenario: "ha-failover",
      rules: ["slow-detection"],
      verdict: "pass",
      predictedMs: [3150, 4350],
      measuredMs: 3500,
      within: true,
      lost: 0,
      folder: "runs/20261129-051858-ha-failover-f452",
    } as const;
    for (const width of [80, 120]) {
      const options = { colour: false, width };
      const text =
        renderAdvice(advice, options) +
        renderProof({ ...proof, rules: [...proof.rules], predictedMs: [3150, 4350] }, options);
      expect(text.split("\n").filter((line) => line.length > width)).toEqual([]);
      expect(text).toContain("in all");
      expect(text.replaceAll(/\s+/g, " ")).toContain("predicted 3,150 ms to 4,350 ms");
    }
  });
});
