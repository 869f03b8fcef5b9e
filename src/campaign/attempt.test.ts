import { describe, expect, it } from "vitest";
import type { Result } from "../model/result.ts";
import { type Attempt, isNotable } from "./attempt.ts";

const attempt = (verdict: Attempt["verdict"], lost = 0, what: readonly string[] = []): Attempt => ({
  seed: 1,
  verdict,
  why: [],
  codes: [],
  result: {
    writes: { lost },
    accepted: what.map((one) => ({ what: one, count: 1, allowedBy: null, text: one })),
  } as unknown as Result,
});

describe("a run of a campaign", () => {
  it.each<[string, Attempt, boolean]>([
    ["passed and lost nothing", attempt("pass"), false],
    ["passed with a needless failover", attempt("pass", 0, ["needless-failovers"]), false],
    ["passed with lost writes", attempt("pass", 3, ["lost-writes"]), true],
    ["passed with lost elements of a list", attempt("pass", 0, ["lost-append-operations"]), true],
    ["failed", attempt("fail"), true],
    ["was unknown", attempt("unknown"), true],
    ["broke", { seed: 1, verdict: "broken", why: ["x"], codes: ["broken"] }, true],
  ])("that %s is kept or not", (_what, said, kept) => {
    expect(isNotable(said)).toBe(kept);
  });
});
