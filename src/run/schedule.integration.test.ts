import { rm } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { drillOf } from "../../test/support/drill.ts";
import { readHistory } from "../history/reader.ts";
import type { FaultEvent } from "../model/event.ts";
import { parseScenario } from "../scenario/load.ts";

describe("a schedule", { timeout: 60_000 }, () => {
  it("does each thing at its own time, and ends when the last has ended", async () => {
    const scenario = parseScenario(
      `
name: schedule
description: two replicas are paused in turn, and each is healed by itself
topology: { kind: ha, replicas: 2, sentinels: 1, downAfterMs: 60000 }
steps:
  - start: unique-writes
  - schedule:
      - { at: 300ms, inject: { fault: pause, target: replica-1, for: 200ms } }
      - { every: 400ms, times: 3, inject: { fault: pause, target: replica-2, for: 100ms } }
`,
      "schedule.yaml",
    );
    const { folder } = await drillOf(scenario);
    const { events } = await readHistory(folder.history);
    const faults = events.filter((event): event is FaultEvent => event.type === "fault");
    const times = (target: string, phase: string) =>
      faults
        .filter((event) => event.phase === phase && event.targets[0] === target)
        .map(({ at }) => (at - began) / 1e6);
    const began = events.find((event) => event.type === "step" && event.name.startsWith("schedule"))?.at ?? 0;
    expect(times("replica-1", "healed")).toHaveLength(1);
    expect(times("replica-2", "healed")).toHaveLength(3);
    // Never early. How late is the machine's affair.
    expect(times("replica-1", "inject")[0]).toBeGreaterThan(300);
    [0, 400, 800].forEach((dueMs, n) => {
      expect(times("replica-2", "inject")[n]).toBeGreaterThan(dueMs);
    });
    // Beside each other: the one did not wait for the end of the other.
    expect(times("replica-1", "inject")[0]).toBeLessThan(times("replica-2", "inject")[2] as number);
    await rm(folder.dir, { recursive: true, force: true });
  });
});
