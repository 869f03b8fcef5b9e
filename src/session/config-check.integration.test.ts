import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { testDriver } from "../../test/support/server.ts";
import { ROOT } from "../../test/support/structure.ts";
import { withConfigFiles } from "../scenario/config-files.ts";
import { topologySpecSchema } from "../topology/spec.ts";
import { checkConfig } from "./config-check.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "config-check-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function checked(given: object, texts: { config?: string; sentinel?: string } = {}): Promise<void> {
  const path = async (name: string, text?: string) => {
    if (text === undefined) return undefined;
    await writeFile(join(folder, name), text);
    return join(folder, name);
  };
  const flags = {
    config: await path("valkey.conf", texts.config),
    sentinelConfig: await path("sentinel.conf", texts.sentinel),
  };
  const spec = await withConfigFiles(topologySpecSchema.parse(given), join(ROOT, "test/configs"), flags);
  await checkConfig(spec, await testDriver());
}

describe("the server", () => {
  it.each([
    { kind: "ha", configFile: "statefulset.conf", sentinelConfigFile: "sentinel.conf" },
    { kind: "ha", configFile: "hardened.conf" },
    { kind: "cluster", configFile: "cluster.conf" },
    { kind: "ha", config: { "maxmemory-policy": "noeviction", save: ["60 1", "30 2"] } },
    { kind: "ha" },
  ])("takes %j", async (given) => {
    await checked(given);
  });

  it.each([
    ["hz 20\nno-such-thing 3", /valkey\.conf:2: .*does not take "no-such-thing 3": Bad directive/],
    ["maxmemory lots", /valkey\.conf:1: .*does not take "maxmemory lots": argument must be a memory value/],
    ["maxmemory 1mb # all", /valkey\.conf:1: .*wrong number of arguments/],
    ["loadmodule /none/at-all.so", /valkey\.conf:1: .*there is no module \/none\/at-all\.so/],
    ["requirepass a b", /valkey\.conf:1: .*does not take "requirepass …"/],
  ])("does not take a valkey.conf with %j", async (config, message) => {
    await expect(checked({ kind: "ha" }, { config })).rejects.toThrow(message);
  });

  it.each([
    ["sentinel monitor m h 1 2\nsentinel no-such-thing m 5", /sentinel\.conf:2: .*Unrecognized sentinel/],
    ["sentinel monitor m h 1 2\nsentinel notification-script m /none", /sentinel\.conf:2: .*non existing/],
  ])("does not take a sentinel.conf with %j", async (sentinel, message) => {
    await expect(checked({ kind: "ha" }, { sentinel })).rejects.toThrow(message);
  });

  it("is asked of what stands in the scenario too", async () => {
    const given = {
      kind: "ha",
      config: { hz: 20, "no-such-thing": 1 },
      sentinelConfig: { "parallel-syncs": 1 },
    };
    await expect(checked(given)).rejects.toThrow(/^topology\.config: .*"no-such-thing 1"/);
  });
});
