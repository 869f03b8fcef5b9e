import { appendFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { testServer } from "../../../test/support/server.ts";
import { processDriver } from "../../driver/process/index.ts";
import { MATRIX_SCHEMA_VERSION, type MatrixRun } from "../../model/matrix.ts";
import { loadScenario } from "../../scenario/load.ts";
import { documentOf } from "./document.ts";
import { loadMatrix } from "./file.ts";
import { lackingRuns, type MatrixOptions, runMatrix } from "./run.ts";
import { createStore, type MatrixStore, openStore } from "./store.ts";

/* A small drill on real servers, over a grid of two settings; stopped in the middle, and resumed. */

const MATRIX = `
name: small
scenario:
  name: quiet
  description: Writes for a moment, and no fault.
  topology: { kind: ha, replicas: 1, sentinels: 1, quorum: 1 }
  steps:
    - start: { unique-writes: { writesPerSecond: 200, readsPerSecond: 0 } }
    - wait: 300ms
  expect: { promoted: false }
runs: 2
throughput: { connections: 2, pipeline: 4, durationMs: 300 }
grid: { appendfsync: [everysec, always] }
`;

let dir: string;
let server: Awaited<ReturnType<typeof testServer>>;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "valkey-drill-matrix-"));
  server = await testServer();
});
afterAll(() => rm(dir, { recursive: true, force: true }));

async function newStore(text = MATRIX): Promise<MatrixStore> {
  await writeFile(join(dir, "small.yaml"), text);
  return createStore(dir, await loadMatrix(join(dir, "small.yaml")), {
    type: "matrix",
    schemaVersion: MATRIX_SCHEMA_VERSION,
    name: "small",
    seed: 7,
    valkey: server.version,
    driver: "process",
    valkeyOption: server.version,
    startedAt: "2025-01-02T03:04:05.678Z",
  });
}

/** Runs what is lacking, at most so many runs. */
async function go(store: MatrixStore, most = Number.POSITIVE_INFINITY): Promise<MatrixRun[]> {
  const stop = new AbortController();
  const seen: MatrixRun[] = [];
  const options: MatrixOptions = {
    driver: processDriver(server),
    valkey: server.version,
    progress: { step: () => ({ update: () => {}, done: () => {}, fail: () => {} }) },
    signal: stop.signal,
    replayOf: (path, seed) => `run ${path} --seed ${seed}`,
    onRun: (run) => {
      seen.push(run);
      if (seen.length >= most) stop.abort(new Error("stopped"));
    },
  };
  await runMatrix(store, options);
  return seen;
}

const line = (changes: Partial<MatrixRun>): MatrixRun => ({
  type: "run",
  cell: 1,
  run: 1,
  seed: 1,
  verdict: "pass",
  codes: [],
  writeOutageMs: 3000,
  unavoidableMs: 2000,
  lost: 0,
  acknowledged: 100,
  falseFailovers: 0,
  p50Ms: 1,
  p99Ms: 2,
  perSecond: 10_000,
  tookMs: 9000,
  ...changes,
});

describe("runMatrix", { timeout: 120_000 }, () => {
  it("writes each run down as it ends, and goes on where it was stopped", async () => {
    const store = await newStore();
    expect(lackingRuns(store)).toBe(4);
    const first = await go(store, 1);
    expect(first.map(({ cell, run, verdict }) => [cell, run, verdict])).toEqual([[1, 1, "pass"]]);

    // As a crash leaves it: in the middle of a line.
    await appendFile(join(store.dir, "cells.jsonl"), '{"type":"run","cell":2,"ru');
    const resumed = await openStore(store.dir);
    expect(resumed.runs).toEqual(first);
    expect(lackingRuns(resumed)).toBe(3);
    const rest = await go(resumed);
    // In rounds: each cell once, then each again; all cells of a round with the same seed.
    expect(rest.map(({ cell, run }) => [cell, run])).toEqual([
      [2, 1],
      [1, 2],
      [2, 2],
    ]);
    const [one, two, three, four] = [...first, ...rest].map(({ seed }) => seed);
    expect([one, three]).toEqual([two, four]);
    expect(one).not.toBe(three);

    const whole = await openStore(store.dir);
    expect(lackingRuns(whole)).toBe(0);
    expect(await go(whole)).toEqual([]);
    const lines = (await readFile(join(store.dir, "cells.jsonl"), "utf8")).trimEnd().split("\n");
    expect(lines).toHaveLength(5);
    const { cells } = documentOf(whole);
    for (const { runs, perSecond, p99Ms, falseFailovers } of cells) {
      expect(runs.map(({ verdict }) => verdict)).toEqual(["pass", "pass"]);
      expect(perSecond.worst).toBeGreaterThan(0);
      expect(perSecond.median).toBeGreaterThanOrEqual(perSecond.worst as number);
      expect(p99Ms.worst).toBeGreaterThan(0);
      expect(falseFailovers).toEqual({ median: 0, worst: 0 });
    }
    // The drill of each cell can be run by itself.
    expect(await loadScenario(whole.cellPath(2))).toEqual(whole.matrix.cells[1]?.scenario);
  });

  it("tells a run whose environment broke, and does it again when it is resumed", async () => {
    const store = await newStore(
      MATRIX.replace("appendfsync: [everysec, always]", "config.no-such-directive: [1]"),
    );
    const broken = await go(store);
    expect(broken.map(({ verdict, codes }) => [verdict, codes])).toEqual([
      ["broken", ["broken"]],
      ["broken", ["broken"]],
    ]);
    expect(documentOf(store).cells[0]).toMatchObject({ perSecond: { median: null, worst: null } });
    expect(lackingRuns(await openStore(store.dir))).toBe(2);
  });
});

describe("what is on disk", () => {
  it("is refused where it is none, or was damaged", async () => {
    await expect(openStore(join(dir, "nothing"))).rejects.toMatchObject({ code: "BAD_RUN" });
    const store = await newStore();
    await appendFile(join(store.dir, "cells.jsonl"), '{"type":"run","cell":"one"}\n');
    await expect(openStore(store.dir)).rejects.toThrow(/cells\.jsonl:2: /);
  });
});

describe("documentOf", () => {
  const documentWith = async (...runs: MatrixRun[]) => {
    const store = await newStore();
    for (const run of runs) await store.add(run);
    return documentOf(store);
  };

  it("tells of each cell the median and the worst: the longest outage, the fewest writes", async () => {
    const { cells } = await documentWith(
      line({ run: 1, writeOutageMs: 3000, lost: 4, perSecond: 9000 }),
      line({ run: 2, writeOutageMs: 3600, lost: 0, perSecond: 12_000, falseFailovers: 1 }),
      line({ cell: 2, writeOutageMs: null, codes: ["outage:not-recovered"], verdict: "fail" }),
    );
    expect(cells[0]).toMatchObject({
      settings: { appendfsync: "everysec" },
      writeOutageMs: { median: 3300, worst: 3600 },
      lost: { median: 2, worst: 4 },
      falseFailovers: { median: 0.5, worst: 1 },
      perSecond: { median: 10_500, worst: 9000 },
    });
    expect(cells[1]?.writeOutageMs).toEqual({ median: "endless", worst: "endless" });
  });

  it("does not take an outage that was not measured for an endless one", async () => {
    const { cells } = await documentWith(line({ writeOutageMs: null }));
    expect(cells[0]?.writeOutageMs).toEqual({ median: null, worst: null });
    expect(cells[1]?.lost).toEqual({ median: null, worst: null }); // no run yet
  });

  it("counts a run that broke and was done again once", async () => {
    const { cells } = await documentWith(line({ verdict: "broken", lost: null }), line({ lost: 3 }));
    expect(cells[0]?.runs).toHaveLength(1);
    expect(cells[0]?.lost).toEqual({ median: 3, worst: 3 });
  });
});
