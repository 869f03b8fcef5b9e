import { describe, expect, it } from "vitest";
import { factsOf } from "./facts.ts";
import { type HandMadeRun, haRun } from "./history.test-data.ts";
import { steps } from "./steps.ts";

const check = (run: HandMadeRun) => steps.check(factsOf(run.build()));

describe("steps", () => {
  it("passes if every step is done and the history has its end", () => {
    expect(check(haRun().step(1, "one").step(2, "two").end(3))).toEqual({
      verdict: "pass",
      summary: "2 steps, each condition in time",
      evidence: {},
    });
  });

  it("condition-not-met: names every step whose condition did not come true, with what was seen last", () => {
    const run = haRun()
      .step(1, "one")
      .step(2, "a replica to be promoted", "timeout", "waited 20000 ms; last seen: nobody")
      .step(3, "three", "timeout", "late")
      .end(4);
    expect(check(run)).toEqual({
      verdict: "fail",
      summary: "step 2, a replica to be promoted: waited 20000 ms; last seen: nobody",
      evidence: {
        reason: "condition-not-met",
        steps: [
          { step: 2, name: "a replica to be promoted", detail: "waited 20000 ms; last seen: nobody" },
          { step: 3, name: "three", detail: "late" },
        ],
      },
    });
  });

  const skip = (optional: boolean) =>
    haRun()
      .step(1, "kill primary")
      .observe(2, "fault-skipped", { fault: "kill", target: "primary", why: "nobody is", optional })
      .step(3, "a replica to be promoted", "timeout", "nobody")
      .end(4);

  it("fault-skipped: what the drill is about did not happen, so what followed says nothing", () => {
    expect(check(skip(false))).toMatchObject({
      verdict: "unknown",
      summary: "kill of primary was left out: nobody is, so what the drill is about did not happen",
      evidence: { reason: "fault-skipped" },
    });
  });

  it("tells of a fault that might be left out, and judges the rest", () => {
    expect(check(skip(true))).toMatchObject({ verdict: "fail", evidence: { reason: "condition-not-met" } });
    const passed = haRun().step(1, "one").observe(2, "fault-skipped", {
      fault: "kill",
      target: "primary",
      why: "nobody is",
      optional: true,
    });
    expect(check(passed.end(3))).toMatchObject({
      verdict: "pass",
      summary: "1 steps, each condition in time; kill of primary was left out: nobody is",
    });
  });

  it.each<[what: string, run: HandMadeRun, told: string]>([
    ["broke off", haRun().step(1, "one"), "it broke off"],
    ["was interrupted", haRun().step(1, "one").end(2, "interrupted"), "interrupted"],
    [
      "ended in an error",
      haRun().step(1, "one", "error", "x").end(2, "error", "replica-1 died"),
      "replica-1 died",
    ],
  ])("incomplete: is unknown if the run %s, even after a step that failed", (_what, run, told) => {
    run.step(1, "late", "timeout", "y");
    expect(check(run)).toEqual({
      verdict: "unknown",
      summary: `the run was not recorded to its end: ${told}`,
      evidence: { reason: "incomplete" },
    });
  });
});
