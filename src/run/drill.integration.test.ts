import { rm } from "node:fs/promises";
import { expect, it } from "vitest";
import { checkNamed, drillOf, problems } from "../../test/support/drill.ts";
import { readHistory } from "../history/reader.ts";
import { parseScenario } from "../scenario/load.ts";

/* Once the only replica and the only Sentinel are gone, no fault of a replica finds anybody, no failover can begin. */

const played = async (...steps: string[]) => {
  const text = `
name: nobody
description: faults that find nobody
topology: { kind: ha, replicas: 1, sentinels: 1, downAfterMs: 60000 }
steps:
  - start: unique-writes
  - wait: 300ms
${steps.map((step) => `  - ${step}`).join("\n")}
`;
  const { result, folder } = await drillOf(parseScenario(text, "nobody.yaml"));
  const { events } = await readHistory(folder.history);
  await rm(folder.dir, { recursive: true, force: true });
  const skipped = events.flatMap((event) =>
    event.type === "observation" && event.name === "fault-skipped" ? [event.data] : [],
  );
  const faults = events.flatMap((event) => (event.type === "fault" ? [`${event.fault} ${event.phase}`] : []));
  const done = events.flatMap((event) =>
    event.type === "step" && event.status === "done" ? [event.detail] : [],
  );
  return { result, skipped, faults, done };
};

it("a fault that finds nobody is told, does not end the drill, and leaves nothing known", {
  timeout: 60_000,
}, async () => {
  const { result, skipped, faults } = await played(
    "inject: { fault: kill, target: replica }",
    "inject: { fault: pause, target: replica }",
  );
  expect(skipped).toEqual([expect.objectContaining({ fault: "pause", target: "replica", optional: false })]);
  expect(faults).toEqual(["kill inject", "kill injected"]);
  expect(result.verdict).toBe("unknown");
  expect(checkNamed(result, "steps")).toMatchObject({
    verdict: "unknown",
    evidence: { reason: "fault-skipped" },
  });
});

it("what is optional is left out where nobody is there, or it cannot be done, and the rest is judged", {
  timeout: 60_000,
}, async () => {
  const { result, skipped, faults } = await played(
    "inject: { fault: kill, target: [replica-1, sentinel-1] }",
    "schedule: [{ at: 1ms, inject: { fault: pause, target: replica, optional: true } }, { at: 1ms, inject: { fault: " +
      "failover, target: primary, optional: true } }]",
    "wait: 600ms",
  );
  expect(problems(result)).toEqual([]);
  expect(skipped).toEqual(
    expect.arrayContaining([
      {
        fault: "pause",
        target: "replica",
        why: 'no node is "replica" at this time',
        begun: false,
        optional: true,
      },
      expect.objectContaining({
        fault: "failover",
        begun: true,
        why: expect.stringContaining("no Sentinel began"),
      }),
    ]),
  );
  expect(faults.slice(2)).toEqual(["failover inject", "failover heal", "failover healed"]);
  expect(checkNamed(result, "steps").summary).toContain("pause of replica was left out: no node is");
});

it("a fault of which nothing is left is over: it is told so, and excuses no node any more", {
  timeout: 60_000,
}, async () => {
  const { faults, done } = await played(
    "inject: { fault: restart, target: primary }",
    "set: { slowlog-max-len: 100 }",
    "heal: restart",
  );
  expect(faults).toEqual(["restart inject", "restart injected", "restart healed"]);
  expect(done.slice(2)).toEqual(["primary", "on 2 nodes", "primary"]);
});
