import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ROOT } from "../../test/support/structure.ts";
import { seededRandom } from "../base/random.ts";
import { endpointsNeeded, failoverSettings, makePlan } from "../topology/registry.ts";
import { type TopologySpec, topologySpecSchema } from "../topology/spec.ts";
import { type ConfigFlags, configNotes, withConfigFiles } from "./config-files.ts";
import { parseScenario } from "./load.ts";
import type { Scenario } from "./schema.ts";
import { writtenScenario } from "./written.ts";

const CONFIGS = join(ROOT, "test/configs");
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "config-files-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const readWith = (given: object, flags: ConfigFlags = {}): Promise<TopologySpec> =>
  withConfigFiles(topologySpecSchema.parse(given), CONFIGS, flags);

async function fileOf(text: string, name = "given.conf"): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

function linesOf(spec: TopologySpec, node: string): string[] {
  const endpoints = Array.from({ length: endpointsNeeded(spec).count }, (_, n) => ({
    host: "127.0.0.1",
    port: 20_000 + n,
    busPort: 30_000 + n,
  }));
  const plan = makePlan(spec, endpoints, seededRandom(1));
  return (
    plan.nodes
      .find(({ name }) => name === node)
      ?.files["node.conf"]?.trimEnd()
      .split("\n") ?? []
  );
}

describe("a valkey.conf of a chart", () => {
  it("holds but for what is the environment's own", async () => {
    const spec = await readWith({ kind: "ha", configFile: "statefulset.conf" });
    const lines = linesOf(spec, "replica-1");
    expect(lines).toEqual(
      expect.arrayContaining([
        "port 20001",
        "bind 127.0.0.1",
        "dir ./",
        "replicaof 127.0.0.1 20000",
        "save 900 1",
        "save 300 10",
        "save 60 10000",
        "client-output-buffer-limit replica 256mb 64mb 60",
        "client-output-buffer-limit pubsub 32mb 8mb 60",
        "maxmemory-policy volatile-lru",
      ]),
    );
    expect(lines.filter((line) => /^(port|bind|dir|pidfile|replica-announce)/.test(line))).toHaveLength(3);
    expect(spec.origin?.replaced.map(({ text, place }) => `${place.split("/").at(-1)} ${text}`)).toContain(
      "statefulset.conf:32 replica-announce-port 6379",
    );
    expect(failoverSettings(spec)).toMatchObject({ "min-replicas-to-write": "1", appendonly: "yes" });
  });
});

describe("a valkey.conf of a hardening guide", () => {
  it("is taken in capitals, with its old names, its quotes and its includes", async () => {
    const spec = await readWith({ kind: "ha", configFile: "hardened.conf" });
    const lines = linesOf(spec, "primary");
    expect(lines).toEqual(
      expect.arrayContaining([
        "maxmemory 256mb",
        'rename-command FLUSHALL ""',
        'rename-command KEYS "keys_7c1f \\"quoted\\""',
        'proc-title-template "{title} {listen-addr}"',
        "slave-priority 50",
        "repl-backlog-size 8mb",
        'save ""',
      ]),
    );
    expect(lines.join("\n")).not.toMatch(/unixsocket|syslog|slaveof|supervised|include/i);
    expect(failoverSettings(spec)["replica-priority"]).toBe("50");
    expect(configNotes(spec).join("\n")).toMatch(/20-replication\.conf:2 {2}slaveof 10\.0\.0\.7 6379/);
  });
});

describe("a valkey.conf of a cluster", () => {
  it("sets the fields of the topology", async () => {
    const spec = await readWith({ kind: "cluster", nodeTimeoutMs: 1000, configFile: "cluster.conf" });
    expect(spec).toMatchObject({ nodeTimeoutMs: 3000, requireFullCoverage: false });
    const lines = linesOf(spec, "node-1");
    expect(lines).toEqual(
      expect.arrayContaining([
        "cluster-node-timeout 3000",
        "cluster-require-full-coverage no",
        "cluster-config-file nodes.conf",
        "cluster-allow-reads-when-down yes",
      ]),
    );
    expect(lines.join("\n")).not.toMatch(/cluster-announce/);
  });

  it("leaves what it does not set to the topology, and tells so", async () => {
    const spec = await readWith({ kind: "cluster" }, { config: await fileOf("hz 20") });
    expect(spec).toMatchObject({ nodeTimeoutMs: 2000 });
    expect(configNotes(spec).join()).toContain("cluster-node-timeout is not set in the file");
  });
});

describe("a sentinel.conf", () => {
  it("gives quorum, times, group and all else", async () => {
    const spec = await readWith({ kind: "ha", quorum: 3, sentinelConfigFile: "sentinel.conf" });
    expect(spec).toMatchObject({
      quorum: 2,
      downAfterMs: 2500,
      failoverTimeoutMs: 18_000,
      sentinelGroup: "orders",
    });
    const lines = linesOf(spec, "sentinel-1");
    expect(lines).toEqual(
      expect.arrayContaining([
        "sentinel monitor orders 127.0.0.1 20000 2",
        "sentinel parallel-syncs orders 2",
        "sentinel deny-scripts-reconfig yes",
        "sentinel resolve-hostnames no",
        "loglevel notice",
      ]),
    );
    expect(lines.join("\n")).not.toMatch(/10\.0\.0\.|epoch|26379|1111111/);
    expect(failoverSettings(spec)["parallel-syncs"]).toBe("2");
  });

  it("of several primaries gives one, which must be named", async () => {
    const path = await fileOf(
      "sentinel monitor a h 1 2\nsentinel monitor b h 2 1\nsentinel parallel-syncs b 3",
    );
    await expect(readWith({ kind: "ha" }, { sentinelConfig: path })).rejects.toThrow(
      /monitors 2 primaries \(a, b\)/,
    );
    const spec = await readWith({ kind: "ha", sentinelGroup: "b" }, { sentinelConfig: path });
    expect(spec).toMatchObject({ quorum: 1, sentinelConfig: { "parallel-syncs": "3" } });
    await expect(readWith({ kind: "ha", sentinelGroup: "c" }, { sentinelConfig: path })).rejects.toThrow(
      /knows a, b, and sentinelGroup is c/,
    );
  });

  it.each([
    ["sentinel monitor a h 1 4", /given\.conf:1: the quorum is 4, and the topology has 3 Sentinels/],
    ["sentinel monitor a h 1", /given\.conf:1: sentinel monitor takes/],
    ["sentinel down-after-milliseconds a soon", /given\.conf:1: .*must be whole milliseconds/],
    ["parallel-syncs 2", /given\.conf:1: parallel-syncs is taken here only behind "sentinel"/],
  ])("is refused for %j", async (text, message) => {
    const path = await fileOf(text);
    await expect(readWith({ kind: "ha" }, { sentinelConfig: path })).rejects.toThrow(message);
  });
});

describe("a topology with configuration files", () => {
  it("lets config hold over them, by whichever name", async () => {
    const given = {
      kind: "ha",
      configFile: "hardened.conf",
      config: { "replica-priority": 10, save: "60 1" },
    };
    const lines = linesOf(await readWith(given), "primary");
    expect(lines).toEqual(expect.arrayContaining(["replica-priority 10", "save 60 1"]));
    expect(lines.filter((line) => /priority|^save/.test(line))).toHaveLength(2);
  });

  it("has the server's defaults for what they do not set", async () => {
    const spec = await readWith({ kind: "ha" }, { config: await fileOf("hz 20") });
    expect(linesOf(spec, "primary").join("\n")).not.toMatch(/appendonly|save|repl-diskless/);
    expect(failoverSettings(spec)).toMatchObject({ appendonly: "no" });
  });

  it("is written so that it can be run without them", async () => {
    const text =
      "name: x\ndescription: x\ntopology: { kind: ha, configFile: hardened.conf, sentinelConfigFile: sentinel.conf " +
      "}\nsteps: [{ wait: 1s }]\n";
    const scenario = parseScenario(text, "x.yaml");
    const topology = await withConfigFiles(scenario.topology, CONFIGS);
    const again = parseScenario(writtenScenario({ ...scenario, topology } as Scenario, []), "again.yaml");
    expect(linesOf(again.topology, "primary")).toEqual(linesOf(topology, "primary"));
    expect(linesOf(again.topology, "sentinel-2")).toEqual(linesOf(topology, "sentinel-2"));
  });

  it("is not planned before they are read", () => {
    expect(() => linesOf(topologySpecSchema.parse({ kind: "ha", configFile: "x" }), "primary")).toThrow(
      TypeError,
    );
  });

  it("is refused for a file that is not there, or no text", async () => {
    await expect(readWith({ kind: "ha", configFile: "none.conf" })).rejects.toThrow(
      /there is no file .*none\.conf/,
    );
    const path = join(folder, "binary.conf");
    await writeFile(path, Buffer.from([0x61, 0xff, 0xfe]));
    await expect(readWith({ kind: "ha" }, { config: path })).rejects.toThrow(/is not UTF-8 text/);
  });
});
