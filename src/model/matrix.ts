import { z } from "zod";
import { appFiguresSchema } from "./app-figures.ts";

/** Version of the lines in `cells.jsonl`, and of what `matrix --json` prints. */
export const MATRIX_SCHEMA_VERSION = 1;

const count = z.int().nonnegative();
const measure = z.number().nonnegative().nullable();
const value = z.union([z.string(), z.number(), z.boolean()]);

/** The value of one setting in a cell. */
export type SettingValue = z.infer<typeof value>;

/** First line of `cells.jsonl`: what every run of the matrix shares. */
export const matrixHeaderSchema = z.strictObject({
  type: z.literal("matrix"),
  schemaVersion: z.literal(MATRIX_SCHEMA_VERSION),
  name: z.string(),
  seed: count,
  /** Server version. */
  valkey: z.string(),
  driver: z.string(),
  /** What `--valkey` must be to have the same server again. */
  valkeyOption: z.string(),
  client: z.string().optional(),
  /** All connections with TLS, whatever the scenario says. */
  tls: z.boolean().optional(),
  startedAt: z.string(),
});

/** What one run said. Times in milliseconds; null: not measured, or an outage that did not end. */
export const matrixRunSchema = z.strictObject({
  type: z.literal("run"),
  /** Number of the cell, from 1, in the order of the grid. */
  cell: count,
  /** Which of the cell's runs, from 1. */
  run: count,
  seed: count,
  /** `broken`: the environment broke, so there is no verdict. */
  verdict: z.enum(["pass", "fail", "unknown", "broken"]),
  /** What did not pass, as `check:reason`. */
  codes: z.array(z.string()),
  /** What it let go, where it passed, in words; absent: nothing. */
  accepted: z.array(z.string()).optional(),
  writeOutageMs: measure,
  unavoidableMs: measure,
  lost: count.nullable(),
  acknowledged: count.nullable(),
  /** Promotions that no loss of a primary asked for. */
  falseFailovers: count.nullable(),
  /** Of the probe's writes before the fault, at its fixed rate. */
  p50Ms: measure,
  p99Ms: measure,
  /** Writes that went through each second, before the fault. */
  perSecond: count.nullable(),
  tookMs: z.number().nonnegative(),
  /** Of the application under the drill; absent: there was none, or the run broke. */
  app: appFiguresSchema.optional(),
  /** Of a run that did not pass: where it is kept. */
  folder: z.string().optional(),
});

export type MatrixHeader = z.infer<typeof matrixHeaderSchema>;
export type MatrixRun = z.infer<typeof matrixRunSchema>;

/** Of the runs of a cell. `null`: no run measured it; `endless`: an outage that did not end. */
export interface Spread {
  readonly median: number | "endless" | null;
  readonly worst: number | "endless" | null;
}

/** All runs of one combination of settings. */
export interface MatrixCell {
  readonly settings: Readonly<Record<string, SettingValue>>;
  readonly runs: readonly MatrixRun[];
  readonly writeOutageMs: Spread;
  readonly lost: Spread;
  readonly falseFailovers: Spread;
  readonly p99Ms: Spread;
  readonly perSecond: Spread;
  /** Of the application, where there is one: its longest outage, and what it lost or did more than once. */
  readonly app?: { readonly outageMs: Spread; readonly lost: Spread; readonly duplicated: Spread };
}

/** What `matrix --json` prints. */
export interface MatrixDocument {
  readonly schemaVersion: typeof MATRIX_SCHEMA_VERSION;
  readonly name: string;
  readonly scenario: string;
  readonly seed: number;
  readonly valkey: string;
  readonly driver: string;
  /** How many runs each cell is to have. */
  readonly runsPerCell: number;
  readonly cells: readonly MatrixCell[];
}
