import type { BakeoffRun } from "../../model/bakeoff.ts";
import type { Said } from "../child/messages.ts";
import { writeOutage } from "./outages.ts";
import type { Run } from "./run-record.ts";

type Sample = Extract<Said, { say: "sample" }>;
type Of = Pick<BakeoffRun, "memory" | "cpu" | "blockedMs" | "died" | "uncaught" | "errorEvents">;

/** Errors of one text, told again and again, are one. */
const MOST_UNCAUGHT = 10;
/** Samples come every 250 ms: a process that told none for so long stands still. */
const SILENT_MS = 1000;

/** What the library did to its process. */
export function processOf(run: Run): Of {
  const { said, faultAt = Infinity, exit, ownBlockedMs = 0 } = run;
  const openedAt = said.find(({ say }) => say === "opened")?.at ?? Infinity;
  const samples = said.filter((one): one is Sample => one.say === "sample" && one.at > openedAt);
  const before = samples.filter(({ at }) => at <= faultAt);
  const outage = writeOutage(run);
  // The first sample is of the time in which its modules were loaded.
  const blocked = Math.max(
    most(
      samples.slice(1).filter(({ at }) => !wasStopped(run, at)),
      ({ blockedMs }) => blockedMs,
    ),
    silence(run, samples),
  );
  const uncaught = said.flatMap((one) => (one.say === "uncaught" ? [`${one.origin}: ${one.message}`] : []));
  return {
    memory:
      samples.length === 0
        ? null
        : {
            beforeBytes: most(before, ({ rssBytes }) => rssBytes),
            worstBytes: most(samples, ({ rssBytes }) => rssBytes),
          },
    cpu:
      before.length < 2
        ? null
        : {
            beforePercent: share(before) ?? 0,
            outagePercent: outage
              ? share(samples.filter(({ at }) => at >= outage.startAt && at <= (outage.endAt ?? Infinity)))
              : null,
          },
    blockedMs: Math.round(Math.max(0, blocked - ownBlockedMs)),
    died: exit ? { code: exit.code, signal: exit.signal } : null,
    uncaught: [...new Set(uncaught)].slice(0, MOST_UNCAUGHT),
    errorEvents: said.filter(({ say }) => say === "client-error").length,
  };
}

/** Does the sample tell of a time in which the process got no processor? That is not the library's doing. */
function wasStopped({ stalls }: Run, at: number): boolean {
  return stalls.some(({ from, to }) => at >= from && at <= to + SILENT_MS * 1e6);
}

/** A loop that never comes back tells no sample any more. */
function silence({ endAt, exit }: Run, samples: readonly Sample[]): number {
  const last = samples.at(-1);
  const ms = last && !exit ? (endAt - last.at) / 1e6 : 0;
  return ms > SILENT_MS ? ms : 0;
}

function most(samples: readonly Sample[], of: (sample: Sample) => number): number {
  return Math.max(0, ...samples.map(of));
}

/** Percent of one processor between the first and the last of them. */
function share(samples: readonly Sample[]): number | null {
  const [first, last] = [samples[0], samples.at(-1)];
  if (!first || !last || first === last) return null;
  return Math.round(((last.cpuUs - first.cpuUs) / ((last.at - first.at) / 1e3)) * 1000) / 10;
}
