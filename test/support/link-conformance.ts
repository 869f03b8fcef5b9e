import { afterEach, describe, expect, it } from "vitest";
import type { Driver } from "../../src/driver/driver.ts";
import { cut } from "../../src/fault/cut.ts";
import {
  faultContext,
  type TestEnvironment,
  testEnvironment,
  until,
} from "../../src/session/environment.test-data.ts";

const HA = { kind: "ha", replicas: 2, sentinels: 3, downAfterMs: 600_000 };

/** What links must be on a driver that can cut them; each fault of links is played by `describeFaults`. */
export function describeLinks(name: string, makeDriver: () => Promise<Driver>): void {
  describe(`links on the ${name} driver`, { timeout: 60_000 }, () => {
    let environment: TestEnvironment | undefined;
    afterEach(async () => {
      await environment?.close();
      environment = undefined;
    });

    it(
      "are told apart, each pair of nodes that talk, each direction; several faults of one link are healed " +
        "one by one",
      async () => {
        environment = await testEnvironment(HA, { driver: await makeDriver(), links: { clients: false } });
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
        expect(told).toEqual([one, two]); // before anything was impaired
        await cut.heal(context, ["primary>replica-1"], one);
        const left = async () =>
          (await links.impairments()).map((impairment) => impairment.links.map(({ to }) => to));
        expect(await left()).toEqual([["replica-2"], ["replica-1"]]);
        await cut.heal(context, ["primary>replica-1", "primary>replica-2"], undefined); // interrupted before it began
        expect(await left()).toEqual([["replica-2"], ["replica-1"]]);
        for (const known of [one, two])
          await cut.heal(context, ["primary>replica-1", "primary>replica-2"], known);
        expect(await left()).toEqual([]);
      },
    );

    it("cannot be hurt where the environment was not started for it, which says how to", async () => {
      environment = await testEnvironment(
        { ...HA, replicas: 0, sentinels: 1 },
        { driver: await makeDriver() },
      );
      const { topology } = environment;
      const injected = cut.inject(faultContext(environment), ["primary>sentinel-1"], {});
      await expect(injected).rejects.toMatchObject({ code: "LACKS_CAPABILITY" });
      expect(topology.capabilities.has("cut-links")).toBe(false);
      expect(topology.lacks?.("cut-links")).toMatch(/up ha .*--links/);
    });
  });
}
