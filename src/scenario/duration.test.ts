import { describe, expect, it } from "vitest";
import { durationSchema } from "./duration.ts";

describe("durationSchema", () => {
  it.each([
    ["500ms", 500],
    ["2s", 2000],
    ["1.5s", 1500],
    ["10m", 600_000],
  ])("reads %s as %i ms", (text, ms) => {
    expect(durationSchema.parse(text)).toBe(ms);
  });

  it.each(["", "5", "2 s", "-1s", "0s", "11m", "1h", "s", "1.s", "1e3ms", "NaNms"])("refuses %j", (text) => {
    expect(durationSchema.safeParse(text).error?.issues[0]?.message).toBe(
      `"${text}" is not a duration such as 500ms or 2s (up to 10m)`,
    );
  });

  it("refuses a bare number", () => {
    expect(durationSchema.safeParse(2).error?.issues[0]?.message).toContain("must be a duration");
  });
});
