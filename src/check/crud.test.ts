import { describe, expect, it } from "vitest";
import { covered } from "./coverage.ts";
import { crud } from "./crud.ts";
import { factsOf } from "./facts.ts";
import { type Ending, haRun } from "./history.test-data.ts";

/** An INCR that a sound server answers with 1. */
const round = (ending: Ending) =>
  factsOf(
    haRun()
      .operation({ client: "crud", workload: "crud", f: "set", key: "a", value: '"OK"' }, 1, {
        outcome: "ok",
        value: '"OK"',
      })
      .operation({ client: "crud", workload: "crud", f: "incr", key: "a", value: "1" }, 2, ending)
      .end(10)
      .build(),
  );

describe("crud", () => {
  it("passes if every reply is the one expected", () => {
    expect(crud.check(round({ outcome: "ok", value: "1" }))).toEqual({
      verdict: "pass",
      summary: "2 commands of 2 kinds answered rightly",
      evidence: { commands: ["SET", "INCR"] },
    });
  });

  it.each<[what: string, ending: Ending, told: string]>([
    ["another reply", { outcome: "ok", value: "2" }, "expected 1, got 2"],
    ["no such reply", { outcome: "ok" }, "expected 1, got undefined"],
    ["an error", { outcome: "fail", error: "READONLY You can't" }, "got fail: READONLY You can't"],
    ["no answer", "never", "got info: no answer"],
  ])("wrong-reply: fails for %s", (_what, ending, told) => {
    expect(crud.check(round(ending))).toMatchObject({
      verdict: "fail",
      summary: expect.stringContaining(told),
      evidence: { reason: "wrong-reply", wrong: [expect.stringContaining("INCR a")] },
    });
  });

  it("ended-while-asking: is unknown if the drill was cut short before a reply came, whatever came until then", () => {
    const cutShort = (ending: Ending) => covered(crud, { ...round(ending), complete: false });
    expect(cutShort("never")).toMatchObject({
      verdict: "unknown",
      summary: "the drill was cut short while 1 command had no reply yet",
      evidence: { reason: "ended-while-asking" },
    });
    expect(cutShort({ outcome: "ok", value: "2" })).toMatchObject({ verdict: "fail" });
  });

  it("is not judged where it did not run", () => {
    expect(crud.applies(factsOf(haRun().probe({ from: 0, to: 100 }).end(200).build()))).toBe(false);
  });
});
