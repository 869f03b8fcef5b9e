import { expect, it } from "vitest";
import { Deliveries } from "./deliveries.ts";

const written = (id: string, outcome: "ok" | "info" = "ok", at = 0) => ({ id, outcome, at });
const never = new AbortController().signal;
const clock = () => {
  const began = performance.now();
  return () => (performance.now() - began) * 1e6;
};

it("waits for what is still to be told, and for nothing else", async () => {
  const deliveries = new Deliveries();
  const now = clock();
  deliveries.told("a", now());
  let isOver = false;
  const settled = deliveries
    .settle([written("a"), written("b"), written("c", "info")], { now, withinMs: 60_000, signal: never })
    .then(() => {
      isOver = true;
    });
  await new Promise((done) => setTimeout(done, 120));
  expect(isOver).toBe(false);
  deliveries.told("b", now());
  await settled;
});

it("gives up when nothing new is told, when time is up, and when the drill is aborted", async () => {
  const writes = [written("a"), written("lost")];
  for (const [withinMs, aborted] of [
    [60_000, false],
    [10, false],
    [60_000, true],
  ] as const) {
    const deliveries = new Deliveries();
    deliveries.told("a", 1e6);
    await deliveries.settle(writes, {
      now: clock(),
      withinMs,
      signal: aborted ? AbortSignal.abort() : never,
    });
  }
});
