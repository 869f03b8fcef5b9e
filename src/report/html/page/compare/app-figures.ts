import type { AppResult, ProbeResult } from "../../../../model/app-result.ts";
import { appWords, isOut, probeOutageWords } from "../../../app-words.ts";
import { formatMs, formatNumber } from "../../../numbers.ts";
import type { ComparedRun } from "../../compared.ts";

/** A figure of an application: how it is called, its value in each run, and how that is written. */
export interface AppFigure {
  readonly name: string;
  readonly value: (run: ComparedRun) => number | null;
  readonly words: (run: ComparedRun) => string;
}

/** What became of the runs' applications, and the figures of each probe that one of them has; empty: none has one. */
export function appFigures(runs: readonly ComparedRun[]): AppFigure[] {
  const apps = runs.flatMap(({ result }) => result.app ?? []);
  if (apps.length === 0) return [];
  const probes = [...new Set(apps.flatMap((app) => app.probes.map(({ name }) => name)))];
  const all: AppFigure[] = [
    {
      name: "application",
      value: () => null,
      words: ({ result }) => (result.app === undefined ? "—" : appWords(result) || "not known"),
    },
    ofApp("application recovered within", (app) => app.recoveredAfterMs, formatMs),
    ofApp("restarts", (app) => app.restarts, formatNumber),
    ...probes.flatMap((name) => [
      {
        ...ofProbe(name, "outage", (probe) => (isOut(probe) ? Infinity : probe.outageMs), formatMs),
        words: outageOf(name),
      },
      ofProbe(name, "99% within", (probe) => probe.p99Ms, formatMs),
      ofProbe(name, "failed or unknown", ({ failed, unknown }) => failed + unknown, formatNumber),
      ofProbe(name, "lost", (probe) => probe.lost, formatNumber),
      ofProbe(name, "duplicated", (probe) => probe.duplicated, formatNumber),
    ]),
  ];
  const isTold = ({ name, words }: AppFigure) =>
    runs.some((run) => words(run) !== "—" && !(isNoise(name) && words(run) === "0"));
  return all.filter((figure) => figure.name === "application" || isTold(figure));
}

/** Where it is 0 everywhere, nobody looks for it. */
function isNoise(name: string): boolean {
  return name.endsWith(": failed or unknown");
}

function ofApp(
  name: string,
  read: (app: AppResult) => number | null,
  format: (value: number) => string,
): AppFigure {
  const value = ({ result }: ComparedRun) => (result.app === undefined ? null : read(result.app));
  return { name, value, words: (run) => told(value(run), format) };
}

function ofProbe(
  probe: string,
  figure: string,
  read: (probe: ProbeResult) => number | null,
  format: (value: number) => string,
): AppFigure {
  const value = (run: ComparedRun) => {
    const found = probeOf(run, probe);
    return found === undefined ? null : read(found);
  };
  return { name: `${probe}: ${figure}`, value, words: (run) => told(value(run), format) };
}

function outageOf(name: string) {
  return (run: ComparedRun) => {
    const probe = probeOf(run, name);
    return probe === undefined ? "—" : probeOutageWords(probe);
  };
}

function probeOf({ result }: ComparedRun, name: string): ProbeResult | undefined {
  return result.app?.probes.find((probe) => probe.name === name);
}

function told(value: number | null, format: (value: number) => string): string {
  return value === null ? "—" : format(value);
}
