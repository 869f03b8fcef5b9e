import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ReadReport } from "../../model.ts";
import { type Logs, read, recorded, shifted, VERSIONS } from "../recorded.test-data.ts";

const SCENARIOS = ["ha-failover", "cluster-failover"] as const;
const CASES = SCENARIOS.flatMap((scenario) => VERSIONS.map((version) => [scenario, version] as const));

describe("clocks", () => {
  it.each(CASES)("of one machine are taken for one: %s with %s", async (scenario, version) => {
    const { offsets } = await read(recorded(scenario, version));
    expect(offsets.map(({ offsetMs }) => offsetMs)).toEqual(offsets.map(() => 0));
    expect(offsets.flatMap(({ contradictions }) => contradictions)).toEqual([]);
  });

  it.each(CASES)(
    "that are off by up to 30 s are found within the stated error: %s with %s",
    async (scenario, version) => {
      const logs = recorded(scenario, version);
      const names = [...logs.keys()];
      const shift = fc.integer({ min: -30_000, max: 30_000 });
      await fc.assert(
        fc.asyncProperty(
          fc.array(shift, { minLength: names.length, maxLength: names.length }),
          async (shifts) => {
            const ahead = new Map(names.map((name, at) => [name, shifts[at] ?? 0]));
            const report = await read(withClocks(logs, ahead));
            for (const { found, truth, errorMs, by } of differences(report, ahead)) {
              expect(errorMs).not.toBeNull();
              expect(Math.abs(found - truth)).toBeLessThanOrEqual(errorMs ?? 0);
              // The bar allows for much; the guess itself is better, unless the clocks may well be one.
              if (by === "pairs") expect(Math.abs(found - truth)).toBeLessThan(60);
            }
            expect(report.offsets.flatMap(({ contradictions }) => contradictions)).toEqual([]);
          },
        ),
        { numRuns: 15 },
      );
    },
  );

  it("of another zone differ by whole quarters of an hour", async () => {
    const logs = recorded("cluster-failover", "8.1");
    const ahead = new Map([["node-2", 19_800_000]]);
    const { offsets, nodes } = await read(withClocks(logs, ahead));
    const there = nodes.find(({ files }) => files.includes("node-2.log"));
    expect(offsets.find(({ node }) => node === there?.id)).toMatchObject({
      offsetMs: 19_800_000,
      by: "one-clock",
    });
  });

  it("that were set in between are named, with the lines that say so", async () => {
    const logs = new Map(recorded("cluster-failover", "8.1"));
    const log = logs.get("node-2") ?? "";
    const half = log.indexOf("Clear FAIL state");
    logs.set("node-2", log.slice(0, half) + shifted(log.slice(half), 5000));
    const { offsets, nodes } = await read(logs);
    const found = offsets.flatMap(({ contradictions }) => contradictions);
    expect(found.length).toBeGreaterThan(0);
    const there = nodes.find(({ files }) => files.includes("node-2.log"));
    expect(found.every(({ nodes: of }) => of.includes(there?.id ?? ""))).toBe(true);
    expect(Math.max(...found.map(({ byMs }) => byMs))).toBeGreaterThan(4000);
    expect(found[0]?.text).toMatch(/wrote ".*" before .* wrote/);
    expect(offsets.find(({ node }) => node === there?.id)?.errorMs).toBeGreaterThan(4000);
  });

  it("that nothing ties to the others are not said to be known", async () => {
    const logs = new Map(recorded("cluster-failover", "8.1"));
    logs.set("other", "7:M 29 Nov 2026 04:00:00.000 * Running mode=standalone, port=7777.\n");
    const { offsets, nodes } = await read(logs);
    const other = nodes.find(({ files }) => files.includes("other.log"));
    expect(other).toMatchObject({ identified: false, label: "unidentified: other.log" });
    expect(offsets.find(({ node }) => node === other?.id)).toMatchObject({ errorMs: null, by: "untied" });
  });
});

function withClocks(logs: Logs, ahead: ReadonlyMap<string, number>): Logs {
  return new Map([...logs].map(([name, text]) => [name, shifted(text, ahead.get(name) ?? 0)]));
}

function differences({ offsets, nodes }: ReadReport, ahead: ReadonlyMap<string, number>) {
  const truthOf = (id: string) => {
    const [file = ""] = nodes.find((node) => node.id === id)?.files ?? [];
    return ahead.get(file.replace(".log", "")) ?? 0;
  };
  const reference = offsets.find(({ by }) => by === "reference");
  return offsets.map(({ node, offsetMs, errorMs, by }) => ({
    by,
    found: offsetMs,
    truth: truthOf(node) - truthOf(reference?.node ?? ""),
    errorMs,
  }));
}
