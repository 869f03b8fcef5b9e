import { describe, expect, it } from "vitest";
import { parseLog } from "./log-lines.ts";

describe("parseLog", () => {
  it("reads the time in any form of log-timestamp-format, the role, the level and the text", () => {
    const text = [
      "31680:S 23 Nov 2026 03:44:59.079 * Start of election delayed for 742 milliseconds (rank #0, offset 1).",
      "1:M 2025-01-01T00:00:00.000+02:00 # WARNING: text with # and * in it",
      "1:X 1735682400123 - noted",
    ].join("\n");
    expect(parseLog(text)).toEqual([
      {
        wallMs: Date.UTC(2026, 10, 23, 3, 44, 59, 79),
        zoned: false,
        level: "*",
        text: "Start of election delayed for 742 milliseconds (rank #0, offset 1).",
      },
      {
        wallMs: Date.UTC(2024, 11, 31, 22),
        zoned: true,
        level: "#",
        text: "WARNING: text with # and * in it",
      },
      { wallMs: 1_735_682_400_123, zoned: true, level: "-", text: "noted" },
    ]);
    expect(parseLog("")).toEqual([]);
  });

  it("gives what does not begin as a line does to the line before it", () => {
    const crash =
      "=== a crash report ===\n1:M 23 Nov 2026 03:44:59.079 # crashed\n=== STACK TRACE ===\n\nmain";
    expect(parseLog(crash).map(({ text }) => text)).toEqual(["crashed", "=== STACK TRACE ===", "main"]);
  });
});
