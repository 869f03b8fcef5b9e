import {
  BAKEOFF_SCHEMA_VERSION,
  type BakeoffCell,
  type BakeoffDocument,
  type BakeoffRun,
} from "../../model/bakeoff.ts";

/** A run in which all went well, but for `changes`. */
export const bakeoffRun = (changes: Partial<BakeoffRun> = {}): BakeoffRun => ({
  run: 1,
  seed: 7,
  verdict: "pass",
  reasons: [],
  notes: [],
  folder: "runs/one",
  replay: "valkey-drill bakeoff ha-kill --seed 7",
  tookMs: 9000,
  writeOutageMs: 3500,
  readOutageMs: 3400,
  toNewPrimaryMs: 900,
  recovered: true,
  calls: { total: 900, ok: 900, rejected: {}, hung: 0, longestMs: 3400, unsettled: 0 },
  writes: {
    acknowledged: 600,
    lost: 0,
    lostByClient: 0,
    rejectedApplied: 0,
    unsettledApplied: 0,
    duplicated: 0,
  },
  staleReads: 0,
  redirects: { moved: 0, ask: 0 },
  connections: { before: 1, after: 2, peakPerSecond: 1 },
  memory: { beforeBytes: 60e6, worstBytes: 64e6 },
  cpu: { beforePercent: 4, outagePercent: 6 },
  blockedMs: 12,
  died: null,
  uncaught: [],
  errorEvents: 0,
  serverPushes: 600,
  serverErrors: {},
  features: [],
  ...changes,
});

/** A cell of these runs; of none it is not supported. */
export const bakeoffCell = (
  library: string,
  runs: BakeoffRun[],
  changes: Partial<BakeoffCell> = {},
): BakeoffCell => ({
  library,
  version: "1.0.0",
  profile: "default",
  kind: "ha",
  scenario: "kill",
  verdict: runs[0]?.verdict ?? "not-supported",
  reasons: runs[0]?.reasons ?? [],
  sometimes: [],
  runs,
  writeOutageMs: { median: 3500, worst: 3600 },
  longestMs: { median: 3400, worst: "endless" },
  toNewPrimaryMs: { median: 900, worst: 900 },
  ...changes,
});

/** A bake-off of these cells. */
export const bakeoffDocument = (cells: BakeoffCell[]): BakeoffDocument => ({
  schemaVersion: BAKEOFF_SCHEMA_VERSION,
  seed: 7,
  valkey: "8.1.1",
  driver: "process",
  node: "20.20.2",
  startedAt: "2026-11-23T08:00:00.000Z",
  tookMs: 60_000,
  runsPerCell: 2,
  replay: "",
  cells,
});
