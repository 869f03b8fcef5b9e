import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Build, build } from "../../test/support/build.ts";
import { HOLDER_MODULES, holdFaults } from "../../test/support/killed-drill.ts";
import { testServer } from "../../test/support/server.ts";
import { lacksTracer } from "../driver/process/capabilities/disk.ts";
import { defaultStateDir } from "../driver/state-dir.ts";
import { until } from "../session/environment.test-data.ts";

let built: Build;
beforeAll(() => {
  built = build(HOLDER_MODULES);
}, 120_000);
afterAll(() => built.remove());

it.runIf(process.platform === "linux")(
  "a drill that is killed while faults are in force leaves no process, no port, and nothing on record",
  { timeout: 60_000 },
  async () => {
    const driver = `processDriver(${JSON.stringify(await testServer())})`;
    const holder = await holdFaults(built, driver, [
      { fault: "slow", target: "replica-1", options: { seconds: 0.1, everySeconds: 0.3 } },
      { fault: "connection-flood", target: "primary" },
      { fault: "cpu", target: "primary" },
      ...(lacksTracer() === undefined ? [{ fault: "slow-disk", target: "primary" }] : []),
      { fault: "cut", target: "primary>replica-1" },
      { fault: "pause", target: "replica-1" },
    ]);
    expect(holder.started.length).toBeGreaterThanOrEqual(3 + 1 + 3); // the nodes, the fabric, and what holds the faults
    await holder.kill();
    const left = async () =>
      (
        await Promise.all(["environments", "ports"].map((name) => readdir(join(defaultStateDir(), name))))
      ).flat();
    await until("the guardian to clear the record", async () => {
      const files = await left();
      return files.length === 0 || files.join(", ");
    });
  },
);
