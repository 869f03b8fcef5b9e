import { afterAll, afterEach, expect, it } from "vitest";
import { z } from "zod";
import type { Checker } from "./checker.ts";
import { haFailover } from "./history.test-data.ts";
import { judge } from "./judge.ts";
import { judgePlain } from "./plain-history.ts";
import { addChecker, CHECKERS } from "./registry.ts";

/* What the core asks of a checker it asks of a plugin's as of a built-in one. */

const visits = { name: "shop:visits", data: z.object({ count: z.int() }) };
const shop = {
  name: "shop",
  summary: "a checker of a plugin",
  applies: (facts) => facts.observations(visits).length > 0,
  requires: () => [],
  check: (facts) => {
    const count = facts.observations(visits).reduce((sum, one) => sum + one.count, 0);
    return { verdict: "pass", summary: `${count} visits`, evidence: { count } };
  },
} satisfies Checker;
const checker: Checker = shop;
addChecker(checker);
// Other tests of this process count the checkers that come with the tool.
afterAll(() => (CHECKERS as Checker[]).splice(CHECKERS.indexOf(checker), 1));

afterEach(() => {
  for (const name of ["accepted", "figures", "checkPlain"] as const) delete checker[name];
});

const judged = (...counts: unknown[]) => {
  const run = haFailover();
  for (const [at, count] of counts.entries()) run.observe(100 + at, visits.name, { count });
  return judge(run.build());
};
const wordOf = ({ checks }: ReturnType<typeof judge>) => checks.find(({ name }) => name === "shop");

it("reads what a plugin observed by the plugin's own schema", () => {
  expect(wordOf(judged(2, 3))).toMatchObject({ verdict: "pass", summary: "5 visits" });
});

it("has no verdict on what its schema does not let pass", () => {
  const result = judged("many");
  expect(wordOf(result)).toMatchObject({ verdict: "unknown", evidence: { reason: "checker-crashed" } });
  expect(result.verdict).toBe("unknown");
});

it("tells what it let go, beside what the core knows of", () => {
  checker.accepted = (_facts, { count }) => [
    { what: "visits", count: Number(count), told: `${count} visits` },
  ];
  expect(judged(2).accepted).toContainEqual({ what: "visits", count: 2, allowedBy: null, text: "2 visits" });
  expect(judged(0).accepted?.map(({ what }) => what)).not.toContain("visits");
});

it("adds to the figures; redirects that are not known make the sum unknown", () => {
  expect(judged(1).redirects).toEqual({ moved: 0, ask: 0 });
  checker.figures = () => ({ redirects: { moved: 4, ask: null } });
  expect(judged(1).redirects).toEqual({ moved: 4, ask: null });
});

it("has no verdict if it crashes over its figures", () => {
  checker.figures = () => {
    throw new Error("no figures");
  };
  expect(wordOf(judged(1))).toMatchObject({ verdict: "unknown", summary: "the checker crashed: no figures" });
});

it("judges a history from elsewhere, if it can", () => {
  const history = { operations: [], counts: { total: 0, ok: 0, fail: 0, info: 0 }, unit: "line" } as const;
  const names = () => judgePlain("some.jsonl", history).checks.map(({ name }) => name);
  expect(names()).not.toContain("shop");
  checker.checkPlain = () => ({ verdict: "fail", summary: "closed", evidence: { reason: "closed" } });
  expect(names()).toContain("shop");
  expect(judgePlain("some.jsonl", history).verdict).toBe("fail");
});
