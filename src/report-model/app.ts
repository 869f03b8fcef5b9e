import type { Facts } from "../check/facts.ts";
import type { Operation } from "../history/operations.ts";
import type { ProbeHeader } from "../model/app.ts";
import type { Observed } from "../model/observed.ts";
import type { ReportApp, ReportInstance, ReportProbe } from "../model/report-app.ts";
import { ms } from "./time.ts";

type Life = Observed["app"];

/** A lane is about as many pixels wide, halved. */
const BUCKETS = 300;
const NARROWEST_MS = 100;
/** A bucket holds as many as that, or its height would tell more of the time than of the probe. */
const IN_A_BUCKET = 4;
/** What is sent less often is drawn one by one. */
const SELDOM_MS = 250;
const MEMORY_POINTS = 300;

/** What a report draws of the application under the drill; `undefined`: there was none. */
export function appModel(facts: Facts): ReportApp | undefined {
  const { app } = facts.header;
  if (app === undefined) return undefined;
  const durationMs = ms(facts.endedAt);
  return {
    probes: app.probes
      .map((probe) => probeOverTime(probe, facts.asked, durationMs))
      .filter(({ ok }) => ok.length > 0),
    instances: instancesOf(facts, durationMs),
  };
}

function probeOverTime(
  { name, everyMs = 0 }: ProbeHeader,
  asked: readonly Operation[],
  durationMs: number,
): ReportProbe {
  const often = everyMs < SELDOM_MS ? everyMs * IN_A_BUCKET : 0;
  const bucketMs = Math.max(NARROWEST_MS, often, Math.ceil(durationMs / BUCKETS));
  const own = asked.filter(({ f }) => f === name);
  const bucketOf = ({ due, invokedAt }: Operation) =>
    Math.max(0, Math.floor(ms(due ?? invokedAt) / bucketMs));
  const length = own.reduce((most, one) => Math.max(most, bucketOf(one) + 1), 0);
  const counts = { ok: zeros(length), fail: zeros(length), info: zeros(length) };
  for (const one of own) {
    const bucket = bucketOf(one);
    counts[one.outcome][bucket] = (counts[one.outcome][bucket] ?? 0) + 1;
  }
  return { name, bucketMs, ...counts };
}

function zeros(length: number): number[] {
  return new Array<number>(length).fill(0);
}

function instancesOf(facts: Facts, durationMs: number): ReportInstance[] {
  const life = facts.observations("app");
  const memory = facts.observations("app-memory");
  const names = [...new Set([...life, ...memory].map(({ instance }) => instance))];
  return names.sort(byNumber).map((name) => ({
    name,
    bands: bandsOf(
      life.filter(({ instance }) => instance === name),
      durationMs,
    ),
    memory: fewPoints(
      memory
        .filter(({ instance }) => instance === name)
        .map(({ at, rssBytes }): [number, number] => [ms(at), rssBytes]),
    ),
  }));
}

function byNumber(a: string, b: string): number {
  return a.localeCompare(b, "en", { numeric: true });
}

/** From each event to the next. */
function bandsOf(life: readonly Life[], durationMs: number): ReportInstance["bands"] {
  return life.map((one, index) => ({
    fromMs: ms(one.at),
    toMs: life[index + 1] === undefined ? durationMs : ms((life[index + 1] as Life).at),
    look: LOOKS[one.event],
    text: lifeText(one),
  }));
}

const LOOKS = {
  started: "starting",
  ready: "ready",
  exited: "exited",
  stopping: "stopping",
  stopped: "stopped",
  killed: "stopped",
} as const satisfies Record<Life["event"], ReportInstance["bands"][number]["look"]>;

/** What happened to an instance, in words: `exited with code 1`. */
export function lifeText({ event, start = 1, code, signal }: Life): string {
  const how = signal ? ` by ${signal}` : code === undefined || code === null ? "" : ` with code ${code}`;
  switch (event) {
    case "started":
      return start > 1 ? `starting, restart ${start - 1}` : "starting";
    case "ready":
      return "ready";
    case "exited":
      return `exited${how}`;
    case "stopping":
      return "stopping";
    case "stopped":
      return `stopped${how}`;
    case "killed":
      return "killed: it did not stop in time";
  }
}

/** Of neighbours the highest: a peak must not be left out. */
function fewPoints(points: readonly [number, number][]): [number, number][] {
  const each = Math.ceil(points.length / MEMORY_POINTS);
  if (each <= 1) return [...points];
  return Array.from({ length: Math.ceil(points.length / each) }, (_, index) =>
    points
      .slice(index * each, (index + 1) * each)
      .reduce((highest, point) => (point[1] > highest[1] ? point : highest)),
  );
}
