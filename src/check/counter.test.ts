import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { counter } from "./counter.ts";
import { factsOf } from "./facts.ts";
import {
  clusterFailover,
  type FinalValue,
  type HandMadeRun,
  haFailoverWithoutLoad,
  haRun,
} from "./history.test-data.ts";
import {
  choices,
  endings,
  interleavings,
  legalOrders,
  type SmallOperation,
} from "./small-histories.test-data.ts";

const check = (run: HandMadeRun) => counter.check(factsOf(run.build()));

interface Increment {
  readonly atMs: number;
  readonly afterMs?: number;
  readonly client?: string;
  readonly outcome?: "ok" | "info" | "fail";
  readonly reply?: number | string;
  readonly attempts?: number;
  readonly key?: string;
  readonly node?: string;
}

function increment(run: HandMadeRun, given: Increment): HandMadeRun {
  const { atMs, afterMs = 1, client = "counter-1", outcome = "ok", reply, attempts, node, key = "c" } = given;
  return run.operation({ client, workload: "counter", f: "incr", key, shared: true }, atMs, {
    outcome,
    afterMs,
    attempts,
    node,
    ...(reply !== undefined && { value: `${reply}` }),
    ...(outcome !== "ok" && { error: outcome }),
  });
}

function runOf(increments: readonly Increment[], final: FinalValue, run = haRun()): HandMadeRun {
  for (const one of increments) increment(run, one);
  return run.finally("c", final).end(9000);
}

/** One after the other, each told the next count. */
const inTurn = (count: number): Increment[] =>
  Array.from({ length: count }, (_, n) => ({ atMs: 10 * (n + 1), reply: n + 1 }));
const TIMED_OUT = { outcome: "info", afterMs: 500 } as const;

describe("counter", () => {
  it("passes if every acknowledged increment was counted, once", () => {
    const found = check(runOf([...inTurn(3), { atMs: 40, outcome: "fail" }], "3"));
    expect(found).toMatchObject({
      verdict: "pass",
      summary: "all 3 increments acknowledged on 1 counter were counted, none twice; 0 ended unknown",
      evidence: { missing: 0, tables: [{ rows: [["c", 3, 0, 1, "3", 0]] }] },
    });
  });

  it("lets an increment of unknown end be counted, or not, early or late", () => {
    const late: Increment = { atMs: 5, ...TIMED_OUT };
    expect(check(runOf([late, ...inTurn(2)], "2")).verdict).toBe("pass");
    expect(check(runOf([late, ...inTurn(2)], "3")).verdict).toBe("pass");
    expect(check(runOf([late, { atMs: 600, reply: 2 }], "2")).verdict).toBe("pass");
    expect(check(runOf([late, { atMs: 6, reply: 1 }, { atMs: 700, reply: 3 }], "3")).verdict).toBe("pass");
    expect(check(runOf([late], null)).verdict).toBe("pass");
  });

  it.each<[reason: string, what: string, increments: Increment[], final: FinalValue]>([
    ["counted-twice", "a final count above all that was sent", inTurn(3), "4"],
    [
      "counted-twice",
      "a refused increment that was done",
      [...inTurn(2), { atMs: 90, outcome: "fail" }],
      "3",
    ],
    [
      "counted-twice",
      "a count reached before so many increments had been sent",
      [
        { atMs: 10, reply: 2 },
        { atMs: 50, ...TIMED_OUT },
      ],
      "2",
    ],
    ["acknowledged-increments-lost", "a final count below what was acknowledged", inTurn(3), "2"],
    ["acknowledged-increments-lost", "a counter that is gone", inTurn(3), null],
    [
      "acknowledged-increments-lost",
      "a reply above the final count, though unknown ones would make up the number",
      [
        { atMs: 5, ...TIMED_OUT },
        { atMs: 6, ...TIMED_OUT },
        { atMs: 600, reply: 3 },
      ],
      "2",
    ],
    [
      "went-back",
      "the same count told twice",
      [...inTurn(2), { atMs: 90, reply: 2 }, { atMs: 5, ...TIMED_OUT }],
      "3",
    ],
    [
      "went-back",
      "the same count told to two at the same time",
      [
        { atMs: 10, afterMs: 9, reply: 1 },
        { atMs: 12, reply: 1 },
      ],
      "2",
    ],
    [
      "went-back",
      "a lower count told later",
      [
        { atMs: 10, reply: 2 },
        { atMs: 20, reply: 1 },
      ],
      "2",
    ],
    ["not-a-counter", "a value that is no number", inTurn(1), "unique-17"],
    ["not-a-counter", "a value below zero", inTurn(1), "-1"],
    ["not-a-counter", "an answer that is no number", [{ atMs: 10, reply: "OK" }], "1"],
  ])("%s: fails for %s", (reason, _what, increments, final) => {
    expect(check(runOf(increments, final))).toMatchObject({
      verdict: "fail",
      evidence: { reason, keys: ["c"] },
    });
  });

  it("tells which counts went back, and who was told them", () => {
    const run = runOf(
      [
        { atMs: 10, reply: 2 },
        { atMs: 20, reply: 1, client: "counter-2" },
      ],
      "2",
    );
    expect(check(run).summary).toBe(
      "c went back: counter-1 was told 2 at 11 ms, counter-2 was told 1 at 21 ms",
    );
  });

  it("names the retry that counted twice", () => {
    const run = runOf([{ atMs: 10, reply: 2, attempts: 2 }], "2");
    expect(check(run)).toMatchObject({
      evidence: { reason: "counted-twice", notes: [expect.stringMatching(/^1 increment sent again/)] },
    });
  });

  it("is unknown if a counter could not be read, or was never read, and nothing else is known to be wrong", () => {
    expect(check(runOf(inTurn(2), undefined))).toMatchObject({
      verdict: "unknown",
      evidence: { reason: "keys-unread", keys: ["c"] },
    });
    const neverRead = increment(haRun(), { atMs: 10, reply: 1 }).end(20);
    expect(check(neverRead)).toMatchObject({ verdict: "unknown", evidence: { reason: "keys-unread" } });
    const lower = [
      { atMs: 10, reply: 2 },
      { atMs: 20, reply: 1 },
    ];
    expect(check(runOf(lower, undefined))).toMatchObject({ evidence: { reason: "went-back" } });
  });

  it("judges each counter by itself", () => {
    const run = increment(runOf(inTurn(2), "2"), { atMs: 50, key: "d", reply: 1 }).finally("d", "0");
    expect(check(run)).toMatchObject({
      evidence: { reason: "acknowledged-increments-lost", keys: ["d"], missing: 1 },
    });
  });

  it("is not judged where no counter was counted", () => {
    expect(counter.applies(factsOf(haRun().probe({ from: 0, to: 100 }).end(200).build()))).toBe(false);
  });
});

describe("when the primary was lost", () => {
  // Killed at 2000 ms; what had been acknowledged by 1980 was on both replicas.
  const early = [
    { atMs: 1000, reply: 1 },
    { atMs: 1100, reply: 2 },
  ];
  const last = [
    { atMs: 1985, reply: 3 },
    { atMs: 1990, reply: 4 },
  ];
  const after = { atMs: 4000, reply: 3 };
  const lost = (
    final: string,
    { more = [] as Increment[], lostAcknowledgedWrites = "replicated" as "replicated" | number } = {},
  ) =>
    check(
      runOf(
        [...early, ...last, ...more],
        final,
        haFailoverWithoutLoad({ expect: { lostAcknowledgedWrites } }).watermark(1990, 1980, "primary", [
          "replica-1",
          "replica-2",
        ]),
      ),
    );

  it("the increments that no replica had seen may be gone, and are told", () => {
    expect(lost("2")).toMatchObject({
      verdict: "pass",
      summary: expect.stringMatching(
        /^at least 2 of 4 increments .* are gone: acknowledged just before the loss/,
      ),
      evidence: { missing: 2 },
    });
    expect(lost("3", { more: [after] }).verdict).toBe("pass");
    expect(lost("4").verdict).toBe("pass");
  });

  it("but not one that a replica had seen", () => {
    expect(lost("1")).toMatchObject({
      verdict: "fail",
      evidence: { reason: "replicated-increments-lost", missing: 3 },
    });
  });

  it("nor one that was acknowledged afterwards", () => {
    const more = [after, { atMs: 4100, reply: 4 }];
    expect(lost("3", { more })).toMatchObject({ evidence: { reason: "acknowledged-increments-lost" } });
  });

  it("and a count may go back to what the replicas had, no further", () => {
    expect(lost("5", { more: [{ atMs: 4000, reply: 2 }] })).toMatchObject({
      evidence: { reason: "went-back" },
    });
  });

  it("and what a primary took that another had replaced is gone without excuse, and is named", () => {
    // Started again at 4995, it calls itself primary until 5500; replica-1 was promoted at 3400.
    const more = [{ atMs: 5200, reply: 5, node: "primary" }];
    expect(lost("4", { more })).toMatchObject({
      verdict: "fail",
      evidence: {
        reason: "acknowledged-increments-lost",
        notes: [
          "1 increment acknowledged by primary after replica-1 had taken its place: gone once primary follows " +
            "replica-1",
        ],
      },
    });
  });

  it("and nothing is counted twice by it", () => {
    expect(lost("5")).toMatchObject({ evidence: { reason: "counted-twice" } });
  });

  it("at most so many may be gone as the scenario says", () => {
    expect(lost("2", { lostAcknowledgedWrites: 2 }).verdict).toBe("pass");
    expect(lost("2", { lostAcknowledgedWrites: 1 })).toMatchObject({
      verdict: "fail",
      evidence: { reason: "acknowledged-increments-lost", missing: 2 },
    });
    expect(lost("3", { lostAcknowledgedWrites: 0 })).toMatchObject({
      evidence: { reason: "acknowledged-increments-lost", missing: 1 },
    });
    expect(lost("1", { lostAcknowledgedWrites: 9 })).toMatchObject({
      evidence: { reason: "replicated-increments-lost" },
    });
  });

  it("of another shard, nothing is excused", () => {
    const run = (key: string) =>
      increment(clusterFailover(), { atMs: 1990, key, reply: 1 }).finally(key, null);
    expect(check(run("{b}:c")).verdict).toBe("pass"); // shard 1, whose primary was killed at 2000 ms
    expect(check(run("{c}:c"))).toMatchObject({ evidence: { reason: "acknowledged-increments-lost" } });
  });
});

describe("against a checker that tries everything", () => {
  const runOfSmall = (operations: readonly SmallOperation[], final: number) =>
    runOf(
      operations.map(({ invokedAt, completedAt, outcome, reply }) => ({
        atMs: invokedAt,
        afterMs: completedAt - invokedAt,
        outcome,
        reply,
      })),
      `${final}`,
    );

  it.each([1, 2, 3])("it agrees on every history of %i increments", { timeout: 60_000 }, (count) => {
    let legal = 0;
    let illegal = 0;
    for (const times of interleavings(count)) {
      for (const ends of choices(endings(count + 1), count)) {
        const operations = times.map((time, n) => ({ ...time, ...ends[n] }) as SmallOperation);
        const lengths = new Set(legalOrders(operations).map(({ length }) => length));
        for (let final = 0; final <= count + 1; final += 1) {
          const accepted = check(runOfSmall(operations, final)).verdict === "pass";
          if (accepted !== lengths.has(final)) expect.fail(JSON.stringify({ operations, final, accepted }));
          if (accepted) legal += 1;
          else illegal += 1;
        }
      }
    }
    expect(Math.min(legal, illegal)).toBeGreaterThan(0);
  });

  it("and on longer ones", () => {
    const operation = fc.record({
      atMs: fc.integer({ min: 1, max: 40 }),
      afterMs: fc.integer({ min: 1, max: 20 }),
      outcome: fc.constantFrom("ok", "ok", "ok", "info", "fail"),
      reply: fc.integer({ min: 1, max: 5 }),
    });
    fc.assert(
      fc.property(fc.array(operation, { minLength: 4, maxLength: 6 }), fc.nat({ max: 6 }), (made, final) => {
        const operations = made.map(
          ({ atMs, afterMs, outcome, reply }, n): SmallOperation => ({
            name: `${n}`,
            invokedAt: atMs,
            completedAt: atMs + afterMs,
            outcome: outcome as SmallOperation["outcome"],
            reply,
          }),
        );
        const legal = legalOrders(operations).some(({ length }) => length === final);
        expect(check(runOfSmall(operations, final)).verdict === "pass").toBe(legal);
      }),
      { numRuns: 1000 },
    );
  });
});

describe("any legal run", () => {
  /** Increments of one counter that does one thing at a time, at `doneAtMs`; the end of some is not known. */
  const increments = fc.array(
    fc.record({
      atMs: fc.integer({ min: 0, max: 3000 }),
      untilDoneMs: fc.integer({ min: 0, max: 50 }),
      afterMs: fc.integer({ min: 1, max: 50 }),
      end: fc.constantFrom("ok", "ok", "ok", "info done", "info done late", "info not done", "fail"),
    }),
    { minLength: 1, maxLength: 60 },
  );
  type Made = (typeof increments extends fc.Arbitrary<infer T> ? T : never)[number];

  const playedBy = (made: readonly Made[]): { increments: Increment[]; final: number } => {
    const doneAt = ({ atMs, untilDoneMs, afterMs, end }: Made) =>
      end === "info done late" ? atMs + afterMs + 1000 : atMs + Math.min(untilDoneMs, afterMs - 0.5);
    let final = 0;
    const played = made
      .map((one) => ({ one, doneAt: doneAt(one) }))
      .sort((a, b) => a.doneAt - b.doneAt)
      .map(({ one: { atMs, afterMs, end } }): Increment => {
        if (end !== "fail" && end !== "info not done") final += 1;
        const outcome = end.split(" ")[0] as "ok" | "info" | "fail";
        return { atMs, afterMs, outcome, ...(outcome === "ok" && { reply: final }) };
      });
    return { increments: played, final };
  };

  it("passes", () => {
    fc.assert(
      fc.property(increments, (made) => {
        const { increments, final } = playedBy(made);
        expect(check(runOf(increments, `${final}`))).toMatchObject({ verdict: "pass" });
      }),
    );
  });

  const certain = increments
    .map((made) => made.filter(({ end }) => end === "ok"))
    .filter(({ length }) => length > 0);

  it.each<[what: string, mutate: (one: Increment, from: number) => Increment | undefined, by: number]>([
    [
      "lost one increment",
      (one, from) => ((one.reply as number) > from ? { ...one, reply: (one.reply as number) - 1 } : one),
      -1,
    ],
    [
      "counted one twice",
      (one, from) => ((one.reply as number) >= from ? { ...one, reply: (one.reply as number) + 1 } : one),
      1,
    ],
    ["told one a count too high", (one, from) => (one.reply === from ? { ...one, reply: from + 1 } : one), 0],
    ["told one a count too low", (one, from) => (one.reply === from ? { ...one, reply: from - 1 } : one), 0],
  ])("fails once it has %s", (_what, mutate, by) => {
    fc.assert(
      fc.property(certain, fc.nat(), (made, choice) => {
        const { increments, final } = playedBy(made);
        const from = (choice % final) + 1;
        const mutated = increments.flatMap((one) => mutate(one, from) ?? []);
        expect(check(runOf(mutated, `${final + by}`)).verdict).toBe("fail");
      }),
    );
  });
});
