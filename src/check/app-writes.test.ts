import { describe, expect, it } from "vitest";
import type { ProbeExpectations, ProbeHeader } from "../model/app.ts";
import {
  ANSWERED,
  appRun,
  badUntil,
  connected,
  EVENT,
  found,
  frozen,
  ORDER,
  REFUSED,
  readBack,
  STORED,
  sends,
} from "./app/app-run.test-data.ts";
import type { Ending, HandMadeRun } from "./history.test-data.ts";
import { judge } from "./judge.ts";

const WRITES = 380; // from 100 ms to 19,100

const resultOf = (run: HandMadeRun) => judge(run.build());
const wordOf = (run: HandMadeRun) => {
  const { checks, app, accepted, verdict: whole } = resultOf(run);
  const check = checks.find(({ name }) => name === "app-writes");
  const [order] = app?.probes ?? [];
  return {
    ...{ ...check, reason: check?.evidence.reason, words: app?.words, accepted, whole },
    ...{ lost: order?.lost, duplicated: order?.duplicated },
  };
};

interface Sent {
  readonly order?: ProbeExpectations;
  readonly writes?: (atMs: number) => Ending;
  readonly reads?: (n: number) => Ending;
  readonly probes?: readonly ProbeHeader[];
  readonly servers?: Parameters<typeof frozen>[1];
}

/** Orders for 19 s, all read back in the last; the primary is frozen at 2 s and replaced. */
function orders({
  order,
  writes = () => ANSWERED,
  reads = () => found(1),
  probes,
  servers,
}: Sent = {}): HandMadeRun {
  const expected = order === undefined ? {} : { expect: { probes: { order } } };
  const run = frozen(appRun({ probes: probes ?? [ORDER, STORED], ...expected }), servers);
  sends(run, { to: 100 + WRITES * 50, ends: writes });
  return readBack(run, { atMs: 19_500, count: WRITES, ends: reads });
}

describe("a write that was acknowledged", () => {
  it("is there, once", () => {
    const run = wordOf(orders({ order: { lost: 0, duplicated: 0 } }));
    expect(run).toMatchObject({
      verdict: "pass",
      lost: 0,
      duplicated: 0,
      words: ["RECOVERED"],
      whole: "pass",
    });
    expect(run.summary).toBe("all 380 acknowledged writes of order are there, each once");
  });

  it("is lost, if it is not: with no limit as well", () => {
    const gone = wordOf(orders({ reads: (n) => found(n === 7 ? null : 1) }));
    expect(gone).toMatchObject({
      verdict: "fail",
      reason: "writes-lost",
      lost: 1,
      words: ["LOST", "RECOVERED"],
    });
    expect(gone.evidence?.lost).toEqual(["order-7"]);
  });

  it("may be lost, if the scenario says so, which is told", () => {
    const reads = (n: number) => found(n < 3 ? null : 1);
    const allowed = wordOf(orders({ order: { lost: 3 }, reads }));
    expect(allowed).toMatchObject({ verdict: "pass", lost: 3, words: ["LOST", "RECOVERED"], whole: "pass" });
    expect(allowed.accepted).toContainEqual({
      what: "lost-application-writes",
      count: 3,
      allowedBy: "expect.order.lost",
      text: "3 lost writes of order allowed by expect.order.lost",
    });
    expect(wordOf(orders({ order: { lost: 2 }, reads }))).toMatchObject({
      verdict: "fail",
      reason: "writes-lost",
    });
  });

  it("was there at first, and is gone at the end: it is lost", () => {
    const run = orders({ reads: (n) => found(n === 7 ? null : 1) });
    run.operation(
      { client: "app-1", workload: "app", f: "stored", key: "order-7", due: null },
      900,
      found(1),
    );
    expect(wordOf(run)).toMatchObject({ reason: "writes-lost", lost: 1 });
  });

  it("was done twice, by a read-back that counts", () => {
    const twice = wordOf(orders({ reads: (n) => found(n === 9 ? 2 : 1) }));
    expect(twice).toMatchObject({ verdict: "fail", reason: "writes-duplicated", duplicated: 1 });
    expect(twice.words).toEqual(["DUPLICATED", "RECOVERED"]);
    const reads = (n: number) => found(n === 9 ? 2 : 1);
    expect(wordOf(orders({ order: { duplicated: 1 }, reads }))).toMatchObject({ verdict: "pass" });
  });

  it("was done twice, as its own answer says", () => {
    const writes = (at: number): Ending => ({
      ...(ANSWERED as object),
      outcome: "ok",
      value: at === 900 ? "2" : "1",
    });
    const said = wordOf(orders({ probes: [{ ...ORDER, countsTimes: true }], writes }));
    expect(said).toMatchObject({ reason: "writes-duplicated", lost: null, duplicated: 1 });
    const read = wordOf(orders({ probes: [{ ...ORDER, countsTimes: true }, STORED], writes }));
    expect(read).toMatchObject({ reason: "writes-duplicated", lost: 0, duplicated: 1 });
  });

  it("was done twice, seen by one that does not count: nobody knows", () => {
    const probes = [ORDER, { ...STORED, countsTimes: false }];
    const seen = wordOf(orders({ probes, reads: () => found(2) }));
    expect(seen).toMatchObject({ verdict: "pass", duplicated: null });
  });
});

describe("a write without a certain answer", () => {
  const open = (at: number) => (at === 2500 ? REFUSED : ANSWERED);
  const n = (2500 - 100) / 50;

  it.each([null, 1])("may be there or not: it is neither lost nor done twice (%s)", (times) => {
    const run = orders({ writes: open, reads: (i) => found(i === n ? times : 1) });
    expect(wordOf(run)).toMatchObject({ verdict: "pass", lost: 0, duplicated: 0 });
  });

  it("is done twice, if it is there twice", () => {
    const run = wordOf(orders({ writes: open, reads: (i) => found(i === n ? 2 : 1) }));
    expect(run).toMatchObject({ reason: "writes-duplicated", duplicated: 1 });
    expect(run.summary).toContain("1 of which had not been acknowledged");
  });

  it("that was refused for certain, and is there, is told apart", () => {
    const refused = (at: number): Ending => (at === 2500 ? { outcome: "fail", error: "HTTP-400" } : ANSWERED);
    const run = wordOf(orders({ writes: refused }));
    expect(run).toMatchObject({ verdict: "pass" });
    expect(run.evidence?.notes).toEqual([
      "1 write of order that the application refused were done all the same",
    ]);
  });
});

describe("what nobody could tell", () => {
  const failed: Ending = { outcome: "info", error: "HTTP-503" };

  it("is a write whose read-back failed: it is not lost", () => {
    const run = wordOf(orders({ order: { lost: 0 }, reads: (n) => (n < 5 ? failed : found(1)) }));
    expect(run).toMatchObject({ verdict: "unknown", reason: "fates-not-told", lost: 0 });
    expect(run.summary).toMatch(
      /of 5 of 380 acknowledged writes .* \(stored: its read-back failed \(HTTP-503\)\)/,
    );
  });

  it("does not matter where as many may be lost", () => {
    const run = wordOf(orders({ order: { lost: 5 }, reads: (n) => (n < 5 ? failed : found(1)) }));
    expect(run).toMatchObject({ verdict: "pass" });
  });

  it("leaves a loss that was seen", () => {
    const reads = (n: number) => (n < 5 ? failed : found(n === 9 ? null : 1));
    expect(wordOf(orders({ reads }))).toMatchObject({
      verdict: "fail",
      lost: 1,
      words: ["LOST", "RECOVERED"],
    });
  });

  it("is what was read back before it was written, or right after it only", () => {
    const run = frozen(appRun({ probes: [ORDER, { ...STORED, when: ["during"] }] }));
    sends(run, { to: 19_000, ends: () => ANSWERED });
    for (let i = 0; i < 300; i += 1)
      run.operation(
        { client: "app-1", workload: "app", f: "stored", key: `order-${i}`, due: null },
        105 + i * 50 + (i % 2 === 0 ? 0 : 20),
        found(i < 20 ? 1 : null),
      );
    expect(wordOf(run)).toMatchObject({ verdict: "unknown", reason: "fates-not-told", lost: 0 });
  });

  it("is anything, if a read-back never found one: it may look at the wrong place", () => {
    const run = wordOf(orders({ reads: () => found(null) }));
    expect(run).toMatchObject({ verdict: "unknown", reason: "read-back-never-found", words: ["RECOVERED"] });
    const never = wordOf(orders({ reads: () => ({ outcome: "fail", error: "ECONNREFUSED" }) }));
    expect(never).toMatchObject({ verdict: "unknown", reason: "probe-never-ok" });
    expect(never.summary).toContain("380 of 380 times ECONNREFUSED");
  });

  it("is asked for without a probe that could see it: the line to add is told", () => {
    const run = wordOf(orders({ order: { lost: 0, duplicated: 0 }, probes: [ORDER] }));
    expect(run).toMatchObject({
      verdict: "unknown",
      reason: "losses-not-observable",
      lost: null,
      duplicated: null,
    });
    expect(run.evidence?.notes).toContainEqual(
      'Add a read-back: { name: stored, http: "GET /orders/{{unique}}", is: read-back, of: order }',
    );
    const probes = [ORDER, { ...STORED, countsTimes: false }];
    const blind = wordOf(orders({ order: { duplicated: 0 }, probes }));
    expect(blind).toMatchObject({ verdict: "unknown", reason: "duplicates-not-observable" });
    const read = appRun({ probes: [{ ...ORDER, is: "read" }], expect: { probes: { order: { lost: 0 } } } });
    expect(wordOf(sends(frozen(read), { to: 19_000, ends: () => ANSWERED }))).toMatchObject({
      verdict: "unknown",
      reason: "no-write-probe",
    });
  });

  it("is what was sent at another time than that of the fault", () => {
    const run = frozen(appRun({ probes: [ORDER, STORED], expect: { probes: { order: { lost: 0 } } } }));
    sends(run, { to: 1500, ends: () => ANSWERED });
    readBack(run, { atMs: 19_500, count: 28, ends: () => found(1) });
    expect(wordOf(run)).toMatchObject({ verdict: "unknown", reason: "probe-stopped" });
  });

  it("is what a drill that was cut short did not read back again", () => {
    const run = orders({ reads: (n) => found(n === 7 ? null : 1), servers: { endReason: "interrupted" } });
    expect(wordOf(run)).toMatchObject({ verdict: "unknown", lost: 0 });
  });
});

describe("the servers", () => {
  it("lost them, where they had not been replicated when the primary went: they are lost for the user", () => {
    const run = orders({ reads: (n) => found(n > 34 && n < 38 ? null : 1) }); // acknowledged from 1860 to 1960 ms
    run.watermark(1900, 1850, "primary", ["replica-1", "replica-2"]);
    const gone = wordOf(run);
    expect(gone).toMatchObject({ verdict: "fail", lost: 3 });
    expect(gone.summary).toMatch(
      /3 acknowledged before replica-1 had taken over, and not yet seen on a replica/,
    );
  });

  it("did not lose what had been replicated, or was written later", () => {
    const run = orders({ reads: (n) => found(n === 20 || n === 200 ? null : 1) });
    run.watermark(1900, 1850, "primary", ["replica-1", "replica-2"]);
    expect(wordOf(run).summary).toContain("2 which nothing explains that the servers did");
  });

  it("threw away what a superseded primary took", () => {
    const n = (5100 - 100) / 50;
    const run = orders({ reads: (i) => found(i === n ? null : 1), servers: { healAtMs: 5000 } });
    expect(wordOf(run).summary).toMatch(/1 acknowledged while primary still took writes after replica-1/);
  });
});

describe("a read-back that the old primary answered", () => {
  /** The old primary woke at 18 s, and is a replica only after the read-backs. */
  const woken = (connections: number | null) => {
    const run = frozen(appRun({ probes: [ORDER, STORED] }));
    run.node(18_000, "primary", "reachable", "yes").node(18_000, "primary", "role", "primary");
    sends(run, { to: 19_000, ends: () => ANSWERED });
    readBack(run, { atMs: 19_500, count: 378, ends: () => found(1) });
    return connected(run, 19_900, "primary", connections, { role: "primary" });
  };

  it("proves nothing: what stands there is thrown away", () => {
    const seen = wordOf(woken(1));
    expect(seen).toMatchObject({ verdict: "unknown", reason: "fates-not-told", lost: 0 });
    expect(seen.summary).toContain("it was read back while primary still answered, in whose place replica-1");
    expect(seen.evidence?.notes).toContainEqual(
      expect.stringContaining("until the old primary is a replica"),
    );
  });

  it("did not come from there, where no connection of the application was", () => {
    expect(wordOf(woken(0))).toMatchObject({ verdict: "pass" });
  });
});

describe("deliveries", () => {
  /** Each order is delivered so often, after 30 ms. */
  function delivering(times: (n: number) => number, order?: Sent["order"], ends = badUntil(0)): HandMadeRun {
    const expected = order === undefined ? {} : { expect: { probes: { order } } };
    const run = frozen(appRun({ probes: [ORDER, EVENT], ...expected }));
    sends(run, { to: 100 + WRITES * 50, ends });
    for (let n = 0; n < WRITES; n += 1)
      for (let i = 0; i < times(n); i += 1) {
        const at = 140 + n * 50 + i;
        run.observe(at, "app-delivered", {
          probe: "event",
          instance: "app-1",
          at: at * 1e6,
          id: `order-${n}`,
        });
      }
    return run;
  }

  it("tell of each write how often it was done", () => {
    expect(wordOf(delivering(() => 1, { lost: 0, duplicated: 0 }))).toMatchObject({
      verdict: "pass",
      whole: "pass",
    });
    expect(wordOf(delivering((n) => (n === 50 ? 0 : 1)))).toMatchObject({ reason: "writes-lost", lost: 1 });
    expect(wordOf(delivering((n) => (n === 50 ? 2 : 1)))).toMatchObject({ reason: "writes-duplicated" });
  });

  it("may come a little later than the drill goes on", () => {
    const run = delivering((n) => (n >= WRITES - 3 ? 0 : 1));
    expect(wordOf(run)).toMatchObject({ verdict: "unknown", reason: "fates-not-told", lost: 0 });
  });

  it("that never came say nothing: the expression may be wrong", () => {
    expect(wordOf(delivering(() => 0))).toMatchObject({ verdict: "unknown", lost: 0 });
  });
});
