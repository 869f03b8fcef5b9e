import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Expectations } from "../model/event.ts";
import { covered } from "./coverage.ts";
import { factsOf } from "./facts.ts";
import { type HandMadeRun, haRun } from "./history.test-data.ts";
import { staleReads } from "./stale-reads.ts";

const judged = (run: HandMadeRun) => covered(staleReads, factsOf(run.end(100_000).build()));
const check = (run: HandMadeRun) => staleReads.check(factsOf(run.end(100_000).build()));

interface Write {
  readonly atMs: number;
  readonly afterMs?: number;
  readonly value?: string;
  readonly outcome?: "ok" | "info" | "fail";
  readonly client?: string;
  readonly key?: string;
}

interface Read {
  readonly atMs: number;
  readonly value: string | null;
  readonly client?: string;
  readonly key?: string;
  readonly node?: string;
  readonly outcome?: "ok" | "info";
}

function runOf(
  writes: readonly Write[],
  reads: readonly Read[],
  staleness?: Expectations["staleness"],
): HandMadeRun {
  const run = haRun({ expect: { ...(staleness && { staleness }) } });
  for (const { atMs, afterMs = 1, value, outcome = "ok", client = "stale-writer", key = "k" } of writes) {
    const start = { client, workload: "stale-reads", f: "write", key, value, shared: true } as const;
    run.operation(start, atMs, { outcome, afterMs, ...(outcome !== "ok" && { error: outcome }) });
  }
  for (const {
    atMs,
    value,
    client = "stale-reader-1",
    key = "k",
    node = "replica-1",
    outcome = "ok",
  } of reads) {
    const start = { client, workload: "stale-reads", f: "read-replica", key } as const;
    run.operation(
      start,
      atMs,
      outcome === "ok" ? { outcome, afterMs: 1, value, node } : { outcome, error: "lost" },
    );
  }
  return run;
}

/** v1 at 100 ms, v2 at 200 and so on, each acknowledged a millisecond later. */
const versions = (count: number): Write[] =>
  Array.from({ length: count }, (_, n) => ({ atMs: 100 * (n + 1), value: `v${n + 1}` }));

describe("stale-reads", () => {
  it("measures each read from the newest version that had been acknowledged when it was sent", () => {
    const found = check(
      runOf(versions(3), [
        { atMs: 50, value: null },
        { atMs: 150, value: "v1" },
        { atMs: 250, value: "v1", node: "replica-2" }, // v2 was acknowledged at 201: stale for 49 ms
        { atMs: 350, value: "v1", node: "replica-2" }, // v2, v3: for 149 ms since v2
        { atMs: 360, value: "v3" },
      ]),
    );
    expect(found).toMatchObject({
      verdict: "pass",
      summary: expect.stringContaining("5 replica reads, 99% within 149 ms (2 versions), the stalest 149 ms"),
      evidence: {
        reads: { measured: 5, stale: 2, unanswered: 0, ofUnknownTime: 0 },
        staleness: { versions: { p50: 0, p99: 2, max: 2 }, ms: { p50: 0, p99: 149, max: 149 } },
        tables: [
          {},
          {
            rows: [
              ["replica-1", 3, 0, "0 ms", 0, 0],
              ["replica-2", 2, 2, "149 ms", 0, 0],
            ],
          },
        ],
      },
    });
  });

  it(
    "does not count a version that was not yet acknowledged when the read was sent, nor one refused " +
      "or unknown",
    () => {
      const writes: Write[] = [
        { atMs: 100, value: "v1" },
        { atMs: 200, value: "v2", afterMs: 100 },
        { atMs: 400, value: "v3", outcome: "fail" },
        { atMs: 500, value: "v4", outcome: "info" },
      ];
      const reads = [
        { atMs: 250, value: "v1" },
        { atMs: 260, value: "v2" },
        { atMs: 600, value: "v2" },
      ];
      expect(check(runOf(writes, reads))).toMatchObject({ evidence: { reads: { measured: 3, stale: 0 } } });
    },
  );

  it("measures nothing by a version of which nobody knows when it took effect", () => {
    const writes: Write[] = [
      { atMs: 100, value: "v1", outcome: "info" },
      { atMs: 200, value: "v2" },
    ];
    // v1 may have overtaken v2, and be the newer one.
    const reads = [
      { atMs: 300, value: "v2" },
      { atMs: 400, value: "v1" },
    ];
    expect(check(runOf(writes, reads))).toMatchObject({
      verdict: "pass",
      evidence: { reads: { measured: 1, ofUnknownTime: 1 }, monotonicReads: { violations: 0 } },
    });
    const back = [
      { atMs: 150, value: "v1" },
      { atMs: 160, value: null },
    ];
    expect(check(runOf(writes, back))).toMatchObject({ evidence: { monotonicReads: { violations: 1 } } });
  });

  it.each<[reason: string, what: string, writes: Write[], reads: Read[]]>([
    ["never-written", "a value that nobody wrote", versions(1), [{ atMs: 150, value: "v9" }]],
    ["never-written", "a value of another key", versions(1), [{ atMs: 150, value: "v1", key: "other" }]],
    ["never-written", "a value from the future", versions(2), [{ atMs: 150, value: "v2" }]],
    [
      "phantom-writes",
      "a value that was refused",
      [{ atMs: 1, value: "v1", outcome: "fail" }],
      [{ atMs: 9, value: "v1" }],
    ],
  ])("%s: fails for %s, whatever is expected", (reason, _what, writes, reads) => {
    const [{ value } = { value: "" }] = reads;
    expect(check(runOf(writes, reads))).toMatchObject({
      verdict: "fail",
      evidence: { reason, values: [{ session: "stale-reader-1", value, node: "replica-1" }] },
    });
  });

  it("fails above the limits that are set, and passes at them", () => {
    const run = (staleness: Expectations["staleness"]) =>
      check(runOf(versions(3), [{ atMs: 350, value: "v1" }], staleness));
    expect(run({ maxVersions: 2, maxMs: 149, p99Ms: 149 }).verdict).toBe("pass");
    for (const staleness of [{ maxVersions: 1 }, { maxMs: 148 }, { p99Ms: 148 }]) {
      expect(run(staleness)).toMatchObject({ verdict: "fail", evidence: { reason: "too-stale" } });
    }
    expect(run({ maxMs: 100 }).summary).toMatch(/: stalest read 149 ms, at most 100 ms expected$/);
  });

  it("tells a read that goes back within a session, and fails for it if reads must be monotonic", () => {
    const reads = [
      { atMs: 250, value: "v2" },
      { atMs: 260, value: "v1", node: "replica-2" },
      { atMs: 270, value: "v1", client: "stale-reader-2" }, // its first
      { atMs: 280, value: "v2", node: "replica-2" },
      { atMs: 290, value: null, node: "replica-2" },
    ];
    const wanted = {
      violations: 2,
      sessions: 1,
      first: [
        { session: "stale-reader-1", key: "k", knew: 2, read: 1, atMs: 261, node: "replica-2" },
        { session: "stale-reader-1", key: "k", knew: 2, read: 0, atMs: 291, node: "replica-2" },
      ],
    };
    expect(check(runOf(versions(2), reads))).toMatchObject({
      verdict: "pass",
      evidence: { monotonicReads: wanted },
    });
    const found = check(runOf(versions(2), reads, { monotonicReads: true, readYourWrites: true }));
    expect(found).toMatchObject({
      verdict: "fail",
      summary: "2 reads went back: stale-reader-1 knew version 2 of k, and read 1 from replica-2 at 261 ms",
      evidence: { reason: "non-monotonic-reads", monotonicReads: wanted },
    });
  });

  it("tells a read that misses a write of its own session, and fails for it if a session must see its own", () => {
    const writes = versions(2).map((write) => ({ ...write, client: "stale-reader-1" }));
    const reads = [
      { atMs: 210, value: "v1" },
      { atMs: 220, value: "v1", client: "stale-reader-2" }, // not its own
      { atMs: 230, value: "v2" },
    ];
    const readYourWrites = { violations: 1, sessions: 1, first: [{ knew: 2, read: 1, atMs: 211 }] };
    expect(check(runOf(writes, reads))).toMatchObject({ verdict: "pass", evidence: { readYourWrites } });
    expect(check(runOf(writes, reads, { monotonicReads: true, readYourWrites: true }))).toMatchObject({
      verdict: "fail",
      evidence: { reason: "own-writes-unread", readYourWrites },
    });
    const unknownEnd = writes.map((write) => ({ ...write, outcome: "info" as const }));
    expect(check(runOf(unknownEnd, [{ atMs: 210, value: null }]))).toMatchObject({
      evidence: { readYourWrites: { violations: 0 } },
    });
  });

  it("is unknown where nothing was answered, or nothing was read though something is expected", () => {
    const notMeasured = { verdict: "unknown", evidence: { reason: "not-measured" } };
    expect(judged(runOf(versions(1), [{ atMs: 200, value: null, outcome: "info" }]))).toMatchObject(
      notMeasured,
    );
    expect(judged(runOf([], [], { maxMs: 100 }))).toMatchObject(notMeasured);
    expect(staleReads.applies(factsOf(runOf([], [], { maxMs: 100 }).build()))).toBe(true);
    expect(staleReads.applies(factsOf(runOf([], []).build()))).toBe(false);
  });
});

describe("any legal run", () => {
  /** Writes of one session, one after the other, and reads of a replica that lags behind by a time of its own. */
  const made = fc.record({
    writes: fc.array(
      fc.record({
        pauseMs: fc.integer({ min: 1, max: 30 }),
        afterMs: fc.integer({ min: 1, max: 20 }),
        end: fc.constantFrom("ok", "ok", "ok", "ok", "fail", "info done", "info not done"),
      }),
      { minLength: 1, maxLength: 30 },
    ),
    reads: fc.array(
      fc.record({
        atMs: fc.integer({ min: 0, max: 1500 }),
        replica: fc.integer({ min: 0, max: 2 }),
        session: fc.integer({ min: 1, max: 2 }),
      }),
      { minLength: 1, maxLength: 30 },
    ),
    lagsMs: fc.array(fc.integer({ min: 0, max: 300 }), { minLength: 3, maxLength: 3 }),
  });
  type Made = typeof made extends fc.Arbitrary<infer T> ? T : never;

  const playedBy = ({ writes, reads, lagsMs }: Made): { writes: Write[]; reads: Read[] } => {
    let now = 0;
    const sent = writes.map(({ pauseMs, afterMs, end }, n): Write => {
      now += pauseMs;
      const write = {
        atMs: now,
        afterMs,
        value: `v${n + 1}`,
        outcome: end.split(" ")[0] as "ok" | "info" | "fail",
      };
      now += afterMs;
      return write;
    });
    const done = sent.filter((_, n) => writes[n]?.end === "ok" || writes[n]?.end === "info done");
    const answers = [...reads]
      .sort((a, b) => a.atMs - b.atMs)
      .map(({ atMs, replica, session }): Read => {
        const seen = done.filter((write) => write.atMs + (lagsMs[replica] ?? 0) <= atMs).at(-1);
        return {
          atMs,
          value: seen?.value ?? null,
          client: `stale-reader-${session}`,
          node: `replica-${replica}`,
        };
      });
    return { writes: sent, reads: answers };
  };

  it("passes, and measures what a slow calculation measures", () => {
    fc.assert(
      fc.property(made, (given) => {
        const { writes, reads } = playedBy(given);
        const found = check(runOf(writes, reads));
        const slow = bySlowCalculation(writes, reads);
        fc.pre(slow.measured > 0);
        expect(found).toMatchObject({
          verdict: "pass",
          evidence: {
            reads: { measured: slow.measured, stale: slow.stale },
            staleness: { versions: { max: slow.mostMissed }, ms: { max: expect.closeTo(slow.stalestMs, 0) } },
            monotonicReads: { violations: slow.wentBack },
          },
        });
      }),
    );
  });

  it("cannot be staler than its replicas lag", () => {
    fc.assert(
      fc.property(made, (given) => {
        const { writes, reads } = playedBy(given);
        const certain = writes.map((write) => ({ ...write, outcome: "ok" as const }));
        const lagMs = Math.max(...given.lagsMs);
        const all = { ...given, writes: given.writes.map((write) => ({ ...write, end: "ok" as const })) };
        expect(check(runOf(certain, playedBy(all).reads, { maxMs: lagMs })).verdict).toBe("pass");
        expect(reads.length).toBe(given.reads.length);
      }),
    );
  });

  it("fails once one answer is replaced by a value of another key, or by one not sent yet", () => {
    fc.assert(
      fc.property(made, fc.nat(), fc.boolean(), (given, choice, foreign) => {
        const { writes, reads } = playedBy(given);
        const at = choice % reads.length;
        const later = writes.find((write) => write.atMs > (reads[at]?.atMs ?? 0) + 1)?.value;
        fc.pre(foreign || later !== undefined);
        const mutated = reads.with(at, {
          ...(reads[at] as Read),
          value: foreign ? "v1-of-another" : (later as string),
        });
        expect(check(runOf(writes, mutated))).toMatchObject({
          verdict: "fail",
          evidence: { reason: "never-written" },
        });
      }),
    );
  });

  /** The same from the definitions, read by read and write by write. */
  function bySlowCalculation(writes: readonly Write[], reads: readonly Read[]) {
    const found = { measured: 0, stale: 0, mostMissed: 0, stalestMs: 0, wentBack: 0 };
    reads.forEach((read, at) => {
      const number = (value: string | null) => writes.findIndex((write) => write.value === value);
      const own = number(read.value);
      if (writes[own]?.outcome === "info") return;
      found.measured += 1;
      const missed = writes.filter(
        ({ outcome, atMs, afterMs = 1 }, n) => n > own && outcome === "ok" && atMs + afterMs < read.atMs,
      );
      const [first] = missed;
      if (first) {
        found.stale += 1;
        found.mostMissed = Math.max(found.mostMissed, missed.length);
        found.stalestMs = Math.max(found.stalestMs, read.atMs - first.atMs - (first.afterMs ?? 1));
      }
      const before = reads.slice(0, at).filter(({ client }) => client === read.client);
      if (before.some(({ value }) => number(value) > own)) found.wentBack += 1;
    });
    return found;
  }
});
