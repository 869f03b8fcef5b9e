import { describe, expect, it } from "vitest";
import { isOpen, type RegisterOperation, type Value } from "../../model/register.ts";
import { judgeRegisters } from "./judge-registers.ts";
import { linearizable } from "./keys.ts";
import { makeProblem } from "./problem.ts";
import { search } from "./search.ts";

/*
 * Histories that make a search explode which goes by orders alone. Bounds are counted in steps and bytes, never in
 * seconds.
 */

const numbers = (count: number) => Array.from({ length: count }, (_, number) => number);
const shuffled = (count: number) =>
  numbers(count).sort((a, b) => ((a * 7919) % 10007) - ((b * 7919) % 10007));
const texts = (from: readonly number[]) => from.map((number) => `<${number}>`).join("");

type Done = Pick<RegisterOperation, "action" | "invokedAt" | "returnedAt">;
const done = (
  f: "read" | "write" | "append",
  value: Value,
  invokedAt: number,
  returnedAt = Infinity,
): Done => ({
  action: { f, value },
  invokedAt,
  returnedAt,
});
const history = (operations: readonly Done[], key = "k"): RegisterOperation[] =>
  operations.map((operation, id) => ({ ...operation, id, process: `p${id}`, key }));
/** All appended at one time, from 0 to 1000. */
const appended = (values: readonly Value[]) =>
  values.map((value, at) => done("append", value, at, 1000 + at));

const stepsFor = (operations: readonly RegisterOperation[], steps = 2_000_000, bytes = 16_000_000) => {
  const budget = { steps, bytes };
  const { outcome } = search(makeProblem(operations, false), budget, false);
  return { outcome, steps: steps - budget.steps };
};

const EASY: Record<string, [operations: readonly Done[], outcome: string]> = {
  "10 appends and a write at one time, then a read of all": [
    [
      ...appended(numbers(10).map((n) => `<${n}>`)),
      done("write", "W", 10, 1010),
      done("read", `W${texts(numbers(10))}`, 2000, 2001),
    ],
    "linearizable",
  ],
  "60 appends and a write, then a read of all in another order": [
    [
      ...appended(numbers(60).map((n) => `<${n}>`)),
      done("write", "W", 10, 1010),
      done("read", `W${texts(shuffled(60))}`, 2000, 2001),
    ],
    "linearizable",
  ],
  "60 appends and a write, of which a read shows half: the others were hidden": [
    [
      ...appended(numbers(60).map((n) => `<${n}>`)),
      done("write", "W", 10, 1010),
      done("read", `W${texts(shuffled(60).slice(30))}`, 2000, 2001),
    ],
    "linearizable",
  ],
  "60 appends and three writes, reads between": [
    [
      ...appended(numbers(60).map((n) => `<${n}>`)),
      ...["U", "V", "W"].map((value, at) => done("write", value, 10 + at, 1010 + at)),
      done("read", `U${texts([5, 3, 8])}`, 100, 900),
      done("read", `W${texts([1, 0, 59])}`, 2000, 2001),
    ],
    "linearizable",
  ],
  "60 appends to a list and a write, then a read of the write alone": [
    [...appended(numbers(60)), done("write", [], 10, 1010), done("read", [], 2000, 2001)],
    "linearizable",
  ],
  "60 appends that nobody reads, and one more read before": [
    [done("read", null, 0, 1), ...appended(numbers(60))],
    "linearizable",
  ],
  "40 times the same append, a write, and a read of 13 of them": [
    [
      ...appended(numbers(40).map(() => "x")),
      done("write", "W", 10, 1010),
      done("read", `W${"x".repeat(13)}`, 2000, 2001),
    ],
    "linearizable",
  ],
  "40 appends of two texts, and a read of some": [
    [
      ...appended(numbers(40).map((n) => (n % 2 === 0 ? "a" : "b"))),
      done("write", "W", 10, 1010),
      done("read", "Wabbabbaabab", 2000, 2001),
    ],
    "linearizable",
  ],
  "60 appends and a write; an append that ended before the read is not in it": [
    [
      ...appended(numbers(60).map((n) => `<${n}>`)),
      done("write", "W", 10, 1010),
      done("append", "late", 1900, 1901),
      done("read", `W${texts(numbers(60))}`, 2000, 2001),
    ],
    "not-linearizable",
  ],
  "200 appends of 20,000 characters each, all in one read": [
    [
      ...appended(numbers(200).map((n) => `${n}`.padStart(20_000, "<"))),
      done(
        "read",
        shuffled(200)
          .map((n) => `${n}`.padStart(20_000, "<"))
          .join(""),
        2000,
        2001,
      ),
    ],
    "linearizable",
  ],
  "2,000 appends without an end, 500 of them seen": [
    [
      ...numbers(2000).map((n) => done("append", n, n)),
      done("read", shuffled(2000).slice(0, 300), 5000, 5001),
      done("read", shuffled(2000).slice(0, 500), 5002, 5003),
    ],
    "linearizable",
  ],
  "2,000 writes without an end, each value by two, all seen": [
    numbers(1000).flatMap((n) => [
      done("write", n, 3 * n),
      done("write", n, 3 * n),
      done("read", n, 3 * n + 1, 3 * n + 2),
    ]),
    "linearizable",
  ],
  "a refused compare-and-set that tells nothing, among 30 appends": [
    [
      ...appended(numbers(30).map((n) => `<${n}>`)),
      { action: { f: "cas-refused", from: "zz" }, invokedAt: 3, returnedAt: 900 },
      done("read", texts(numbers(30)), 2000, 2001),
    ],
    "linearizable",
  ],
};

describe("what is appended", () => {
  it.each(Object.entries(EASY))("is put in order at once: %s", (_, [operations, outcome]) => {
    expect(stepsFor(history(operations)).outcome).toBe(outcome);
  });
});

describe("a stale read of a long value", () => {
  /**
   * Appends one after the other, every 20th operation a read; one read finds what the one 100 operations before it had
   * found.
   */
  const staleAmong = (held: "list" | "text") => {
    const valueAt = (at: number) => {
      const appended = numbers(at).filter((n) => n % 20 !== 19);
      return held === "list" ? appended : texts(appended);
    };
    const operations = numbers(2000).map((n) => {
      if (n % 20 !== 19) return done("append", held === "list" ? n : `<${n}>`, 10 * n, 10 * n + 5);
      return done("read", valueAt(n === 1599 ? 1499 : n), 10 * n, 10 * n + 5);
    });
    return history(operations);
  };

  it.each(["list", "text"] as const)(
    "is shown with the few operations that contradict it, and told in short: a %s",
    (held) => {
      const { verdict, stretches, summary } = judgeRegisters(staleAmong(held), "ns");
      expect(verdict).toBe("fail");
      expect(stretches[0]?.operations.length).toBeLessThanOrEqual(3);
      expect(stretches[0]?.operations.map(({ id }) => id)).toContain(1599);
      expect(summary.length).toBeLessThan(500);
    },
  );

  it.each(["list", "text"] as const)("is found where two values do not begin alike: a %s", (held) => {
    const operations = staleAmong(held).filter(({ id }) => id < 1500);
    const [value, other]: [Value, Value] = held === "list" ? [[1, 0], 1] : ["<1><0>", "<1>"];
    const wrong = history([...operations, done("read", value, 3, 8), done("append", other, 1, 2)]);
    const { verdict, stretches } = judgeRegisters(wrong, "ns");
    expect(verdict).toBe("fail");
    expect(stretches[0]?.operations.length).toBeLessThanOrEqual(50);
  });
});

/** Whether some of the lengths 2, 4, 6 … add up to an odd one: all subsets would have to be tried. */
const hard = (key: string, count = 26) =>
  history(
    [
      ...appended(numbers(count).map((n) => "x".repeat(2 * n + 2))),
      ...numbers(count).map((n) => done("append", "x".repeat(2 * n + 3), 500 + n, 1500 + n)),
      done("write", "W", 10, 1600),
      done("read", `W${"x".repeat(301)}`, 2000, 2001),
      done("read", `W${"x".repeat(300)}`, 2002, 2003),
    ],
    key,
  );
const broken = history([done("read", 7, 0, 1)], "broken");
const fine = history([done("write", 1, 0, 1), done("read", 1, 2, 3)], "fine");

describe("a key that is too hard", () => {
  const judged = (...keys: RegisterOperation[][]) =>
    judgeRegisters(
      keys.flat().map((operation, id) => ({ ...operation, id })),
      "ns",
      { steps: 300_000, bytes: 4_000_000 },
    );

  it("is named, where the others pass", () => {
    const { verdict, summary, evidence } = judged(twoReaders(), fine);
    expect({ verdict, summary }).toEqual({
      verdict: "unknown",
      summary: "1 of 2 keys not decided; hard undecided: too many orders to try",
    });
    expect(evidence).toMatchObject({ reason: "budget-exceeded", undecided: ["hard"] });
  });

  it("is named, where another one fails, and is then not tried for long", () => {
    const { verdict, summary, evidence } = judged(twoReaders(), broken, fine);
    expect(verdict).toBe("fail");
    expect(summary).toMatch(
      /^1 of 3 keys not linearizable; broken: .*; hard undecided: too many orders to try$/,
    );
    expect(evidence).toMatchObject({ failed: ["broken"], undecided: ["hard"] });
  });

  it("leaves enough for the others, also for those that come after it", () => {
    const large = history(
      numbers(2000).flatMap((n) => [
        done("write", n, 4 * n, 4 * n + 1),
        done("read", n, 4 * n + 2, 4 * n + 3),
      ]),
      "large",
    );
    const outcomes = linearizable([...twoReaders(), ...large], { steps: 300_000, bytes: 4_000_000 });
    expect(outcomes.map(({ key, outcome }) => [key, outcome])).toEqual([
      ["hard", "over-budget"],
      ["large", "linearizable"],
    ]);
  });

  it("keeps to its bytes, whatever it may use of steps", () => {
    const before = process.memoryUsage().arrayBuffers;
    const operations = twoReaders();
    const { outcome } = stepsFor(operations, 1e9, 2_000_000);
    expect(outcome).toBe("over-budget");
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(20_000_000);
    expect(operations.some(isOpen)).toBe(false);
  });

  /**
   * Compare-and-set on few values by many at one time, and a value at the end that cannot be: all orders must be tried.
   */
  function twoReaders(): RegisterOperation[] {
    return numbers(60).map((id) => ({
      id,
      process: `w${id}`,
      key: "hard",
      action: { f: "cas", from: id % 2 === 0 ? null : id % 7, to: id % 5 === 4 ? null : (id + 1) % 7 },
      invokedAt: id,
      returnedAt: 1000 + id,
    }));
  }
});

describe("texts that can be made in many ways", () => {
  it("are decided or not, within the bounds", () => {
    expect(["linearizable", "over-budget"]).toContain(stepsFor(hard("texts"), 50_000, 2_000_000).outcome);
  });
});
