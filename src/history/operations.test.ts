import { describe, expect, it } from "vitest";
import type { CompletionEvent } from "../model/event.ts";
import { operationsOf } from "./operations.ts";
import { sampleInvoke } from "./sample.test-data.ts";

const end = (op: number, changes: Partial<CompletionEvent> = {}): CompletionEvent => ({
  type: "ok",
  at: 99,
  op,
  ...changes,
});

describe("operationsOf", () => {
  it("joins invocations with their completions, in the order of invocation", () => {
    const events = [
      sampleInvoke(1),
      sampleInvoke(2),
      end(2, { value: null, attempts: 3 }),
      end(1, { type: "fail", error: { class: "READONLY", message: "no" } }),
    ];
    const [first, second] = operationsOf({ events });
    expect(first).toEqual({
      op: 1,
      client: "w-1",
      workload: "writes",
      f: "write",
      key: "k:1",
      value: "1",
      invokedAt: 1000,
      completedAt: 99,
      outcome: "fail",
      error: { class: "READONLY", message: "no" },
      attempts: 1,
    });
    expect(second).toMatchObject({ op: 2, outcome: "ok", result: null, attempts: 3 });
  });

  it("takes an operation without completion as info", () => {
    const [operation] = operationsOf({ events: [sampleInvoke(1)] });
    expect(operation).toMatchObject({ outcome: "info", attempts: 1 });
    expect(operation?.completedAt).toBeUndefined();
  });

  it.each([
    ["completed twice", [sampleInvoke(1), end(1), end(1, { type: "info" })]],
    ["invoked twice", [sampleInvoke(1), sampleInvoke(1)]],
    ["completed, never invoked", [end(1)]],
  ])("refuses an operation that was %s", (what, events) => {
    expect(() => operationsOf({ events })).toThrow(`operation 1 was ${what}`);
  });
});
