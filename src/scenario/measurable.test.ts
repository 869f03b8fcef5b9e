import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { DrillError } from "../model/errors.ts";
import { loadScenario, parseScenario } from "./load.ts";

const KILL = "  - inject: { fault: kill, target: primary }";

/** What is said of a drill with these steps and expectations; `expect:` is line 6 + the number of steps. */
function said(steps: readonly string[], expected: string, topology = "{ kind: ha }"): string {
  const text = [
    "name: t",
    "description: d",
    `topology: ${topology}`,
    "steps:",
    ...steps,
    `expect: ${expected}`,
  ];
  try {
    parseScenario(text.join("\n"), "t.yaml");
  } catch (error) {
    expect(error).toMatchObject({ code: "BAD_SCENARIO" });
    return (error as DrillError).message;
  }
  return "";
}

describe("a limit that nothing in the file could measure is refused", () => {
  it.each<[what: string, steps: string[], expected: string, told: RegExp]>([
    [
      "no probe, only a session that retries",
      ["  - start: retrying-session", KILL],
      "{ outage: { writeMs: 1 } }",
      /^t\.yaml:7: expect\.outage\.writeMs: no step starts a probe .* Add "- start: unique-writes" before the first fault$/,
    ],
    [
      "no probe, but everything else",
      ["  - start: counter", "  - start: register", "  - run: throughput", "  - run: crud", KILL],
      "{ outage: { readMs: 60000 } }",
      /^t\.yaml:10: expect\.outage\.readMs: no step starts a probe/,
    ],
    [
      "a probe that sends no reads",
      ["  - start: { unique-writes: { readsPerSecond: 0 } }", KILL],
      "{ outage: { writeMs: 5000, readMs: 5000 } }",
      /^t\.yaml:7: expect\.outage\.readMs: the probe sends no reads \(readsPerSecond: 0\)/,
    ],
    [
      "a probe that sends too seldom",
      ["  - start: { unique-writes: { writesPerSecond: 1 } }", KILL],
      "{ outage: { writeMs: 500 } }",
      /writesPerSecond: 1 leaves 1000 ms between two writes, in which a longer outage than 500 ms would not show/,
    ],
    [
      "other shards where there are none",
      ["  - start: unique-writes", KILL],
      "{ outage: { otherShardsMs: 500 } }",
      /expect\.outage\.otherShardsMs: there are no other shards here/,
    ],
    [
      "staleness without reads from replicas",
      ["  - start: unique-writes", "  - run: replica-reads", KILL],
      "{ staleness: { maxMs: 100 } }",
      /expect\.staleness: no step reads from replicas .* Add "- start: stale-reads" before the first fault$/,
    ],
  ])("%s", (_, steps, expected, told) => {
    expect(said(steps, expected)).toMatch(told);
  });

  it.each<[what: string, steps: string[], expected: string]>([
    ["a probe in a step", ["  - start: unique-writes", KILL], "{ outage: { writeMs: 0, readMs: 0 } }"],
    [
      "a probe in a schedule",
      [
        "  - schedule: [{ at: 1ms, start: unique-writes }, { at: 1s, inject: { fault: kill, target: primary } }]",
      ],
      "{ outage: { writeMs: 1, readMs: 1 } }",
    ],
    [
      "a probe that is slow, under a limit that it can tell",
      ["  - start: { unique-writes: { writesPerSecond: 1 } }", KILL],
      "{ outage: { writeMs: 1000 } }",
    ],
    [
      "one probe of two",
      [
        "  - start: { unique-writes: { readsPerSecond: 0 } }",
        "  - stop: unique-writes",
        "  - start: unique-writes",
        KILL,
      ],
      "{ outage: { readMs: 1 } }",
    ],
    ["limits that are off", ["  - run: crud"], "{ outage: {}, staleness: { monotonicReads: false } }"],
  ])("and not %s", (_, steps, expected) => {
    expect(said(steps, expected)).toBe("");
  });

  it("in a cluster of one shard has no other shards", () => {
    const kill = "  - inject: { fault: kill, target: shard:1/primary }";
    const steps = ["  - start: unique-writes", kill];
    expect(said(steps, "{ outage: { otherShardsMs: 1 } }", "{ kind: cluster, shards: 1 }")).toContain(
      "no other",
    );
    expect(said(steps, "{ outage: { otherShardsMs: 1 } }", "{ kind: cluster, shards: 2 }")).toBe("");
  });

  it("in a module as well", async () => {
    const dir = await mkdtemp(join(tmpdir(), "drill-measurable-"));
    const path = join(dir, "m.mjs");
    await writeFile(
      path,
      `export default { name: "m", description: "d", topology: { kind: "ha" }, steps: [{ run: "crud" }],
        expect: { outage: { writeMs: 1 } } };`,
    );
    await expect(loadScenario(path)).rejects.toMatchObject({
      code: "BAD_SCENARIO",
      message: expect.stringContaining("expect.outage.writeMs: no step starts a probe"),
    });
    await rm(dir, { recursive: true });
  });
});
