import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { seededRandom } from "../../base/random.ts";
import { isOpen, type RegisterOperation } from "../../model/register.ts";
import { bruteForce } from "./brute-force.test-data.ts";
import { neededOf } from "./dropping.ts";
import { anyHistory } from "./histories.test-data.ts";
import { judgeRegisters } from "./judge-registers.ts";
import { linearizable } from "./keys.ts";
import { type LegalRun, legalRun } from "./legal-run.test-data.ts";
import { modelStepsOf } from "./model-steps.ts";
import { smallestUnexplainedSegment } from "./unexplained-segment.ts";
import { foundBy, sameValue, setBy } from "./words.ts";

const anyRun = fc.record<LegalRun>({
  operations: fc.integer({ min: 1, max: 300 }),
  processes: fc.integer({ min: 1, max: 12 }),
  keys: fc.integer({ min: 1, max: 4 }),
  openShare: fc.constantFrom(0, 0.02, 0.1, 0.2),
  values: fc.constantFrom<LegalRun["values"]>("unique", 1, 2, 5),
  reads: fc.constantFrom(0.2, 0.5, 0.8),
  writes: fc.constantFrom(0.1, 0.2),
});
const anySeed = fc.nat();
const verdict = (operations: readonly RegisterOperation[]) => judgeRegisters(operations, "ns").verdict;

describe("a history that was made on one register", { timeout: 60_000 }, () => {
  it("is always accepted", () => {
    fc.assert(
      fc.property(anyRun, anySeed, (run, seed) => {
        const history = legalRun(run, seededRandom(seed));
        const answered = history.some((operation) => !isOpen(operation) && operation.action.f !== "write");
        expect(verdict(history)).toBe(answered ? "pass" : "unknown");
      }),
      { numRuns: 150 },
    );
  });

  it("is rejected with a stale answer in it, and the segment shows it with a handful of operations", () => {
    fc.assert(
      fc.property(anyRun, anySeed, fc.nat(), (run, seed, choice) => {
        const history = legalRun({ ...run, values: "unique" }, seededRandom(seed));
        const stale = withStaleAnswer(history, choice);
        fc.pre(stale !== undefined);
        const { verdict, stretches } = judgeRegisters(stale as RegisterOperation[], "ns");
        expect(verdict).toBe("fail");
        expect(stretches[0]?.operations.length).toBeLessThanOrEqual(4);
      }),
      { numRuns: 150 },
    );
  });

  it("is rejected without one of its writes that was seen", () => {
    fc.assert(
      fc.property(anyRun, anySeed, fc.nat(), (run, seed, choice) => {
        const history = legalRun({ ...run, values: "unique" }, seededRandom(seed));
        const seen = history.filter((maker) => history.some((finder) => finds(finder, maker)));
        fc.pre(seen.length > 0);
        const lost = seen[choice % seen.length];
        expect(verdict(history.filter((operation) => operation !== lost))).toBe("fail");
      }),
      { numRuns: 100 },
    );
  });

  it("is rejected with the value of another key in it", () => {
    fc.assert(
      fc.property(anyRun, anySeed, fc.nat(), (run, seed, choice) => {
        const history = legalRun({ ...run, values: "unique" }, seededRandom(seed)).map(markedByKey);
        const reads = history.filter((operation) => operation.action.f === "read" && !isOpen(operation));
        const read = reads[choice % Math.max(1, reads.length)];
        const other = reads.find(({ key, action }) => key !== read?.key && foundBy({ action }) !== null);
        fc.pre(read !== undefined && other !== undefined);
        const tampered = { ...read, action: other?.action } as RegisterOperation;
        expect(verdict(history.map((operation) => (operation === read ? tampered : operation)))).toBe("fail");
      }),
      { numRuns: 100 },
    );
  });
});

describe("a segment", { timeout: 60_000 }, () => {
  it(
    "has no legal order by the definition, is made of operations of the history, and names one that was " +
      "not placed",
    () => {
      fc.assert(
        fc.property(
          fc.constantFrom("register", "register with blind refusals", "text"),
          fc.nat(),
          (flavour, seed) => {
            const [operations = []] = fc.sample(anyHistory(flavour, 8), { numRuns: 1, seed });
            fc.pre(!bruteForce(operations));
            const segment = smallestUnexplainedSegment(operations, { steps: 1e6, bytes: 4e6 });
            expect(bruteForce(segment.operations)).toBe(false);
            expect(segment.operations.every((operation) => operations.includes(operation))).toBe(true);
            const ids = segment.operations.map(({ id }) => id);
            expect(ids).toContain(segment.stuck);
            expect(segment.order).not.toContain(segment.stuck);
            expect(ids).toEqual(expect.arrayContaining([...segment.order]));
          },
        ),
        { numRuns: 500 },
      );
    },
  );

  it("leaves out only what the others do not need: what is left of a linearizable history is linearizable", () => {
    let dropped = 0;
    fc.assert(
      fc.property(
        anyHistory("register with blind refusals", 8),
        fc.array(fc.boolean(), { minLength: 8, maxLength: 8 }),
        (operations, keep) => {
          fc.pre(bruteForce(operations));
          const { steps } = modelStepsOf(operations);
          const [kept, rest] = [
            steps.filter(({ source }) => keep[source]),
            steps.filter(({ source }) => !keep[source]),
          ];
          fc.pre(kept.some(({ kind }) => kind === "read") && neededOf(rest, kept, () => true).length === 0);
          dropped += rest.filter(({ kind }) => kind === "write" || kind === "cas").length;
          expect(bruteForce(kept.map(({ source }) => operations[source] as RegisterOperation))).toBe(true);
        },
      ),
      { numRuns: 500 },
    );
    expect(dropped).toBeGreaterThan(100);
  });
});

describe("the budget", () => {
  /** Writers at one time of values that are few, and a value at the end that cannot be: all orders must be tried. */
  const hard: RegisterOperation[] = [
    ...Array.from({ length: 60 }, (_, id) => ({
      id,
      process: `w${id}`,
      key: "hard",
      action: {
        f: "cas",
        from: id % 2 === 0 ? null : id % 7,
        to: id % 5 === 4 ? null : (id + 1) % 7,
      } as const,
      invokedAt: id,
      returnedAt: 1000 + id,
    })),
  ];
  const easy = hard.slice(0, 1).map((operation) => ({ ...operation, id: 1000, key: "easy" }));
  const limits = { steps: 50_000, bytes: 4_000_000 };

  it("ends in no verdict, counted in steps and not in time: the same on every machine", () => {
    const judged = judgeRegisters([...hard, ...easy], "ns", limits);
    expect(judged).toMatchObject({
      verdict: "unknown",
      evidence: { reason: "budget-exceeded", undecided: ["hard"], limits },
    });
    expect(judgeRegisters([...hard, ...easy], "ns", limits)).toEqual(judged);
  });

  it("bounds memory too", () => {
    const [result] = linearizable(hard, { steps: 1e9, bytes: 20_000 });
    expect(result?.outcome).toBe("over-budget");
  });

  it("of a hard key does not hide that another one fails", () => {
    const broken: RegisterOperation = {
      id: 2000,
      process: "r",
      key: "broken",
      action: { f: "read", value: 1 },
      invokedAt: 1,
      returnedAt: 2,
    };
    expect(judgeRegisters([...hard, broken], "ns", limits)).toMatchObject({
      verdict: "fail",
      evidence: { failed: ["broken"], undecided: ["hard"] },
    });
  });
});

function finds(finder: RegisterOperation, maker: RegisterOperation): boolean {
  if (isOpen(finder) || finder.key !== maker.key) return false;
  return sameValue(foundBy(finder), setBy(maker));
}

/** Answers a read with a value that had surely been overwritten before the read began. */
function withStaleAnswer(
  history: readonly RegisterOperation[],
  choice: number,
): RegisterOperation[] | undefined {
  const cases = history.flatMap((read) => {
    if (read.action.f !== "read" || isOpen(read)) return [];
    const before = history.filter(
      ({ key, action, returnedAt }) =>
        key === read.key && action.f !== "read" && action.f !== "cas-refused" && returnedAt < read.invokedAt,
    );
    const old = before.find((maker) => before.some(({ invokedAt }) => invokedAt > maker.returnedAt));
    return old === undefined ? [] : [{ read, value: setBy(old) ?? null }];
  });
  const chosen = cases[choice % Math.max(1, cases.length)];
  if (!chosen) return undefined;
  const { read, value } = chosen;
  return history.map((operation) =>
    operation === read ? { ...read, action: { f: "read", value } } : operation,
  );
}

/** Values that tell of which key they are. */
function markedByKey(operation: RegisterOperation): RegisterOperation {
  const { key, action } = operation;
  const mark = <V>(value: V) => (value === null || value === undefined ? value : `${key}:${value}`);
  const marked = Object.fromEntries(
    Object.entries(action).map(([name, value]) => [name, name === "f" ? value : mark(value)]),
  );
  return { ...operation, action: marked as unknown as RegisterOperation["action"] };
}
