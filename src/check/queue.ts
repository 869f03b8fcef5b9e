import { type AllowedLosses, allowedLossesOf, limitsLosses } from "./allowed-losses.ts";
import {
  type Accepted,
  type Checker,
  duration,
  type EvidenceTable,
  type Found,
  plural,
  type Requirement,
} from "./checker.ts";
import { asks, expectation } from "./expectations.ts";
import { type Facts, toSeconds } from "./facts.ts";
import { primaryLosses } from "./losses.ts";
import { inexcusable, isAdding, type Job, type JudgedQueue, queuesOf } from "./queue-jobs.ts";
import { watchedEnoughMs } from "./settings.ts";
import { notesOf } from "./shared-keys.ts";
import { ran, somethingAcknowledged } from "./workloads.ts";

/** Names in the evidence, and rows of its table; the history has them all. */
const LISTED = 20;
const START = `Add "- start: queue" before the first fault`;

/**
 * What became of each job? Acknowledged ones must have been done, or wait still; what the loss of a primary allows to
 * be gone may be. A list from which workers pop promises no more than at most once: what was handed out by a call that
 * was never answered may be gone as well. A job that is done twice is measured, and has no excuse where nothing gives a
 * job out again: on a list without a loss.
 */
export const queue: Checker = {
  name: "queue",
  summary: "every acknowledged job was done or waits still; how many were lost, and how many were done twice",
  judges: [
    { path: "jobs", add: START },
    { path: "lostAcknowledgedWrites", add: START, when: limitsLosses },
  ],
  applies: (facts) => ran(facts, "queue") || asks(facts, "jobs"),
  requires: queueRequirements,
  accepted: acceptedJobs,
  check(facts) {
    const queues = queuesOf(facts);
    const allowedLosses = allowedLossesOf(facts);
    const all = <T>(of: (queue: JudgedQueue) => readonly T[]): T[] => queues.flatMap(of);
    const [gone, twice, waiting] = [
      all((one) => one.gone),
      all((one) => one.twice),
      all((one) => one.waiting),
    ];
    const handedOut = queues.reduce((sum, one) => sum + one.mayBeHandedOut, 0);
    const added = facts.operations.filter(isAdding);
    const evidence = {
      done: all(({ jobs }) => jobs.filter(({ runs }) => runs.length > 0)).length,
      missing: gone.length - handedOut,
      handedOut,
      doneTwice: twice.length,
      waiting: waiting.length,
      tables: tablesOf(queues),
      notes: notesOf(facts, added, "job"),
    };
    const fail = (reason: string, summary: string, jobs: readonly Job[]): Found => ({
      verdict: "fail",
      summary,
      evidence: { reason, jobs: jobs.slice(0, LISTED).map(({ name }) => name), ...evidence },
    });
    const wrong = problemOf(facts, queues, allowedLosses);
    if (wrong) return fail(wrong.reason, wrong.text, wrong.jobs);
    const unread = queues.filter(({ jobs }) =>
      jobs.some(({ left, runs }) => left === undefined && runs.length === 0),
    );
    if (unread.length > 0) {
      const summary =
        `what became of some jobs of ${plural(unread.length, "queue")} is unknown: ` +
        `the servers could not be asked at the end`;
      return {
        verdict: "unknown",
        summary,
        evidence: { reason: "keys-unread", keys: unread.map(({ key }) => key), ...evidence },
      };
    }
    const lost =
      gone.length === 0
        ? "none lost"
        : `${plural(gone.length, "job")} lost${handedOutWords(", up to ", handedOut)}`;
    const acknowledged = added.filter(({ outcome }) => outcome === "ok").length;
    const summary =
      `${plural(acknowledged, "job")} acknowledged: ${lost}, ${twice.length} done twice, ` +
      `${waiting.length} waiting at the end`;
    return { verdict: "pass", summary, evidence };
  },
};

/** Nothing, where none can have been. */
function handedOutWords(begin: string, count: number): string {
  return count > 0 ? `${begin}${count} were handed to a worker that never heard of it` : "";
}

interface Problem {
  readonly reason: string;
  readonly text: string;
  readonly jobs: readonly Job[];
}

/** The gravest of what is wrong. */
function problemOf(
  facts: Facts,
  queues: readonly JudgedQueue[],
  allowedLosses: AllowedLosses,
): Problem | undefined {
  const all = (of: (queue: JudgedQueue) => readonly Job[]): readonly Job[] => queues.flatMap(of);
  const say = (reason: string, jobs: readonly Job[], text: (first: Job) => string): Problem[] => {
    const [first] = jobs;
    return first === undefined ? [] : [{ reason, text: text(first), jobs }];
  };
  const done = all(({ jobs }) => jobs.filter(({ runs }) => runs.length > 0));
  const unexcused = all((one) => inexcusable(one, allowedLosses));
  const replicated = unexcused.filter(({ added }) => added !== undefined && allowedLosses.replicated(added));
  const [gone, twice] = [all((one) => one.gone), all((one) => one.twice)];
  const handedOut = queues.reduce((sum, one) => sum + one.mayBeHandedOut, 0);
  const { lost = Infinity, runTwice = Infinity } = facts.header.expect.jobs ?? {};
  const [problem] = [
    ...say(
      "job-never-added",
      done.filter(({ added }) => added === undefined),
      ({ name }) => `${name} was done, though nobody had added it`,
    ),
    ...say(
      "refused-job-done",
      done.filter(({ added }) => added?.outcome === "fail"),
      ({ name, added }) => `${name} was done, though it had been refused (${added?.error?.class})`,
    ),
    ...say(
      "replicated-jobs-lost",
      replicated,
      () =>
        `${plural(unexcused.length, "job")} acknowledged and never done are gone, some of which the replicas had`,
    ),
    ...say(
      "acknowledged-jobs-lost",
      unexcused,
      () =>
        `${plural(unexcused.length, "job")} acknowledged and never done are gone, ` +
        `and the loss of no primary explains it`,
    ),
    ...say(
      "acknowledged-jobs-lost",
      gone.length - handedOut > allowedLosses.most ? gone : [],
      () =>
        `${plural(gone.length - handedOut, "acknowledged job")} lost; at most ${allowedLosses.most} may be`,
    ),
    ...say(
      "job-never-delivered",
      all((one) => one.passedOver),
      ({ name }) =>
        `${name} waits in the stream, though later jobs were delivered, and no reading without an answer explains it`,
    ),
    ...say("workers-stuck", stuck(facts, queues), () => stuckText(facts, queues)),
    ...say(
      "done-twice-without-cause",
      primaryLosses(facts).length > 0 ? [] : all((one) => (one.kind === "list" ? one.twice : [])),
      ({ name, runs }) => `${name} was done ${runs.length} times, and nothing gave it out again`,
    ),
    ...say(
      "jobs-lost",
      gone.length > lost ? gone : [],
      ({ name }) =>
        `${plural(gone.length, "job")} acknowledged and never done are gone, at most ${lost} may be: ` +
        `${name}${handedOutWords("; up to ", handedOut)}`,
    ),
    ...say(
      "jobs-run-twice",
      twice.length > runTwice ? twice : [],
      ({ name, runs }) =>
        `${plural(twice.length, "job")} done more than once, at most ${runTwice} may be: ` +
        `${name} by ${runs.map(({ worker }) => worker).join(" and ")}`,
    ),
  ];
  return problem;
}

/** Jobs that wait although their workers had time to do them: nobody did anything any more. */
function stuck(facts: Facts, queues: readonly JudgedQueue[]): readonly Job[] {
  return queues.flatMap((one) =>
    idleNs(facts, one) / 1e6 >= watchedEnoughMs(facts, stoppedAt(facts)) ? one.waiting : [],
  );
}

function stuckText(facts: Facts, queues: readonly JudgedQueue[]): string {
  const [first] = queues
    .filter((one) => one.waiting.length > 0)
    .toSorted((a, b) => idleNs(facts, b) - idleNs(facts, a));
  const waiting = first?.waiting.length ?? 0;
  const idle = duration(idleNs(facts, first as JudgedQueue) / 1e6);
  return (
    `${plural(waiting, "job")} of ${first?.key} waited, and for ${idle} ` +
    `until the workload ended no worker did any`
  );
}

/** For how long no worker did anything, at the end, though a job was there. */
function idleNs(facts: Facts, { jobs, waiting }: JudgedQueue): number {
  if (waiting.length === 0) return 0;
  const lastRun = jobs.flatMap(({ runs }) => runs.map(({ at }) => at)).reduce((a, b) => Math.max(a, b), 0);
  const since = waiting.reduce(
    (first, { added }) => Math.min(first, added?.completedAt ?? Infinity),
    Infinity,
  );
  return stoppedAt(facts) - Math.max(lastRun, since);
}

/** When the workload was last told to end. */
function stoppedAt(facts: Facts): number {
  const ends = facts
    .observations("workload")
    .filter(({ workload, phase }) => workload === "queue" && phase === "end");
  return ends.at(-1)?.at ?? facts.endedAt;
}

function queueRequirements(facts: Facts): Requirement[] {
  const added = facts.operations.filter(isAdding);
  const lossAt = primaryLosses(facts).at(-1)?.injectAt;
  const runs = facts.observations("job-run");
  const undone = new Set(added.map(({ key }) => key));
  for (const { queue: key, at } of runs) if (lossAt === undefined || at > lossAt) undone.delete(key);
  const [lacking] = undone;
  return [
    somethingAcknowledged({ noun: "job", workload: "queue", operations: added }),
    {
      reason: "nothing-done",
      needs: "a job that a worker did",
      met: runs.length > 0,
      seen: "no worker did anything, so nothing shows that the queue works",
      add: `Let it run while the service is well: "- wait: 2s" after "- start: queue"`,
    },
    {
      reason: "nothing-done-after-loss",
      needs: "a job of each queue that was done after the last primary was lost",
      met: lossAt === undefined || (runs.length > 0 && lacking === undefined),
      seen: `no job${lacking === undefined ? "" : ` of ${lacking}`} was done any more after the last primary was lost`,
      add: `Add "- wait: 3s" after the failover, before "- stop: queue" or the end of the steps`,
    },
  ];
}

function tablesOf(queues: readonly JudgedQueue[]): EvidenceTable[] {
  const count = (jobs: readonly Job[], of: (job: Job) => boolean) => jobs.filter(of).length;
  const twice = queues.flatMap((one) => one.twice);
  const table = {
    title: "Jobs",
    columns: ["queue", "acknowledged", "unknown", "done", "done twice", "lost", "waiting"],
    rows: queues
      .slice(0, LISTED)
      .map(({ key, jobs, gone, waiting, twice: again }) => [
        key,
        count(jobs, ({ added }) => added?.outcome === "ok"),
        count(jobs, ({ added }) => added?.outcome === "info"),
        count(jobs, ({ runs }) => runs.length > 0),
        again.length,
        gone.length,
        waiting.length,
      ]),
  };
  if (twice.length === 0) return [table];
  const rows = twice
    .slice(0, LISTED)
    .map(({ name, runs }) => [
      name,
      ...runs.slice(0, 2).flatMap(({ worker, at }) => [worker, toSeconds(at)]),
    ]);
  return [
    table,
    { title: "Done twice; times since the run began", columns: ["job", "by", "at", "again by", "at"], rows },
  ];
}

/** Of the evidence. */
interface Counted {
  readonly doneTwice?: number;
  readonly handedOut?: number;
}

function acceptedJobs(facts: Facts, { doneTwice = 0, handedOut = 0 }: Counted): Accepted[] {
  const allowedBy = expectation(facts, "jobs");
  return [
    { what: "jobs-run-twice", count: doneTwice, told: `${plural(doneTwice, "job")} done twice`, allowedBy },
    {
      what: "jobs-handed-out",
      count: handedOut,
      told: `up to ${plural(handedOut, "job")} lost on the way to a worker`,
      allowedBy,
    },
  ];
}
