import { spread } from "../../base/spread.ts";
import {
  MATRIX_SCHEMA_VERSION,
  type MatrixCell,
  type MatrixDocument,
  type MatrixRun,
} from "../../model/matrix.ts";
import type { MatrixStore } from "./store.ts";

/** What a matrix has found so far: of each cell the median and the worst of its runs. */
export function documentOf({ matrix, header, runs }: MatrixStore): MatrixDocument {
  return {
    schemaVersion: MATRIX_SCHEMA_VERSION,
    name: matrix.name,
    scenario: matrix.cells[0]?.scenario.name ?? "",
    seed: header.seed,
    valkey: header.valkey,
    driver: header.driver,
    runsPerCell: matrix.runs,
    cells: matrix.cells.map(({ settings }, index): MatrixCell => {
      const own = latest(runs.filter(({ cell }) => cell === index + 1));
      const ended = own.filter(({ verdict }) => verdict !== "broken");
      return {
        settings,
        runs: own,
        writeOutageMs: spread(ended.flatMap(outageOf)),
        lost: spread(numbers(ended.filter(isOfServers), "lost")),
        falseFailovers: spread(numbers(ended, "falseFailovers")),
        p99Ms: spread(numbers(ended, "p99Ms")),
        perSecond: spread(numbers(ended, "perSecond"), Math.min),
        ...(ended.some(({ app }) => app !== undefined) && { app: appOf(ended) }),
      };
    }),
  };
}

/** Where nothing but an application wrote, nobody can say what the servers lost. */
function isOfServers({ app, acknowledged }: MatrixRun): boolean {
  return app === undefined || acknowledged !== 0;
}

function appOf(runs: readonly MatrixRun[]): NonNullable<MatrixCell["app"]> {
  const apps = runs.flatMap(({ app }) => app ?? []);
  return {
    outageMs: spread(apps.flatMap(({ outageMs, out }) => (out ? [Infinity] : (outageMs ?? [])))),
    lost: spread(apps.flatMap(({ lost }) => lost ?? [])),
    duplicated: spread(apps.flatMap(({ duplicated }) => duplicated ?? [])),
  };
}

/** An outage that did not end is worse than any that did; one that was not measured is none. */
function outageOf({ writeOutageMs, codes }: MatrixRun): number[] {
  if (writeOutageMs !== null) return [writeOutageMs];
  return codes.some((code) => code.startsWith("outage:")) ? [Infinity] : [];
}

/** A run that broke and was done again is told once. */
function latest(runs: readonly MatrixRun[]): MatrixRun[] {
  return [...new Map(runs.map((one) => [one.run, one])).values()];
}

function numbers(
  runs: readonly MatrixRun[],
  name: "lost" | "falseFailovers" | "p99Ms" | "perSecond",
): number[] {
  return runs.map((run) => run[name]).filter((value) => value !== null);
}
