import { describe, expect, it } from "vitest";
import type { Result } from "../model/result.ts";
import { doubted, doubtsOf } from "./doubts.ts";
import { haFailover } from "./history.test-data.ts";
import { judge } from "./judge.ts";

const result = judge(haFailover().build());
const digest = result.history?.digest ?? "";
const whole = { computed: digest, stated: digest };
const other = `sha256:${"f".repeat(64)}`;
const reasons = (changed: Result, digests: Parameters<typeof doubtsOf>[1] = whole) =>
  doubtsOf(changed, digests).map(({ reason }) => reason);
const durability = (changes: object) =>
  result.checks.map((check) => (check.name === "durability" ? { ...check, ...changes } : check));

describe("a saved result", () => {
  it("is relied on where it is what was judged", () => {
    expect(result.verdict).toBe("pass");
    expect(doubtsOf(result, whole)).toEqual([]);
    expect(doubted(result, [])).toBe(result);
  });

  it("is that of its history", () => {
    expect(reasons(result, { computed: other, stated: other })).toEqual(["history-differs"]);
    expect(reasons(result, { computed: other, stated: digest })).toEqual(["history-differs"]);
    expect(doubtsOf(result, undefined).map(({ reason }) => reason)).toEqual(["history-missing"]);
    const { history: _, ...without } = result;
    expect(reasons(without, whole)).toEqual(["history-differs"]);
    expect(reasons(without, { computed: other })).toEqual([]); // both are from before there were digests
  });

  it.each<[string, Result]>([
    ["passes with a check that failed", { ...result, checks: durability({ verdict: "fail" }) }],
    ["fails with none that did", { ...result, verdict: "fail" }],
    ["passes without a check", { ...result, checks: [] }],
    [
      "gives a reason for a pass",
      { ...result, checks: durability({ evidence: { reason: "replicated-writes-lost" } }) },
    ],
    ["lost other writes than its check", { ...result, writes: { ...result.writes, survived: 1, lost: 0 } }],
    ["lost more than there were", { ...result, writes: { ...result.writes, acknowledged: 1 } }],
    [
      "has acknowledged writes without a fate",
      { ...result, writes: { ...result.writes, acknowledged: 99_999 } },
    ],
    ["counts operations that there were not", { ...result, operations: { ...result.operations, total: 1 } }],
    [
      "calls a history verified that was not",
      { ...result, history: result.history && { ...result.history, note: "no" } },
    ],
  ])("contradicts itself where it %s", (_what, changed) => {
    expect(changed).not.toEqual(result);
    expect(reasons(changed)).toContain("result-contradicts-itself");
    const shown = doubted(changed, doubtsOf(changed, whole));
    expect(shown.verdict).toBe("unknown");
    expect(shown.checks[0]).toMatchObject({ name: "saved-result", verdict: "unknown" });
    expect(shown.checks.map(({ verdict }) => verdict)).not.toContain("fail");
  });
});
