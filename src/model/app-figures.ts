import { z } from "zod";
import { APP_WORDS, type AppResult } from "./app-result.ts";

const count = z.int().nonnegative();

/** What one of many runs said of an application, for tables of many. Times in milliseconds. */
export const appFiguresSchema = z.strictObject({
  /** The worst first. Empty: not known. */
  words: z.array(z.enum(APP_WORDS)),
  /** The longest of all probes; `null`: none was measured, or one was not over. */
  outageMs: z.number().nonnegative().nullable(),
  /** A probe's outage was not over. */
  out: z.boolean(),
  /** Of all probes; `null`: none could tell. */
  lost: count.nullable(),
  duplicated: count.nullable(),
});

/** What one of many runs said of an application. */
export type AppFigures = z.infer<typeof appFiguresSchema>;

/** The figures of a run's application; `undefined`: it had none. */
export function appFiguresOf(app: AppResult | undefined): AppFigures | undefined {
  if (app === undefined) return undefined;
  const { words, probes } = app;
  const out = probes.some(({ outages }) => outages.some(({ endMs }) => endMs === null));
  const outages = known(probes.map(({ outageMs }) => outageMs));
  return {
    words,
    outageMs: out || outages.length === 0 ? null : Math.max(...outages),
    out,
    lost: sum(known(probes.map(({ lost }) => lost))),
    duplicated: sum(known(probes.map(({ duplicated }) => duplicated))),
  };
}

function known(values: readonly (number | null)[]): number[] {
  return values.filter((value) => value !== null);
}

function sum(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((total, value) => total + value, 0);
}
