import { rm } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { builtInScenarios } from "../src/scenario/load.ts";
import { checkNamed, drill } from "./support/drill.ts";

/** Each control breaks one thing, and must fail for that: the check that must say no, its reason, and what it names. */
const CONTROLS = {
  "controls/ha-no-sentinels": {
    check: "promotion",
    evidence: { reason: "no-sentinel-alive", sentinelsAlive: 0 },
    promoted: null,
  },
  "controls/ha-sentinel-quorum-lost": {
    check: "promotion",
    evidence: { reason: "sentinel-quorum-lost", sentinelsAlive: 1, needed: 2 },
    promoted: null,
  },
  "controls/ha-emptied-replicas": {
    check: "durability",
    evidence: {
      reason: "replicated-writes-lost",
      keys: expect.arrayContaining([expect.stringMatching(/^unique:[0-9a-f]{6}:1$/)]),
    },
    promoted: expect.objectContaining({ from: "primary" }),
  },
  "controls/cluster-shard-without-replica": {
    check: "slots",
    evidence: { reason: "slots-uncovered", uncovered: "0-5460" },
    promoted: null,
  },
} as const;

describe("a drill that should fail does fail, for its own reason", () => {
  it.each(Object.entries(CONTROLS))("%s", async (name, wanted) => {
    const { result, folder } = await drill(name);
    expect(result.verdict).toBe("fail");
    expect(checkNamed(result, wanted.check)).toMatchObject({ verdict: "fail", evidence: wanted.evidence });
    expect(result.failover.promoted).toEqual(wanted.promoted);
    await rm(folder.dir, { recursive: true, force: true });
  });

  it("has a test for every control that is shipped", async () => {
    const shipped = (await builtInScenarios()).filter((name) => name.startsWith("controls/"));
    expect(Object.keys(CONTROLS).sort()).toEqual(shipped.sort());
  });
});
