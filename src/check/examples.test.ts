import { describe, expect, it } from "vitest";
import { EXAMPLES } from "./examples.test-data.ts";
import { judge } from "./judge.ts";
import { CHECKERS } from "./registry.ts";

/* A checker that cannot say no proves nothing, and one that cannot say yes is of no use. */

const NAMES = CHECKERS.map(({ name }) => name);

it("there is a good and a bad history for each checker that is registered, and for no other", () => {
  expect(Object.keys(EXAMPLES).sort()).toEqual([...NAMES].sort());
});

describe.each(NAMES.filter((name) => EXAMPLES[name]))("%s", (name) => {
  const { good, bad, badIs = "fail" } = EXAMPLES[name] ?? expect.fail(`no examples for ${name}`);

  it("passes the good history", async () => {
    expect(judge(await good()).checks.find((check) => check.name === name)).toMatchObject({
      verdict: "pass",
    });
  });

  it("does not pass the bad one, and gives its reason", async () => {
    expect(judge(await bad()).checks.find((check) => check.name === name)).toMatchObject({
      verdict: badIs,
      evidence: { reason: expect.stringMatching(/^[a-z-]+$/) },
    });
  });
});
