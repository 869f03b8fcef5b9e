import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CompletionEvent, HistoryEvent, InvokeEvent } from "../model/event.ts";
import { writeOperationLine } from "./operation-line.ts";

/** What was written, as text; `undefined`: it was left to JSON. */
function written(event: HistoryEvent, room = 4096, offset = 0): string | undefined {
  const bytes = Buffer.alloc(room);
  const end = writeOperationLine(event, bytes, offset);
  return end < 0 ? undefined : bytes.toString("utf8", offset, end);
}

const json = (event: HistoryEvent) => `${JSON.stringify(event)}\n`;

const time = fc.maxSafeNat();
const plain = fc.string({ unit: "grapheme-ascii" }).filter((text) => !/["\\]/.test(text));
const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });

/** With every field that there is: a new one that is not here does not compile, and one that is not written fails. */
type Whole<Event> = { [Field in keyof Required<Event>]: Event[Field] };

/** Fields in the order of the types: that is the order of the lines. */
const invokeOf = (text: fc.Arbitrary<string>): fc.Arbitrary<Whole<InvokeEvent>> =>
  fc.record({
    type: fc.constant("invoke" as const),
    at: time,
    op: time,
    client: text,
    workload: text,
    f: text,
    key: text,
    value: optional(text),
    shared: optional(fc.constant(true as const)),
    due: optional(time),
  });
const completionOf = (text: fc.Arbitrary<string>): fc.Arbitrary<Whole<CompletionEvent>> =>
  fc.record({
    type: fc.constantFrom("ok" as const, "fail" as const, "info" as const),
    at: time,
    op: time,
    value: optional(fc.option(text)),
    error: optional(fc.record({ class: text, message: text })),
    node: optional(text),
    attempts: optional(time),
  });

describe("the line of an operation", () => {
  it("is what JSON.stringify makes of it, byte for byte", () => {
    fc.assert(
      fc.property(fc.oneof(invokeOf(plain), completionOf(plain)), (event) => {
        expect(written(event)).toBe(json(event));
      }),
      { numRuns: 2000 },
    );
  });

  it("is left to JSON.stringify, or the same, whatever the text in it", () => {
    const any = fc.oneof(
      plain,
      fc.string({ unit: "binary" }),
      fc.constantFrom('"', "\\", "\n", "\ud800", "é"),
    );
    let left = 0;
    fc.assert(
      fc.property(fc.oneof(invokeOf(any), completionOf(any)), (event) => {
        const line = written(event);
        if (line === undefined) left += 1;
        else expect(line).toBe(json(event));
      }),
      { numRuns: 2000 },
    );
    expect(left).toBeGreaterThan(100);
  });

  it("has every digit of a time, also where the next whole number is near", () => {
    for (const at of [0, 9, 10, 99_999_999, 1e8, 1e8 + 1, 2 ** 53 - 1, 9e15 - 1, 9_007_199_199_999_999]) {
      const event = { type: "ok", at, op: at } as const;
      expect(written(event)).toBe(json(event));
    }
  });

  it.each<[string, object]>([
    ["a fraction", { at: 1.5 }],
    ["a negative number", { op: -1 }],
    ["a number beyond whole ones", { at: 2 ** 60 }],
    ["what is no number", { at: Number.NaN }],
    ["a number that is no text", { value: 7 }],
    ["an object that is no text", { node: { name: "x" } }],
  ])("is left to JSON.stringify for %s", (_what, change) => {
    expect(written({ type: "ok", at: 1, op: 1, value: "x", ...change } as HistoryEvent)).toBeUndefined();
  });

  it("is none of another event's", () => {
    expect(written({ type: "end", at: 1, reason: "completed" })).toBeUndefined();
  });

  it("never leaves the room that there is", () => {
    fc.assert(
      fc.property(completionOf(plain), fc.nat(800), fc.nat(800), (event, room, offset) => {
        const line = written(event, room, offset);
        expect([undefined, json(event)]).toContain(line);
      }),
      { numRuns: 1000 },
    );
  });
});
