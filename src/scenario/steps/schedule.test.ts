import { describe, expect, it } from "vitest";
import { scheduleStep } from "./schedule.ts";

const parse = (entry: string) => scheduleStep.schema.safeParse([JSON.parse(entry)]);

describe("an entry of a schedule", () => {
  it.each([
    ['{ "run": "crud" }', "says when: at, every or after"],
    ['{ "at": "1s" }', "has one action of inject, heal, set, run, start, stop"],
    ['{ "at": "1s", "run": "crud", "heal": "kill" }', "has one action of"],
    ['{ "at": "1s", "wait": "1s" }', "has one action of"],
    ['{ "every": "1s", "run": "crud" }', "every and times belong together"],
    ['{ "at": "1s", "within": "1s", "run": "crud" }', "within says how long"],
    ['{ "at": "1s", "inject": { "fault": "kil", "target": "primary" } }', 'no fault is named "kil"'],
    ['{ "at": "soon", "run": "crud" }', "is not a duration"],
  ])("%s is refused", (entry, why) => {
    expect(
      parse(entry)
        .error?.issues.map(({ message }) => message)
        .join("; "),
    ).toContain(why);
  });

  it("is written as it was read", () => {
    const text = '{ "after": "detected", "at": "100ms", "heal": "pause" }';
    expect(scheduleStep.written?.(parse(text).data as never)).toEqual([JSON.parse(text)]);
  });
});
