import { describe, expect, it } from "vitest";
import { parseScenario } from "./load.ts";

const read = (steps: string, expected: string) =>
  parseScenario(
    `name: t\ndescription: d\ntopology: { kind: ha }\nsteps: [${steps}]\nexpect: ${expected}\n`,
    "t.yaml",
  );

describe("what a scenario expects", () => {
  it("is handed to the checkers, every part of it", () => {
    const parts = {
      promoted: true,
      outage: { writeMs: 5000 },
      lostAcknowledgedWrites: 3,
      staleness: { maxMs: 100, monotonicReads: false, readYourWrites: false },
      splitBrain: { writes: 2 },
      messages: { missed: 1, heardTwice: 0, silentMs: 900 },
      jobs: { lost: 0, runTwice: 4 },
    };
    const steps = ["unique-writes", "stale-reads", "pubsub", "queue"].map((name) => `{ start: ${name} }`);
    expect(read(steps.join(), JSON.stringify(parts)).expect).toEqual(parts);
  });

  it.each([
    ["{ messages: { missed: 0 } }", /no step publishes messages to subscribers. Add "- start: pubsub"/],
    ["{ jobs: { lost: 0 } }", /no step adds jobs to a queue. Add "- start: queue"/],
  ])("%s is refused where no workload could measure it", (expected, message) => {
    expect(() => read("{ start: unique-writes }", expected)).toThrow(message);
  });

  it("may limit nothing", () => {
    expect(read("{ start: unique-writes }", "{ messages: {}, jobs: {} }").expect).toMatchObject({ jobs: {} });
  });
});
