import { afterEach, describe, expect, it } from "vitest";
import {
  faultContext,
  type TestEnvironment,
  testEnvironment,
  until,
} from "../scenario/environment.test-data.ts";
import { bandwidth } from "./bandwidth.ts";
import { cut } from "./cut.ts";
import { delay } from "./delay.ts";
import { drip } from "./drip.ts";

/* What is common to the faults of links; each of them is played by `fault.test.ts`. */

let environment: TestEnvironment | undefined;
afterEach(async () => {
  await environment?.close();
  environment = undefined;
});

const HA = { kind: "ha", replicas: 2, sentinels: 3, downAfterMs: 600_000 };

describe.runIf(process.platform === "linux")("links", { timeout: 60_000 }, () => {
  it("are told apart, each pair of nodes that talk, each direction; several faults of one link are healed one by one", async () => {
    environment = await testEnvironment(HA, { links: { clients: false } });
    const { links, plan } = environment.topology;
    if (!links) throw new Error("no power over links");
    const nodes = plan.nodes.map(({ name }) => name);
    const pairs = nodes.flatMap((from) => nodes.filter((to) => to !== from).map((to) => `${from}>${to}`));
    const silent = ["replica-1>replica-2", "replica-2>replica-1"]; // replicas have nothing to say to each other
    await until("all of them to be used", async () => {
      const used = (await links.traffic()).filter(({ bytes }) => bytes > 0);
      const names = used.map(({ from, to }) => `${from}>${to}`);
      expect(names.filter((name) => silent.includes(name) || !pairs.includes(name))).toEqual([]);
      return names.length === pairs.length - silent.length || `${names.length} used`;
    });

    const told: unknown[] = [];
    const context = faultContext(environment, async (known) => void told.push(known));
    const one = await cut.inject(context, ["primary>replica-1", "primary>replica-2"], {});
    const two = await cut.inject(context, ["primary>replica-1"], {});
    expect(told).toEqual([one, two]); // before anything was hurt
    await cut.heal(context, ["primary>replica-1"], one);
    const left = async () => (await links.hurts()).map((hurt) => hurt.links.map(({ to }) => to));
    expect(await left()).toEqual([["replica-2"], ["replica-1"]]);
    await cut.heal(context, ["primary>replica-1", "primary>replica-2"], undefined); // interrupted before it began
    expect(await left()).toEqual([["replica-2"], ["replica-1"]]);
    for (const known of [one, two])
      await cut.heal(context, ["primary>replica-1", "primary>replica-2"], known);
    expect(await left()).toEqual([]);
  });

  it("cannot be hurt where the environment was not started for it, which says how to", async () => {
    environment = await testEnvironment({ ...HA, replicas: 0, sentinels: 1 });
    const { topology } = environment;
    await expect(cut.inject(faultContext(environment), ["primary>sentinel-1"], {})).rejects.toMatchObject({
      code: "LACKS_CAPABILITY",
    });
    expect(topology.capabilities.has("cut-links")).toBe(false);
    expect(topology.lacks?.("cut-links")).toContain("up ha --links");
  });
});

describe("a fault of links", () => {
  it.each<[string[], string]>([
    [["primary>replica-1"], "primary>replica-1 cut"],
    [["replica-1>primary", "primary>replica-1"], "replica-1<>primary cut"],
    [["a>b", "b>a", "a>c", "c>a", "a>d", "d>a", "e>a", "a>e"], "a (8 links) cut"],
    [["a>b", "c>d", "e>f", "g>h"], "4 links cut"],
  ])("of %j is called %s", (targets, label) => {
    expect(cut.label(targets, {})).toBe(label);
  });

  it("tells its numbers", () => {
    expect(delay.label(["a>b"], { ms: 200, jitterMs: 50 })).toBe("a>b delayed by 200 ms ± 50 ms");
    expect(delay.label(["a>b"], { ms: 200, jitterMs: 0 })).toBe("a>b delayed by 200 ms");
    expect(bandwidth.label(["a>b"], { bytesPerSecond: 9 })).toBe("a>b limited to 9 bytes/s");
    expect(drip.label(["a>b"], { bytes: 1, everyMs: 2 })).toBe("a>b dripping 1 bytes each 2 ms");
    expect(delay.options.safeParse({ ms: 10, jitterMs: 11 }).success).toBe(false);
  });
});
