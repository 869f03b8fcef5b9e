import { expect, it } from "vitest";
import { sinceOf } from "./since.ts";

const now = Date.parse("2026-11-29T06:00:00Z");

it.each([
  ["2h", "2026-11-29T04:00:00Z"],
  ["30m", "2026-11-29T05:30:00Z"],
  ["1d", "2026-11-28T06:00:00Z"],
  ["2026-11-29T04:30:00Z", "2026-11-29T04:30:00Z"],
])("%s is %s", (text, time) => expect(sinceOf(text, now)).toBe(Date.parse(time)));

it.each(["", "2", "h", "yesterday", "2 hours", "2026-13-45"])("%j is refused", (text) =>
  expect(() => sinceOf(text, now)).toThrow("must be a duration"),
);
