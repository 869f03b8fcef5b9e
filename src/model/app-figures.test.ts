import { describe, expect, it } from "vitest";
import { appFiguresOf, appFiguresSchema } from "./app-figures.ts";
import type { AppResult, ProbeResult } from "./app-result.ts";

const probe = (changes: Partial<ProbeResult>): ProbeResult => ({
  name: "order",
  asks: "POST /orders",
  is: "write",
  sent: 1,
  ok: 1,
  failed: 0,
  unknown: 0,
  outageMs: null,
  outages: [],
  p50Ms: null,
  p99Ms: null,
  maxMs: null,
  lost: null,
  duplicated: null,
  answers: [],
  ...changes,
});
const figures = (...probes: ProbeResult[]) => {
  const app: AppResult = {
    started: null,
    instances: 1,
    words: ["RECOVERED"],
    recoveredAfterMs: null,
    restarts: 0,
    memory: null,
    probes,
    connections: [],
  };
  return appFiguresSchema.parse(appFiguresOf(app));
};

describe("the figures of an application for tables of many runs", () => {
  it("are the longest outage, and the sums of what was lost and done twice", () => {
    expect(
      figures(probe({ outageMs: 10, lost: 2 }), probe({ outageMs: 30, lost: 1, duplicated: 0 })),
    ).toEqual({
      words: ["RECOVERED"],
      outageMs: 30,
      out: false,
      lost: 3,
      duplicated: 0,
    });
  });

  it("have no length where one was not over, and nothing where nothing was measured", () => {
    const open = probe({ outageMs: 10, outages: [{ startMs: 1, endMs: null, failed: 1 }] });
    expect(figures(open, probe({ outageMs: 30 }))).toMatchObject({ outageMs: null, out: true });
    expect(figures(probe({}))).toMatchObject({ outageMs: null, out: false, lost: null, duplicated: null });
    expect(appFiguresOf(undefined)).toBeUndefined();
  });
});
