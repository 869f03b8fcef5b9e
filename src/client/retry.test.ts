import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { seededRandom } from "../base/random.ts";
import { classifyError } from "./errors.ts";
import { RetryError, type RetryOptions, reconnectStrategy, withRetry } from "./retry.ts";

const REFUSED = "READONLY You can't write against a read only replica.";
const LOST = "read ECONNRESET";
const WRONG = "WRONGTYPE Operation against a key holding the wrong kind of value";

const options = (changes: Partial<RetryOptions> = {}): RetryOptions => ({
  initialMs: 1,
  maxMs: 4,
  totalMs: 10_000,
  random: seededRandom(1),
  ...changes,
});

/** Fails with these, then gives "done". */
function failing(...errors: string[]) {
  const left = [...errors];
  let calls = 0;
  const work = async () => {
    calls += 1;
    const next = left.shift();
    if (next !== undefined) throw new Error(next);
    return "done";
  };
  return { work, calls: () => calls };
}

const failureOf = (promise: Promise<unknown>) =>
  promise.then(
    () => expect.fail("it did not fail"),
    (error: unknown) => error as RetryError,
  );

describe("withRetry", () => {
  it("counts one attempt for what works at once", async () => {
    expect(await withRetry(failing().work, options())).toEqual({ value: "done", attempts: 1 });
  });

  it("tries again what was refused or lost on the way, and counts the attempts", async () => {
    const { work } = failing(REFUSED, LOST, REFUSED);
    expect(await withRetry(work, options())).toEqual({ value: "done", attempts: 4 });
  });

  it("ends at once with what is not worth a retry, and names it", async () => {
    const { work, calls } = failing(REFUSED, WRONG, REFUSED);
    const error = await failureOf(withRetry(work, options()));
    expect(error).toBeInstanceOf(RetryError);
    expect(error).toMatchObject({ attempts: 2, cause: { message: WRONG } });
    expect(error.message).toBe(`not worth a retry, 2 attempts; last: ${WRONG}`);
    expect(calls()).toBe(2);
  });

  it("does not send again what may have been done, if told to try only what surely was not", async () => {
    const lost = failing(REFUSED, LOST);
    const error = await failureOf(withRetry(lost.work, options({ onlyIfNotDone: true })));
    expect(error).toMatchObject({ attempts: 2, cause: { message: LOST } });
    expect(lost.calls()).toBe(2);
    const refused = failing(REFUSED, REFUSED);
    expect((await withRetry(refused.work, options({ onlyIfNotDone: true }))).attempts).toBe(3);
  });

  it("never sends again what it does not know", async () => {
    const { work, calls } = failing("something new");
    await failureOf(withRetry(work, options()));
    expect(calls()).toBe(1);
  });

  it("gives up when its whole time is over, and names the last error", async () => {
    const began = performance.now();
    const error = await failureOf(
      withRetry(() => Promise.reject(new Error(REFUSED)), options({ totalMs: 300 })),
    );
    expect(performance.now() - began).toBeGreaterThanOrEqual(290);
    expect(error.attempts).toBeGreaterThan(1);
    expect(error.message).toBe(`gave up after 300 ms, ${error.attempts} attempts; last: ${REFUSED}`);
    expect(error.cause).toMatchObject({ message: REFUSED });
  });

  it("gives up on an attempt that hangs, and says that there was no answer", async () => {
    const error = await failureOf(withRetry(() => new Promise(() => {}), options({ totalMs: 20 })));
    expect(error.attempts).toBe(1);
    expect(error.message).toBe("gave up after 20 ms, 1 attempt; last: no answer within 20 ms");
    expect(classifyError(error.cause)).toMatchObject({ class: "TIMEOUT", outcome: "info" });
  });

  it("makes no further attempt once it has given up", async () => {
    let calls = 0;
    const refused = async () => {
      calls += 1;
      throw new Error(REFUSED);
    };
    // The one wait, 25 to 50 ms long, is not over when the time is.
    await failureOf(withRetry(refused, options({ initialMs: 50, maxMs: 50, totalMs: 10 })));
    expect(calls).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 120)); // for what must not happen there is no condition
    expect(calls).toBe(1);
  });

  it("waits longer each time, up to its bound, with the same jitter for the same seed", async () => {
    const waitsOf = async (seed: number) => {
      const waits: number[] = [];
      const { work } = failing(...Array<string>(7).fill(REFUSED));
      const onRetry: RetryOptions["onRetry"] = (_attempt, waitMs) => waits.push(waitMs);
      await withRetry(work, options({ initialMs: 2, maxMs: 8, random: seededRandom(seed), onRetry }));
      return waits;
    };
    const waits = await waitsOf(5);
    expect(waits).toHaveLength(7);
    waits.forEach((wait, n) => {
      const ceiling = Math.min(8, 2 * 2 ** n);
      expect(wait).toBeGreaterThanOrEqual(ceiling / 2);
      expect(wait).toBeLessThanOrEqual(ceiling);
    });
    expect(await waitsOf(5)).toEqual(waits);
    expect(await waitsOf(6)).not.toEqual(waits);
  });

  it("tells of each retry: its number, its wait, and why", async () => {
    const told: unknown[] = [];
    const { work } = failing(REFUSED, LOST);
    await withRetry(
      work,
      options({ onRetry: (attempt, _wait, error) => told.push([attempt, (error as Error).message]) }),
    );
    expect(told).toEqual([
      [1, REFUSED],
      [2, LOST],
    ]);
  });
});

describe("reconnectStrategy", () => {
  const strategy = (seed: number, totalMs = 60_000) =>
    reconnectStrategy({ initialMs: 20, maxMs: 250, totalMs, random: seededRandom(seed) });

  it("waits between half its ceiling and the ceiling, which doubles up to the bound", () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 10_000 }), (seed, times) => {
        const waits = strategy(seed);
        waits(1);
        const ceiling = Math.min(250, 20 * 2 ** (times - 1));
        const wait = waits(times);
        expect(wait).toBeGreaterThanOrEqual(Math.floor(ceiling / 2));
        expect(wait).toBeLessThanOrEqual(ceiling);
        expect(Number.isInteger(wait)).toBe(true);
      }),
    );
  });

  it("waits the same for the same seed, otherwise for another", () => {
    const waits = (seed: number) => [1, 2, 3, 4, 5, 6, 7, 8].map(strategy(seed));
    expect(waits(3)).toEqual(waits(3));
    expect(waits(3)).not.toEqual(waits(4));
  });

  it("gives up once its time is over, and begins anew with the next loss", async () => {
    const waits = strategy(1, 30);
    expect(waits(1)).not.toBeNull();
    await new Promise((resolve) => setTimeout(resolve, 50)); // the strategy's own clock is what is tested
    expect(waits(2)).toBeNull();
    expect(waits(1)).not.toBeNull();
    expect(waits(2)).not.toBeNull();
  });
});
