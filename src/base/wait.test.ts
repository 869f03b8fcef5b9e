import { describe, expect, it } from "vitest";
import { DrillError } from "../model/errors.ts";
import { type Look, pause, waitFor } from "./wait.ts";

const notYet: Look<never> = { done: false, seen: "0 of 2 replicas" };
const options = { what: "the replicas", timeoutMs: 50, intervalMs: 5 };

describe("waitFor", () => {
  it("looks until the condition holds, and gives what it found", async () => {
    let looks = 0;
    const value = await waitFor(
      () => {
        looks += 1;
        return looks < 3 ? notYet : { done: true, value: looks };
      },
      { ...options, timeoutMs: 5000 },
    );
    expect(value).toBe(3);
  });

  it("looks at least once, whatever the time", async () => {
    expect(await waitFor(() => ({ done: true, value: 1 }), { ...options, timeoutMs: 0 })).toBe(1);
  });

  it("past its deadline tells what was awaited, for how long, and what was seen last", async () => {
    const error = await waitFor(() => notYet, options).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(DrillError);
    expect(error).toMatchObject({ code: "DEADLINE" });
    const [, ms] =
      /^waited (\d+) ms for the replicas; last seen: 0 of 2 replicas$/.exec((error as Error).message) ?? [];
    expect(Number(ms)).toBeGreaterThanOrEqual(50);
  });

  it("takes a look that throws for one that did not see it yet", async () => {
    let looks = 0;
    const flaky = () => {
      looks += 1;
      if (looks === 1) throw new Error("ECONNREFUSED");
      return { done: true, value: "up" } as const;
    };
    expect(await waitFor(flaky, { ...options, timeoutMs: 5000 })).toBe("up");
    const broken = () => Promise.reject(new Error("ECONNREFUSED"));
    await expect(waitFor(broken, options)).rejects.toThrow(/last seen: ECONNREFUSED$/);
  });

  it("ends at once when a node has died: waiting longer is of no use", async () => {
    const died = () => Promise.reject(new DrillError("NODE_DIED", "replica-1 died"));
    await expect(waitFor(died, { ...options, timeoutMs: 60_000 })).rejects.toMatchObject({
      code: "NODE_DIED",
    });
  });

  it("ends when it is aborted, in the middle of a pause and before the first look", async () => {
    const stop = new AbortController();
    const waiting = waitFor(() => notYet, {
      ...options,
      timeoutMs: 60_000,
      intervalMs: 60_000,
      signal: stop.signal,
    });
    stop.abort(new Error("interrupted"));
    await expect(waiting).rejects.toThrow("interrupted");
    let looks = 0;
    const look = () => {
      looks += 1;
      return notYet;
    };
    await expect(waitFor(look, { ...options, signal: stop.signal })).rejects.toThrow("interrupted");
    expect(looks).toBe(0);
  });
});

describe("pause", () => {
  it("leaves no listener behind on a signal that lives longer", async () => {
    const { signal } = new AbortController();
    let listeners = 0;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      listeners += 1;
      add(...args);
    };
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      listeners -= 1;
      remove(...args);
    };
    for (let n = 0; n < 5; n += 1) await pause(1, signal);
    expect(listeners).toBe(0);
  });
});
