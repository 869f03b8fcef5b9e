import { stripVTControlCharacters } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CheckResult, Result } from "../../model/result.ts";
import { clusterResult, failingHa, passingHa } from "../sample-results.test-data.ts";
import { renderResult } from "./result.ts";
import { renderSummary } from "./summary.ts";

const draw = (result: Result, width = 100) => renderResult(result, { colour: false, width });
const withCheck = (check: Partial<CheckResult>): Result => ({
  ...passingHa,
  checks: [{ name: "c", verdict: "fail", summary: "s", evidence: {}, ...check }],
});

describe("renderResult", () => {
  it("tells everything, in the order in which one asks", () => {
    const text = draw(clusterResult(3));
    const order = [
      "✓ PASS  cluster-failover",
      "Cluster: 3 primaries, 3 replicas · Valkey 9.1.2",
      "iovalkey 0.4.0",
      "node-1 → node-4",
      "first write",
      "all replicas back",
      "Outage ",
      "acknowledged ",
      "Operations ",
      "Latency ",
      "14 MOVED · 2 ASK",
      "5461-10921",
      "✓ promotion",
      "Outage by shard",
      "✓ PASS  cluster-failover, 24.1 s",
      "valkey-drill run cluster-failover --seed 42",
    ];
    const places = order.map((part) => text.indexOf(part));
    expect(places).not.toContain(-1);
    // The last two words stand twice; their last place counts.
    expect(places.slice(0, -2)).toEqual(places.slice(0, -2).toSorted((a, b) => a - b));
    expect(text.endsWith("valkey-drill run cluster-failover --seed 42\n")).toBe(true);
  });

  it("names an outage that was still open beside the longest that ended", () => {
    const open: NonNullable<Result["outages"]>[number] = {
      kind: "writes",
      shards: [],
      hit: true,
      fault: { name: "primary killed", kind: "kill", atMs: 2000 },
      startMs: 9000,
      endMs: null,
      lengthMs: 796,
      certainMs: 780,
      state: "open",
      failed: 200,
    };
    expect(draw(passingHa)).not.toContain("still open");
    expect(draw({ ...passingHa, outages: [open] })).toMatch(
      /Outage +writes [\d,]+ ms \(another still open\)/,
    );
    expect(draw({ ...passingHa, outages: [{ ...open, state: "ended" }] })).not.toContain("still open");
  });

  it("draws each phase with its time, its step, what sets it, and a bar where the time was spent", () => {
    const lines = draw(passingHa, 120).split("\n");
    const promoted = lines.find((line) => line.includes("promoted  "));
    const suspected = lines.find((line) => line.includes("suspected  "));
    expect(suspected).toMatch(
      /suspected\s+512 ms\s+\+512 ms\s+500 ms\s+down-after-milliseconds 500 ms\s+─+$/,
    );
    expect(promoted).toMatch(/promoted\s+1,204 ms\s+\+692 ms\s+━+$/);
    expect(promoted?.indexOf("━")).toBe((suspected?.lastIndexOf("─") ?? 0) + 1);
  });

  it("tells how much was unavoidable, what to turn, and what came beside", () => {
    const text = draw(passingHa, 120);
    expect(text).toContain("1,630 ms from the last success to the first that lasts");
    expect(text).toContain("unavoidable with these settings: 500 ms");
    expect(text).toContain("→ promoted took 692 ms (nothing to turn): REPLICAOF NO ONE");
    expect(text).toContain("suspected took 512 ms, at least 500 ms (down-after-milliseconds 500 ms)");
    expect(text.indexOf("promoted took")).toBeLessThan(text.indexOf("suspected took")); // the longest first
    expect(text).toContain("beside it: all replicas back 2,513 ms");
  });

  it("leaves out what does not fit, and never breaks the name of a setting", () => {
    for (const width of [60, 70, 80, 90, 100, 120]) {
      const text = draw(passingHa, width).split("Outage  ")[0] ?? "";
      expect(text, `${width} columns`).toContain("down-after-milliseconds");
      expect(text, `${width} columns`).not.toMatch(/down-after-m(?!illiseconds)/);
      expect(text.includes("━"), `a bar at ${width} columns`).toBe(width >= 90);
    }
  });

  it("names other faults that disrupted the service, and failovers that nobody needed", () => {
    const other = {
      ...passingHa.failover,
      outageMs: 900.4,
      fault: { name: "sentinel-1 killed", kind: "kill", targets: ["sentinel-1"], atMs: 9000 },
    };
    const text = draw({ ...passingHa, failovers: [passingHa.failover, other], needlessFailovers: 2 });
    expect(text).toContain("also: sentinel-1 killed · primary → replica-2 · 900 ms without service");
    expect(text).toContain("2 needless failovers");
    expect(draw(passingHa)).not.toContain("needless");
  });

  it("uses one unit for a timeline that takes long", () => {
    const result = clusterResult(3);
    const phases = result.failover.phases.map((phase) => ({ ...phase, path: true }));
    const text = draw({ ...result, failover: { ...result.failover, phases } });
    expect(text).toMatch(/detected\s+2\.48 s\s+\+0\.40 s/);
  });

  it("says when no promotion and no phase was seen", () => {
    const text = draw({
      ...passingHa,
      failover: { ...passingHa.failover, phases: [], promoted: null, outageMs: null, fault: null },
      failovers: [],
    });
    expect(text).toContain("no promotion seen");
    expect(text).not.toContain("━");
  });

  it("tells an outage that did not end from one that was not measured", () => {
    expect(draw(failingHa)).toContain("writes 2,304 ms   reads not recovered");
    expect(draw(clusterResult(3))).toContain("writes 4,207 ms   reads not measured");
  });

  it("shows what a check that failed rests on, long lists cut", () => {
    const text = draw(failingHa);
    expect(text).toMatch(/✗ durability\s+1,000 acknowledged writes are gone/);
    expect(text).toContain("lost-acknowledged-writes");
    expect(text).toMatch(/w:4009, … and 990\s+more|w:4009,\s+… and 990 more/);
    expect(text).not.toContain("w:4010");
    expect(text).toContain("→ Set min-replicas-to-write 1");
    expect(text).toMatch(/\? split-brain/);
  });

  it("shows tables and advice of a check that passed, and nothing else of its evidence", () => {
    const text = draw(passingHa);
    expect(text).toContain("Where the time went");
    expect(text).toMatch(/detection\s+512\.3\s+down-after-milliseconds 500/);
    expect(text).toContain("→ Detection: lower");
    expect(text).not.toContain("promotedMs");
  });

  it("shows evidence of any shape", () => {
    const evidence = {
      reason: 5,
      tables: "no table",
      notes: [1],
      slot: 12182,
      medianMs: 1630.2,
      nested: { a: { b: [1] } },
      none: [],
      deep: [[1], { x: {} }],
      nothing: null,
      missing: undefined,
    };
    const text = draw(withCheck({ evidence }));
    for (const part of ["no table", "slot", "12182", "median ", "1,630 ms", "none", '{"x":{}}'])
      expect(text).toContain(part);
    expect(text).not.toContain("missing");
  });

  it("shows shards that the failover touched even where not all fit", () => {
    const result = clusterResult(50);
    const shards = result.shards.map((shard) => (shard.shard === 50 ? { ...shard, replicas: [] } : shard));
    const text = draw({ ...result, shards });
    expect(text).toMatch(/\n\s+50 .*none/);
    expect(text).toContain("… and 30 more, in result.json");
  });

  it("says it when nothing was checked", () => {
    expect(draw({ ...passingHa, verdict: "unknown", checks: [] })).toMatch(/\? UNKNOWN[\s\S]*none ran/);
  });

  it("has no escape code without colour, even where servers sent some", () => {
    const text = draw(
      withCheck({
        summary: "\u001b[31mred\u001b[0m \u0007bell",
        evidence: { reason: "\u001b]0;title\u0007", key: "a\tb\r" },
      }),
    );
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they must not be there
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
    expect(text).toContain("red");
  });

  it("differs by colour in nothing but escape codes", () => {
    for (const result of [passingHa, failingHa, clusterResult(3)]) {
      const coloured = renderResult(result, { colour: true, width: 80 });
      expect(coloured).toContain("\u001b[");
      expect(stripVTControlCharacters(coloured)).toBe(draw(result, 80));
    }
  });

  it("keeps to the width, the command to be copied aside", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(passingHa, failingHa, clusterResult(3), clusterResult(50)),
        fc.integer({ min: 60, max: 130 }),
        fc.lorem({ maxCount: 60 }),
        (result, width, summary) => {
          const changed = {
            ...result,
            checks: [
              ...result.checks,
              { name: "x", verdict: "fail" as const, summary, evidence: { summary } },
            ],
          };
          const long = draw(changed, width)
            .split("\n")
            .filter((line) => line.length > width && !line.includes("again:"));
          expect(long).toEqual([]);
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe("renderSummary", () => {
  it("gives each drill a line and all of them a verdict", () => {
    const text = renderSummary([passingHa, failingHa, clusterResult(3)], { colour: false, width: 80 });
    expect(text).toMatch(/✓ PASS\s+ha-failover\s+1,630 ms\s+1,205 ms\s+0\s+24\.1 s/);
    expect(text).toMatch(/✗ FAIL\s+ha-partition\s+2,304 ms\s+—\s+1,000/);
    expect(text.endsWith("✗ FAIL  3 drills: 2 passed, 1 failed\n")).toBe(true);
  });
});
