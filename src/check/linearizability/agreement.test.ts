import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { seededRandom } from "../../base/random.ts";
import type { Action, RegisterOperation } from "../../model/register.ts";
import { bruteForce } from "./brute-force.test-data.ts";
import { anyHistory } from "./histories.test-data.ts";
import { type Held, mixedRun } from "./mixed-run.test-data.ts";
import { makeProblem } from "./problem.ts";
import { search } from "./search.ts";

/* The search, with all its rules, against the definition of linearizability, which tries every order. */

function outcomeOf(operations: readonly RegisterOperation[], plain = false): string {
  return search(makeProblem(operations, plain), { steps: 1e6, bytes: 4e6 }, plain).outcome;
}

const wantedOf = (operations: readonly RegisterOperation[]) =>
  bruteForce(operations) ? "linearizable" : "not-linearizable";

const READS: readonly Action[] = [null, 1, 2].map((value) => ({ f: "read", value }));
const WRITES: readonly Action[] = [1, 2].map((value) => ({ f: "write", value }));
const CAS: readonly Action[] = [
  { f: "cas", from: 1, to: 2 },
  { f: "cas", from: 2, to: 1 },
  { f: "cas", from: null, to: 1 },
];
const REFUSED: readonly Action[] = [
  { f: "cas-refused", from: 1 },
  { f: "cas-refused", from: 1, saw: 2 },
];

describe("on every history of", () => {
  it.each<[what: string, count: number, actions: readonly Action[], open: boolean]>([
    ["one operation", 1, [...READS, ...WRITES, ...CAS, ...REFUSED], true],
    ["two operations", 2, [...READS, ...WRITES, ...CAS, ...REFUSED], true],
    [
      "three operations",
      3,
      [...READS.slice(0, 2), ...WRITES, ...CAS.slice(0, 1), ...REFUSED.slice(0, 1)],
      true,
    ],
    ["four operations that ended", 4, [...READS.slice(1, 2), ...WRITES, ...CAS.slice(0, 1)], false],
  ])("%s", { timeout: 60_000 }, (_, count, actions, open) => {
    const counts = { linearizable: 0, "not-linearizable": 0 };
    for (const operations of everyHistory(count, actions, open)) {
      const wanted = wantedOf(operations);
      counts[wanted] += 1;
      if (outcomeOf(operations) !== wanted)
        expect(outcomeOf(operations), JSON.stringify(operations)).toBe(wanted);
    }
    expect(Math.min(...Object.values(counts))).toBeGreaterThan(count); // it had to say both
  });
});

describe("on histories at random", () => {
  it.each(["register", "register with blind refusals", "text", "list"] as const)(
    "of a %s",
    { timeout: 60_000 },
    (flavour) => {
      fc.assert(
        fc.property(anyHistory(flavour, 7), (operations) => {
          const wanted = wantedOf(operations);
          expect(outcomeOf(operations)).toBe(wanted);
          expect(outcomeOf(operations, true)).toBe(wanted);
        }),
        { numRuns: 2000 },
      );
    },
  );
});

/**
 * How many histories of each kind; more by `AGREEMENT_RUNS=100000 npx vitest run
 * src/check/linearizability/agreement.test.ts`.
 */
const RUNS = Number(process.env.AGREEMENT_RUNS ?? 1500);

describe("on histories of appends, writes, reads and compare-and-set, some of them open", () => {
  it.each<Held>(["text", "text of alike parts", "list", "list of alike elements"])(
    "of a %s",
    { timeout: 60_000 + 10 * RUNS },
    (held) => {
      const counts = { linearizable: 0, "not-linearizable": 0 };
      for (let seed = 1; seed <= RUNS; seed += 1) {
        const operations = mixedRun(held, 7, seededRandom(seed));
        const wanted = wantedOf(operations);
        counts[wanted] += 1;
        for (const plain of [false, true]) {
          const outcome = outcomeOf(operations, plain);
          if (outcome !== wanted) expect(outcome, `seed ${seed}: ${JSON.stringify(operations)}`).toBe(wanted);
        }
      }
      expect(Math.min(...Object.values(counts))).toBeGreaterThan(RUNS / 10); // it had to say both
    },
  );
});

/** Every choice of actions, of calls and returns in every order, and of which operations have no end. */
function* everyHistory(
  count: number,
  actions: readonly Action[],
  open: boolean,
): Generator<RegisterOperation[], void, undefined> {
  for (const times of everyOrder(count)) {
    for (let choice = 0; choice < (actions.length * (open ? 2 : 1)) ** count; choice += 1) {
      let rest = choice;
      yield times.map(([invokedAt, returnedAt], id) => {
        const action = actions[rest % actions.length] as Action;
        rest = Math.floor(rest / actions.length);
        const ended = !open || rest % 2 === 0;
        if (open) rest = Math.floor(rest / 2);
        return {
          id,
          process: `${id}`,
          key: "k",
          action,
          invokedAt,
          returnedAt: ended ? returnedAt : Infinity,
        };
      });
    }
  }
}

/** Calls (in the order of the operations: any other is the same but for names) and returns, in every order. */
function everyOrder(count: number): [number, number][][] {
  const place = (
    called: number,
    running: readonly number[],
    at: number,
    times: [number, number][],
  ): [number, number][][] => {
    if (called === count && running.length === 0) return [times];
    const call =
      called < count ? place(called + 1, [...running, called], at + 1, [...times, [at, Number.NaN]]) : [];
    const returns = running.flatMap((op) =>
      place(
        called,
        running.filter((other) => other !== op),
        at + 1,
        times.map(([invokedAt, returnedAt], other) => [invokedAt, other === op ? at : returnedAt]),
      ),
    );
    return [...call, ...returns];
  };
  return place(0, [], 0, []);
}
