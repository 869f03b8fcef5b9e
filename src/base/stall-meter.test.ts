import { describe, expect, it } from "vitest";
import { deadline } from "./deadline.ts";
import { type Clocks, type OwnStall, onStall, stallBetween, stalledMs } from "./stall-meter.ts";
import { pause, pauseRunning, runningTime, waitFor } from "./wait.ts";

/** The event loop stands still, and uses no processor time. */
function standStill(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

const clocks = (changes: Partial<Clocks> = {}): Clocks => ({
  runMs: 1000,
  wallMs: 5000,
  cpuMs: 100,
  bootMs: () => 90_000,
  ...changes,
});
const AHEAD_MS = 89_000;

describe("what two looks at the clocks tell", () => {
  const between = (changes: Partial<Clocks>) => stallBetween(clocks(), clocks(changes), AHEAD_MS);

  it("is nothing, if they are a tick apart", () => {
    expect(between({ runMs: 1012, wallMs: 5012 })).toBeUndefined();
  });

  it("is a stall, by the processor time that was used: the process was at work, or did not run", () => {
    const span = { fromMs: 1000, toMs: 6000 };
    expect(between({ runMs: 6000, wallMs: 10_000, cpuMs: 110 })).toEqual({ ...span, kind: "not-run" });
    expect(between({ runMs: 6000, wallMs: 10_000, cpuMs: 4900 })).toEqual({ ...span, kind: "busy" });
  });

  it("is a suspended machine, if the time since boot jumped with the wall clock", () => {
    const found = between({ runMs: 1010, wallMs: 65_010, bootMs: () => 150_010 });
    expect(found).toEqual({ fromMs: 1000, toMs: 1010, kind: "suspended", lostMs: 60_000 });
  });

  it("is nothing, if somebody set the wall clock", () => {
    expect(between({ runMs: 1010, wallMs: 65_010, bootMs: () => 90_010 })).toBeUndefined();
    expect(between({ runMs: 1010, wallMs: 100, bootMs: () => 90_010 })).toBeUndefined();
  });
});

describe("onStall", () => {
  it("tells how long the loop stood still, to each that listens, until it is ended", async () => {
    const [told, more]: [OwnStall[], OwnStall[]] = [[], []];
    const end = onStall((stall) => told.push(stall));
    const endMore = onStall((stall) => more.push(stall));
    const before = stalledMs();
    await pause(30);
    standStill(200);
    expect(stalledMs() - before).toBeGreaterThan(150); // before anybody was told
    await pause(30);
    endMore();
    standStill(100);
    await pause(30);
    end();
    const longest = told.reduce((a, b) => (b.toMs - b.fromMs > a.toMs - a.fromMs ? b : a));
    expect(longest.toMs - longest.fromMs).toBeGreaterThanOrEqual(200);
    expect(longest.kind).toBe("not-run");
    expect(told.length).toBeGreaterThan(more.length);
  });
});

describe("a wait", () => {
  it("does not count the time in which this process stood still, and says so", async () => {
    const began = performance.now();
    let stood = false;
    const error = await waitFor<never>(
      () => {
        if (!stood && performance.now() - began > 50) {
          stood = true;
          standStill(600);
        }
        return { done: false, seen: "nobody" };
      },
      { what: "somebody", timeoutMs: 300 },
    ).catch((thrown: unknown) => thrown as Error);
    expect(performance.now() - began).toBeGreaterThanOrEqual(850);
    const told = /^waited (\d+) ms for somebody, and stood still for (\d+) ms more; last seen: nobody$/;
    const [, waited, still] = told.exec(error.message) ?? [];
    expect(Number(waited)).toBeGreaterThanOrEqual(300);
    expect(Number(still)).toBeGreaterThanOrEqual(550);
  });

  it("sees what came about while it stood still past its deadline", async () => {
    let came = false;
    setTimeout(() => standStill(400), 20);
    setTimeout(() => {
      came = true;
    }, 25); // due in the stall, and done after it
    const found = await waitFor(() => (came ? { done: true, value: 1 } : { done: false, seen: "no" }), {
      what: "it",
      timeoutMs: 200,
      intervalMs: 100,
    });
    expect(found).toBe(1);
  });

  it("of a given length is as much longer as this process stood still", async () => {
    const time = runningTime();
    const began = performance.now();
    const waiting = pauseRunning(200);
    await pause(50);
    standStill(400);
    await waiting;
    expect(performance.now() - began).toBeGreaterThanOrEqual(550);
    expect(time.soFar().stoodStillMs).toBeGreaterThan(300);
    time.end();
  });
});

describe("deadline", () => {
  it("is reached after its time", async () => {
    const began = performance.now();
    await new Promise<void>((resolve) => deadline(30, resolve));
    expect(performance.now() - began).toBeGreaterThanOrEqual(29);
  });

  it("is not reached once it was ended", async () => {
    let reached = false;
    deadline(10, () => {
      reached = true;
    })();
    await pause(40);
    expect(reached).toBe(false);
  });
});
