import { describe, expect, it } from "vitest";
import type { AppWord } from "../../model/app-result.ts";
import type { MatrixCell, MatrixDocument, MatrixRun } from "../../model/matrix.ts";
import { renderMatrix } from "./matrix.ts";

const run = (number: number, verdict: MatrixRun["verdict"], codes: string[] = []): MatrixRun => ({
  type: "run",
  cell: 1,
  run: number,
  seed: 1,
  verdict,
  codes,
  writeOutageMs: 3300,
  unavoidableMs: 2000,
  lost: 0,
  acknowledged: 900,
  falseFailovers: 0,
  p50Ms: 0.5,
  p99Ms: 2,
  perSecond: 9000,
  tookMs: 9000,
});
const cell = (waitReplicas: number, changes: Partial<MatrixCell> = {}): MatrixCell => ({
  settings: { waitReplicas, "down-after-milliseconds": 2000 },
  runs: [run(1, "pass"), run(2, "pass"), run(3, "pass")],
  writeOutageMs: { median: 3297.4, worst: 3411 },
  lost: { median: 0, worst: 12 },
  falseFailovers: { median: 0, worst: 0 },
  p99Ms: { median: 2.04, worst: 118.4 },
  perSecond: { median: 11_940, worst: 850 },
  ...changes,
});
const matrix = (...cells: MatrixCell[]): MatrixDocument => ({
  schemaVersion: 1,
  name: "durability",
  scenario: "kill",
  seed: 7,
  valkey: "8.1.1",
  driver: "process",
  runsPerCell: 3,
  cells,
});
const draw = (document: MatrixDocument, width = 120) => renderMatrix(document, { colour: false, width });

describe("renderMatrix", () => {
  it("has a line for each cell, median and worst of every number", () => {
    const text = draw(matrix(cell(0), cell(1)));
    expect(text).toContain("of 3 runs each: median / worst");
    expect(text).toMatch(
      /waitReplicas\s+down-after-milliseconds\s+outage\s+lost\s+false failovers\s+p99\s+writes\/s\s+runs\n/,
    );
    expect(text).toMatch(
      /\n {2}0\s+2000\s+3\.30 \/ 3\.41 s\s+0 \/ 12\s+0\s+2 \/ 118 ms\s+11\.9k \/ 850\s+✓✓✓\n/,
    );
  });

  it("leaves out what no run measured, and says what did not end", () => {
    const none = { median: null, worst: null };
    const text = draw(
      matrix(cell(0, { perSecond: none, writeOutageMs: { median: 3300, worst: "endless" } })),
    );
    expect(text).not.toMatch(/runs each.*\n.*\n\n.*writes\/s/);
    expect(text).toContain("3.30 s / no end");
    expect(draw(matrix(cell(0, { writeOutageMs: none })))).toMatch(/2000\s+—\s/);
  });

  it("marks each run, those to be done too, and tells why runs did not pass", () => {
    const runs = [run(1, "pass"), run(2, "fail", ["outage:not-recovered"])];
    const text = draw(matrix(cell(0, { runs }), cell(1, { runs: [run(1, "broken"), run(2, "unknown")] })));
    expect(text).toContain("✓✗·");
    expect(text).toContain("!?·");
    expect(text).toContain("waitReplicas 0, down-after-milliseconds 2000: outage:not-recovered");
  });

  it("puts the settings below each other where there is no room, and keeps to the width", () => {
    for (const width of [60, 80, 100, 120]) {
      const lines = draw(matrix(cell(0), cell(1)), width).split("\n");
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(width);
    }
    expect(draw(matrix(cell(0)), 80)).toMatch(
      /waitReplicas 0\s+3\.30 \/.*\n\s+down-after-milliseconds\s+3\.41 s/,
    );
  });

  it("shows what became of an application, and leaves out what nothing but it could have measured", () => {
    const none = { median: null, worst: null };
    const said = (words: AppWord[], lost = 0) => ({
      app: { words, outageMs: 3300, out: false, lost, duplicated: null },
    });
    const runs = [1, 2].map((number) => ({ ...run(number, "pass"), ...said(["RECOVERED"]) }));
    const stuck = { ...run(3, "fail"), ...said(["STUCK", "LOST"], 4) };
    const app = {
      outageMs: { median: 3300, worst: "endless" as const },
      lost: { median: 0, worst: 4 },
      duplicated: none,
    };
    const servers = { writeOutageMs: none, lost: none, p99Ms: none, perSecond: none };
    const cells = [cell(0, { ...servers, app, runs: [...runs, stuck] }), cell(1, servers)];
    const text = draw(matrix(...cells));
    expect(text).toMatch(/settings +application +app +app +false +runs\n +outage +lost +failovers\n/);
    expect(text).toMatch(/RECOVERED ×2 +3\.30 s \/ +0 \/ +0 +✓✓✗\n.* STUCK \+ LOST ×1 +no end +4\n/);
    expect(text).toMatch(/waitReplicas 1 +— +— +— +0 +✓✓✓\n/);
    for (const width of [60, 80, 100]) {
      const lines = draw(matrix(...cells), width).split("\n");
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(width);
    }
    expect(draw(matrix(cell(0)))).not.toContain("application");
  });
});
