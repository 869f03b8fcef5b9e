import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { append } from "./append.ts";
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

const check = (run: HandMadeRun) => append.check(factsOf(run.build()));

interface Append {
  readonly element: string;
  readonly atMs: number;
  readonly afterMs?: number;
  readonly client?: string;
  readonly outcome?: "ok" | "info" | "fail";
  readonly place?: number | string;
  readonly attempts?: number;
  readonly key?: string;
}

function appended(run: HandMadeRun, given: Append): HandMadeRun {
  const {
    element,
    atMs,
    afterMs = 1,
    client = "append-1",
    outcome = "ok",
    place,
    attempts,
    key = "l",
  } = given;
  return run.operation({ client, workload: "append", f: "append", key, value: element, shared: true }, atMs, {
    outcome,
    afterMs,
    attempts,
    ...(place !== undefined && { value: `${place}` }),
    ...(outcome !== "ok" && { error: outcome }),
  });
}

function runOf(appends: readonly Append[], final: FinalValue, run = haRun()): HandMadeRun {
  for (const one of appends) appended(run, one);
  return run.finally("l", final).end(9000);
}

/** One after the other, each told the next place. */
const inTurn = (...elements: string[]): Append[] =>
  elements.map((element, n) => ({ element, atMs: 10 * (n + 1), place: n + 1 }));
const TIMED_OUT = { outcome: "info", afterMs: 500 } as const;

describe("append", () => {
  it("passes if every acknowledged element is there, once and in order", () => {
    const run = runOf(
      [...inTurn("a", "b", "c"), { element: "d", atMs: 90, outcome: "fail" }],
      ["a", "b", "c"],
    );
    expect(check(run)).toMatchObject({
      verdict: "pass",
      summary: "all 3 elements acknowledged on 1 list are there, once and in order; 0 ended unknown",
      evidence: { missing: 0, tables: [{ rows: [["l", 3, 0, 1, 3, 0]] }] },
    });
  });

  it("lets an element of unknown end be there once, early or late, or not", () => {
    const late: Append = { element: "x", atMs: 5, ...TIMED_OUT };
    const [a, b] = inTurn("a", "b") as [Append, Append];
    expect(check(runOf([late, a, b], ["a", "b"])).verdict).toBe("pass");
    expect(check(runOf([late, a, b], ["a", "b", "x"])).verdict).toBe("pass");
    expect(check(runOf([late, { ...a, place: 2 }, { ...b, place: 3 }], ["x", "a", "b"])).verdict).toBe(
      "pass",
    );
    expect(check(runOf([late], [])).verdict).toBe("pass");
    expect(check(runOf([late], ["x", "x"]))).toMatchObject({ evidence: { reason: "duplicated-elements" } });
  });

  it.each<[reason: string, what: string, appends: Append[], final: string[], elements: string[]]>([
    ["acknowledged-elements-lost", "an element that is gone", inTurn("a", "b", "c"), ["a", "c"], ["b"]],
    ["acknowledged-elements-lost", "a list that is gone", inTurn("a", "b"), [], ["a", "b"]],
    ["duplicated-elements", "an element that is there twice", inTurn("a", "b"), ["a", "b", "b"], ["b"]],
    [
      "phantom-elements",
      "a refused element that is there",
      [...inTurn("a"), { element: "b", atMs: 90, outcome: "fail" }],
      ["a", "b"],
      ["b"],
    ],
    ["foreign-elements", "an element that nobody appended", inTurn("a"), ["a", "z"], ["z"]],
    ["reordered-elements", "a session's own order turned round", inTurn("a", "b"), ["b", "a"], ["b", "a"]],
    [
      "reordered-elements",
      "an element of another session, sent later, that stands before",
      [
        { element: "a", atMs: 10, place: 2 },
        { element: "b", atMs: 20, place: 1, client: "append-2" },
      ],
      ["b", "a"],
      ["b", "a"],
    ],
    [
      "reordered-elements",
      "an element of unknown end before one that was there when it was sent",
      [
        { element: "a", atMs: 10, place: 1 },
        { element: "x", atMs: 20, ...TIMED_OUT },
      ],
      ["x", "a"],
      ["x", "a"],
    ],
    [
      "misplaced-elements",
      "two at the same time that stand the other way round than they were told",
      [
        { element: "a", atMs: 10, afterMs: 9, place: 1 },
        { element: "b", atMs: 12, place: 2, client: "append-2" },
      ],
      ["b", "a"],
      ["b"],
    ],
  ])("%s: fails for %s", (reason, _what, appends, final, elements) => {
    expect(check(runOf(appends, final))).toMatchObject({
      verdict: "fail",
      evidence: { reason, keys: ["l"], elements },
    });
  });

  it("tells what stands before what", () => {
    expect(check(runOf(inTurn("a", "b"), ["b", "a"])).summary).toBe(
      "l: b stands before a, which was acknowledged at 11 ms, before the other was sent",
    );
  });

  it("names the retry that appended twice", () => {
    const run = runOf([{ element: "a", atMs: 10, place: 2, attempts: 3 }], ["a", "a"]);
    expect(check(run)).toMatchObject({
      evidence: { reason: "duplicated-elements", notes: [expect.stringMatching(/^1 append sent again/)] },
    });
  });

  it("is unknown if a list could not be read, or was never read", () => {
    const unknown = { verdict: "unknown", evidence: { reason: "keys-unread", keys: ["l"] } };
    expect(check(runOf(inTurn("a"), undefined))).toMatchObject(unknown);
    expect(check(appended(haRun(), { element: "a", atMs: 10, place: 1 }).end(20))).toMatchObject(unknown);
  });

  it("judges each list by itself", () => {
    const run = appended(runOf(inTurn("a"), ["a"]), { element: "b", key: "m", atMs: 50, place: 1 }).finally(
      "m",
      [],
    );
    expect(check(run)).toMatchObject({
      evidence: { reason: "acknowledged-elements-lost", keys: ["m"], missing: 1 },
    });
    run.finally("m", ["a"]); // it stands in the other list
    expect(check(run)).toMatchObject({ evidence: { reason: "foreign-elements", keys: ["m"] } });
  });

  it("is not judged where nothing was appended", () => {
    expect(append.applies(factsOf(haRun().probe({ from: 0, to: 100 }).end(200).build()))).toBe(false);
  });
});

describe("when the primary was lost", () => {
  // Killed at 2000 ms; what had been acknowledged by 1980 was on both replicas.
  const appends: Append[] = [
    { element: "a", atMs: 1000, place: 1 },
    { element: "b", atMs: 1985, place: 2 },
    { element: "c", atMs: 1990, place: 3 },
    { element: "d", atMs: 4000, place: 2 },
  ];
  const lost = (final: string[], lostAcknowledgedWrites: "replicated" | number = "replicated") =>
    check(
      runOf(
        appends,
        final,
        haFailoverWithoutLoad({ expect: { lostAcknowledgedWrites } }).watermark(1990, 1980, "primary", [
          "replica-1",
          "replica-2",
        ]),
      ),
    );

  it("the elements that no replica had seen may be gone, and are told", () => {
    expect(lost(["a", "d"])).toMatchObject({
      verdict: "pass",
      summary: expect.stringMatching(
        /^at least 2 of 4 elements acknowledged are gone: acknowledged just before/,
      ),
      evidence: { missing: 2 },
    });
  });

  it.each<[reason: string, final: string[]]>([
    ["replicated-elements-lost", ["d"]],
    ["acknowledged-elements-lost", ["a"]], // d was acknowledged by the new primary
    ["misplaced-elements", ["a", "b", "d"]], // d was told place 2: b had been lost by then
  ])("%s: but no more than those", (reason, final) => {
    expect(lost(final)).toMatchObject({ verdict: "fail", evidence: { reason } });
  });

  it("at most so many may be gone as the scenario says", () => {
    expect(lost(["a", "d"], 2)).toMatchObject({
      verdict: "pass",
      summary: expect.stringContaining("the scenario allows 2"),
    });
    for (const most of [0, 1]) {
      expect(lost(["a", "d"], most)).toMatchObject({
        evidence: { reason: "acknowledged-elements-lost", missing: 2 },
      });
    }
    expect(lost(["d"], 9)).toMatchObject({ evidence: { reason: "replicated-elements-lost" } });
  });

  it("of another shard, nothing is excused", () => {
    const run = (key: string) =>
      appended(clusterFailover(), { element: "a", atMs: 1990, key, place: 1 }).finally(key, []);
    expect(check(run("{b}:l")).verdict).toBe("pass"); // shard 1, whose primary was killed at 2000 ms
    expect(check(run("{c}:l"))).toMatchObject({ evidence: { reason: "acknowledged-elements-lost" } });
  });
});

describe("against a checker that tries everything", () => {
  const runOfSmall = (operations: readonly SmallOperation[], final: readonly string[]) =>
    runOf(
      operations.map(({ name, invokedAt, completedAt, outcome, reply }) => ({
        element: name,
        atMs: invokedAt,
        afterMs: completedAt - invokedAt,
        outcome,
        place: reply,
      })),
      final,
    );
  /** Every list of up to `most` of these elements, repeated ones and `z`, which nobody appends, too. */
  const lists = (elements: readonly string[], most: number) =>
    Array.from({ length: most + 1 }, (_, length) => choices([...elements, "z"], length)).flat();

  /** Every order of three, whole, with one gone, one twice, and so on: of all lists there are too many. */
  const ofThree = ["", "a", "b", "ab", "ba", "bc", "abc", "acb", "bac", "cba", "aba"].map((text) => [
    ...text,
  ]);

  it.each<[count: number, places: number, which: string, finals: string[][]]>([
    [1, 2, "every list of up to 3 elements", lists(["a"], 3)],
    [2, 3, "every list of up to 3 elements", lists(["a", "b"], 3)],
    [3, 3, "eleven lists", ofThree],
  ])(
    "it agrees on every history of %i appends, told places up to %i, with %s",
    { timeout: 60_000 },
    (count, places, _which, finals) => {
      let legal = 0;
      let illegal = 0;
      for (const times of interleavings(count)) {
        for (const ends of choices(endings(places), count)) {
          const operations = times.map((time, n) => ({ ...time, ...ends[n] }) as SmallOperation);
          const orders = new Set(legalOrders(operations));
          for (const final of finals) {
            const accepted = check(runOfSmall(operations, final)).verdict === "pass";
            if (accepted !== orders.has(final.join("")))
              expect.fail(JSON.stringify({ operations, final, accepted }));
            if (accepted) legal += 1;
            else illegal += 1;
          }
        }
      }
      expect(Math.min(legal, illegal)).toBeGreaterThan(0);
    },
  );

  it("and on longer ones", () => {
    const operation = fc.record({
      atMs: fc.integer({ min: 1, max: 40 }),
      afterMs: fc.integer({ min: 1, max: 20 }),
      outcome: fc.constantFrom<SmallOperation["outcome"]>("ok", "ok", "info", "fail"),
    });
    fc.assert(
      fc.property(
        fc.array(operation, { minLength: 4, maxLength: 6 }),
        fc.infiniteStream(fc.nat()),
        (made, choice) => {
          const next = (below: number) => (choice.next().value as number) % below;
          const names = made.map((_, n) => String.fromCharCode(97 + n));
          const final = names.filter(() => next(4) > 0).sort(() => next(3) - 1);
          const operations = made.map(({ atMs, afterMs, outcome }, n): SmallOperation => {
            const place = final.indexOf(names[n] as string) + 1;
            const reply = next(8) > 0 ? place : next(6) + 1;
            return { name: names[n] as string, invokedAt: atMs, completedAt: atMs + afterMs, outcome, reply };
          });
          const legal = legalOrders(operations).includes(final.join(""));
          expect(check(runOfSmall(operations, final)).verdict === "pass").toBe(legal);
        },
      ),
      { numRuns: 1000 },
    );
  });
});

describe("any legal run", () => {
  /** Appends to one list that does one thing at a time; the end of some is not known. */
  const appends = fc.array(
    fc.record({
      atMs: fc.integer({ min: 0, max: 3000 }),
      untilDoneMs: fc.integer({ min: 0, max: 50 }),
      afterMs: fc.integer({ min: 1, max: 50 }),
      end: fc.constantFrom("ok", "ok", "ok", "info done", "info done late", "info not done", "fail"),
    }),
    { minLength: 1, maxLength: 60 },
  );
  type Made = (typeof appends extends fc.Arbitrary<infer T> ? T : never)[number];

  const playedBy = (made: readonly Made[]): { appends: Append[]; final: string[] } => {
    const doneAt = ({ atMs, untilDoneMs, afterMs, end }: Made) =>
      end === "info done late" ? atMs + afterMs + 1000 : atMs + Math.min(untilDoneMs, afterMs - 0.5);
    const final: string[] = [];
    const played = made
      .map((one, n) => ({ one, element: `e${n}`, doneAt: doneAt(one) }))
      .sort((a, b) => a.doneAt - b.doneAt)
      .map(({ one: { atMs, afterMs, end }, element }): Append => {
        if (end !== "fail" && end !== "info not done") final.push(element);
        const outcome = end.split(" ")[0] as "ok" | "info" | "fail";
        return { element, atMs, afterMs, outcome, ...(outcome === "ok" && { place: final.length }) };
      });
    return { appends: played, final };
  };

  it("passes", () => {
    fc.assert(
      fc.property(appends, (made) => {
        const { appends, final } = playedBy(made);
        expect(check(runOf(appends, final))).toMatchObject({ verdict: "pass" });
      }),
    );
  });

  it.each<[what: string, reasons: string[], mutate: (final: string[], at: number) => string[]]>([
    ["lost one element", ["acknowledged-elements-lost"], (final, at) => final.toSpliced(at, 1)],
    ["one element twice", ["duplicated-elements"], (final, at) => [...final, final[at] as string]],
    [
      "two elements swapped",
      ["reordered-elements", "misplaced-elements"],
      (final, at) =>
        final
          .with(at, final[(at + 1) % final.length] as string)
          .with((at + 1) % final.length, final[at] as string),
    ],
    ["an element of another list", ["foreign-elements"], (final, at) => final.toSpliced(at, 0, "other")],
  ])("fails once its list has %s", (what, reasons, mutate) => {
    fc.assert(
      fc.property(appends, fc.nat(), (made, choice) => {
        const { appends, final } = playedBy(made);
        const certain = appends.flatMap(({ element, outcome }) =>
          outcome === "ok" ? [final.indexOf(element)] : [],
        );
        fc.pre(certain.length > 0 && (final.length > 1 || !what.startsWith("two")));
        const found = check(runOf(appends, mutate(final, certain[choice % certain.length] as number)));
        expect(found.verdict).toBe("fail");
        expect(reasons).toContain(found.evidence.reason);
      }),
    );
  });
});
