import { describe, expect, it } from "vitest";
import type { Expectations } from "../model/event.ts";
import { factsOf } from "./facts.ts";
import {
  type Ending,
  type HandMadeRun,
  haFailoverWithoutLoad,
  haRun,
  OK,
  REFUSED,
  TIMED_OUT,
} from "./history.test-data.ts";
import { queue } from "./queue.ts";

const JOBS = "{queue:x:1}:jobs";
const IN_HAND = "{queue:x:1}:in-hand:worker-1";
const own = { client: "producer-1", workload: "queue", key: JOBS, shared: true } as const;

const add = (run: HandMadeRun, value: string, at: number, end: Ending = OK, f = "rpush") =>
  run.operation({ ...own, f, value }, at, end);
const work = (run: HandMadeRun, job: string, at: number, worker = "worker-1") =>
  run.observe(at, "job-run", { queue: JOBS, job, worker, at: at * 1e6 });
const left = (run: HandMadeRun, jobs: readonly string[], inHand: readonly string[] = []) =>
  run.finally(JOBS, jobs).finally(IN_HAND, inHand);
/** The workload was told to end then: whatever waits may have been added just before. */
const stopped = (run: HandMadeRun, at: number) =>
  run.observe(at, "workload", { workload: "queue", phase: "end", at: at * 1e6 });
const check = (run: HandMadeRun, stoppedAt = 500) =>
  queue.check(factsOf(stopped(run, stoppedAt).end(9000).build()));
const failsWith = (reason: string) => ({ verdict: "fail", evidence: { reason } });
const limited = (jobs: Expectations["jobs"]) => haRun({ expect: { jobs } });

describe("jobs on a list", () => {
  it("pass where each acknowledged one was done, or waits, in the queue or in a hand", () => {
    const run = left(haRun(), ["job:2"], ["job:3"]);
    for (const n of [1, 2, 3]) add(run, `job:${n}`, n);
    add(run, "job:4", 4, REFUSED);
    add(run, "job:5", 5, TIMED_OUT);
    work(run, "job:1", 10);
    expect(check(run)).toMatchObject({ verdict: "pass", evidence: { missing: 0, waiting: 2, done: 1 } });
  });

  it("fail where one is gone, nobody has done it, and no primary was lost", () => {
    const run = left(haRun(), []);
    add(run, "job:1", 1);
    expect(check(run)).toMatchObject({
      ...failsWith("acknowledged-jobs-lost"),
      evidence: { jobs: ["job:1"] },
    });
  });

  it("may lose with a primary what no replica had, and nothing else", () => {
    const lost = (at: number) => {
      const run = left(haFailoverWithoutLoad(), []).watermark(1500, 1490, "primary", [
        "replica-1",
        "replica-2",
      ]);
      add(run, "job:1", at);
      return queue.check(factsOf(run.build()));
    };
    expect(lost(1900)).toMatchObject({ verdict: "pass", evidence: { missing: 1 } });
    expect(lost(1000)).toMatchObject(failsWith("replicated-jobs-lost"));
  });

  it("may be popped by a call that was never answered: one for each such call", () => {
    const popped = (calls: number, run = haRun()) => {
      left(run, []);
      for (const n of [1, 2]) add(run, `job:${n}`, n);
      for (let n = 0; n < calls; n += 1)
        run.operation({ ...own, client: "worker-1", f: "blpop" }, 5, TIMED_OUT);
      return check(run);
    };
    expect(popped(2)).toMatchObject({ verdict: "pass", evidence: { handedOut: 2, missing: 0 } });
    expect(popped(1)).toMatchObject(failsWith("acknowledged-jobs-lost"));
    expect(popped(2, limited({ lost: 1 }))).toMatchObject(failsWith("jobs-lost"));
    expect(popped(2, limited({ lost: 2 }))).toMatchObject({ verdict: "pass" });
  });

  it("are done twice for no reason where no primary was lost", () => {
    const twice = (run: HandMadeRun) => {
      left(run, []);
      add(run, "job:1", 10);
      work(run, "job:1", 20);
      return work(run, "job:1", 30, "worker-2");
    };
    expect(check(twice(haRun()))).toMatchObject(failsWith("done-twice-without-cause"));
    const failover = (expect: Expectations) =>
      queue.check(factsOf(twice(haFailoverWithoutLoad({ expect })).build()));
    expect(failover({})).toMatchObject({ verdict: "pass", evidence: { doneTwice: 1 } });
    expect(failover({ jobs: { runTwice: 0 } })).toMatchObject(failsWith("jobs-run-twice"));
  });

  it("fail where one was done that nobody added, or that was refused", () => {
    expect(check(work(left(haRun(), []), "job:1", 10))).toMatchObject(failsWith("job-never-added"));
    const refused = add(left(haRun(), []), "job:1", 1, REFUSED);
    expect(check(work(refused, "job:1", 10))).toMatchObject(failsWith("refused-job-done"));
  });

  it("fail where they wait and no worker does anything any more, for long enough to tell", () => {
    const idle = (stoppedAt: number) => {
      const run = left(haRun(), ["job:1", "job:2"]);
      add(run, "job:0", 10);
      work(run, "job:0", 20);
      for (const n of [1, 2]) add(run, `job:${n}`, 100 * n);
      return check(
        run.observe(stoppedAt, "workload", { workload: "queue", phase: "end", at: stoppedAt * 1e6 }),
      );
    };
    expect(idle(2000)).toMatchObject({ verdict: "pass", evidence: { waiting: 2 } });
    expect(idle(3500)).toMatchObject(failsWith("workers-stuck")); // 1 s of detection, 2 s more
  });

  it("are unknown where the queue could not be read at the end", () => {
    const run = haRun().finally(JOBS, undefined);
    add(run, "job:1", 1);
    expect(check(run)).toMatchObject({ verdict: "unknown", evidence: { reason: "keys-unread" } });
  });

  it("need one that was acknowledged, and one that was done, also after the last loss", () => {
    const facts = factsOf(left(haFailoverWithoutLoad(), []).build());
    expect(
      queue
        .requires(facts)
        .filter(({ met }) => !met)
        .map(({ reason }) => reason),
    ).toEqual(["nothing-sent", "nothing-done", "nothing-done-after-loss"]);
  });
});

describe("jobs on a stream", () => {
  const stream = (jobs: readonly number[], run = haRun()) => {
    for (const n of [1, 2, 3]) add(run, `job:${n}`, n, { outcome: "ok", value: `1000-${n}` }, "xadd");
    return run.finally(
      JOBS,
      jobs.map((n) => `1000-${n} job job:${n}`),
    );
  };

  it("stay in it when they are done", () => {
    const run = stream([1, 2, 3]);
    for (const n of [1, 2, 3]) work(run, `job:${n}`, 10 * n);
    expect(check(run)).toMatchObject({ verdict: "pass", evidence: { waiting: 0 } });
  });

  it("may be done twice: what is not acknowledged in time is given to another", () => {
    const run = work(work(stream([1, 2, 3]), "job:1", 10), "job:1", 20, "worker-2");
    expect(check(run)).toMatchObject({ verdict: "pass", evidence: { doneTwice: 1 } });
  });

  it("fail where one was passed over, unless a reading that was not answered may have had it", () => {
    const passed = (f: string) => {
      const run = work(stream([1, 2, 3]), "job:3", 10);
      for (let n = 0; n < 2; n += 1) run.operation({ ...own, client: "worker-1", f }, 5, TIMED_OUT);
      return check(run);
    };
    expect(passed("xack")).toMatchObject(failsWith("job-never-delivered"));
    expect(passed("xreadgroup")).toMatchObject({ verdict: "pass", evidence: { waiting: 2 } });
    // the others' turn will come
    expect(check(work(stream([1, 2, 3]), "job:1", 10))).toMatchObject({ verdict: "pass" });
  });
});
