import { describe, expect, it } from "vitest";
import { clusterRun, KEY_OF_SHARD, okBy, withClusterStart } from "./history.test-data.ts";
import { judge } from "./judge.ts";

/** Two faults that nobody heals, on two shards, so soon after each other that the first had shown nothing yet. */
function twoShards(limitMs: number) {
  const run = withClusterStart(clusterRun({ expect: { outage: { writeMs: limitMs } } }))
    .fault({ fault: "slow", targets: ["node-1"], shards: [1], atMs: 2000, healedAtMs: 2002 })
    .fault({ fault: "slow", targets: ["node-2"], shards: [2], atMs: 2200, healedAtMs: 2202 });
  const late = [
    [2000, 3700],
    [2200, 2400],
    [0, 0],
  ] as const;
  KEY_OF_SHARD.forEach((tag, n) => {
    const [from, until] = late[n] as readonly [number, number];
    const ends = (at: number) => {
      const ending = okBy(`node-${n + 1}`);
      if (ending === "never" || at < from || at >= until) return ending;
      return { ...ending, afterMs: until - at };
    };
    run
      .probe({ from: 100 + n, to: 5900, ends, key: (i) => `{${tag}}:w${i}` })
      .probe({ f: "read", from: 110 + n, to: 5900, ends, key: (i) => `{${tag}}:r${i}` });
  });
  return judge(run.step(100, "load").end(6000).build());
}

describe("faults on two shards", () => {
  it("do not hide each other's outage: operations under way belong to the fault that hit their own shard", () => {
    const result = twoShards(1000);
    expect(result.checks.find(({ name }) => name === "outage")).toMatchObject({
      verdict: "fail",
      evidence: { reason: "outage-over-limit" },
    });
    expect(result.outage.writeMs).toBeGreaterThan(1400);
    expect(result.outages?.filter(({ hit, shards }) => hit && shards.includes(1))).not.toEqual([]);
  });

  it("pass where each shard's outage is within the limit", () => {
    expect(twoShards(2000).checks.find(({ name }) => name === "outage")?.verdict).toBe("pass");
  });

  it("are not measured where the probe sent all the time, and none to keys of the shard that was hit", () => {
    const run = withClusterStart(clusterRun({ expect: { outage: { writeMs: 1000 } } }))
      .fault({ fault: "slow", targets: ["node-1"], shards: [1], atMs: 2000, healedAtMs: 2002 })
      .probe({ from: 100, to: 5900, key: (i) => `{${KEY_OF_SHARD[1]}}:w${i}` })
      .step(100, "load")
      .end(6000);
    const found = judge(run.build()).checks.find(({ name }) => name === "outage");
    expect(found).toMatchObject({ verdict: "unknown", evidence: { reason: "not-measured" } });
    expect(JSON.stringify(found?.evidence.notes)).toContain("keys of every shard");
  });
});
