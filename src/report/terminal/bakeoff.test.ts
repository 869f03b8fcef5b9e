import { describe, expect, it } from "vitest";
import type { BakeoffCell, BakeoffRun } from "../../model/bakeoff.ts";
import { bakeoffCell as cell, bakeoffDocument as document, bakeoffRun as run } from "./bakeoff.test-data.ts";
import { renderBakeoff } from "./bakeoff.ts";

const bad = run({
  verdict: "fail",
  reasons: ["lost"],
  notes: ["12 acknowledged writes are gone"],
  calls: { total: 9, ok: 6, rejected: { READONLY: 3 }, hung: 0, longestMs: 1, unsettled: 0 },
});

const drawn = (cells: BakeoffCell[], width = 120) => renderBakeoff(document(cells), { colour: false, width });

describe("the table of a bake-off", () => {
  it("has a row for each library: median and worst, and a mark", () => {
    expect(drawn([cell("ioredis", [run()])])).toMatch(
      /✓ ioredis default +3\.5 \/ 3\.6 +0\.9 +3\.4 \/ no end +0 +0 +0 +0 +0 +2 +1 +\+4/,
    );
  });

  it("tells what a client lost from what went with a primary, which no client can help", () => {
    const { writes } = run();
    const lost = run({ writes: { ...writes, lost: 15, lostByClient: 12 } });
    expect(drawn([cell("ioredis", [lost])])).toMatch(/ +12 \(3\) +0 +0 +2 /);
  });

  it("says why one did not pass, what its callers were told, where that is and how to see it again", () => {
    const text = drawn([cell("ioredis", [bad])]);
    expect(text).toContain("✗ ioredis default: lost — 12 acknowledged writes are gone");
    expect(text).toContain("rejected: READONLY ×3");
    expect(text).toContain("runs/one\n");
    expect(text).toContain("valkey-drill bakeoff ha-kill --seed 7");
  });

  it("shows what is not supported as such, with the public issue, and no number", () => {
    const text = drawn([cell("glide", [], { why: "knows no Sentinel", issue: "https://example.org/1" })]);
    expect(text).toContain("– glide: not supported: knows no Sentinel (https://example.org/1)");
    expect(text).toMatch(/– glide default +· +·/);
  });

  it("keeps to the width: what matters least is left out first", () => {
    const text = drawn([cell("ioredis", [run()])], 80);
    for (const line of text.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
    expect(text).toContain("outage");
    expect(text).not.toContain("CPU  ");
  });

  it("has a table of features where they were used", () => {
    const feature = { calls: 90, failed: 0, unsettled: 0, errors: {}, longestMs: 9, missed: null };
    const connections = { before: 3, after: 6 };
    const features: BakeoffRun["features"] = [
      { feature: "pipeline", works: "yes", ...feature },
      { feature: "subscription", works: "no", ...feature, missed: 40 },
      { feature: "replica-read", works: "not offered", ...feature, calls: 0 },
      { feature: "script", works: "yes", ...feature, failed: 2, errors: { NOSCRIPT: 2 } },
      {
        feature: "pool",
        works: "no",
        ...feature,
        pool: { how: "its own", size: 3, serving: 1, connections },
      },
    ];
    const text = drawn([cell("ioredis", [run({ features })])]);
    expect(text).toMatch(/pipeline +✓ ioredis default +no error\n/);
    expect(text).toMatch(/subscription +✗ ioredis default +40 messages missed\n/);
    expect(text).toMatch(/replica-read +– ioredis default +not offered\n/);
    expect(text).toMatch(/script +✓ ioredis default +2 failed: NOSCRIPT\n/);
    expect(text).toMatch(/pool +✗ ioredis default +1 of 3 connections serve; 6 opened after the fault\n/);
    expect(text).toContain("pool of ioredis: its own");
  });

  it("counts the verdicts", () => {
    const cells = [cell("ioredis", [run()]), cell("glide", []), cell("node-redis", [bad])];
    expect(drawn(cells)).toContain("3 cells: 1 pass, 1 fail, 1 not supported");
  });
});
