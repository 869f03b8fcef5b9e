import { describe, expect, it } from "vitest";
import { inUtc, parseLog } from "./log-lines.ts";

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
        pid: 31680,
        role: "S",
      },
      {
        wallMs: Date.UTC(2024, 11, 31, 22),
        zoned: true,
        level: "#",
        text: "WARNING: text with # and * in it",
        pid: 1,
        role: "M",
      },
      { wallMs: 1_735_682_400_123, zoned: true, level: "-", text: "noted", pid: 1, role: "X" },
    ]);
    expect(parseLog("")).toEqual([]);
  });

  /** As Valkey 8.0.1, 8.1.1 and 9.1.2 wrote them; each was told to write the same line in the forms that it knows. */
  const RECORDED = [
    ["8.0.1", '12976:M 29 Nov 2026 01:53:52.897 # DEBUG LOG: mark "quoted" \\ back = and\ttab', false],
    ["8.1.1", "13019:M 1795917232897 # DEBUG LOG: mark", true],
    ["8.1.1", "13019:M 2026-11-29T01:53:52.897+00:00 # DEBUG LOG: mark", true],
    [
      "8.1.1",
      `pid=13019 role=primary timestamp="29 Nov 2026 01:53:52.897" level=warning message="DEBUG LOG: mark 'quoted' ` +
        `\\ back = and\ttab"`,
      false,
    ],
    [
      "8.1.1",
      'pid=13019 role=primary timestamp="1795917232897" level=warning message="DEBUG LOG: mark"',
      true,
    ],
    [
      "9.1.2",
      'pid=13060 role=replica timestamp="2026-11-29T01:53:52.897+00:00" level=warning message="DEBUG LOG: mark"',
      true,
    ],
    ["9.1.2", "13060:S 29 Nov 2026 01:53:52.897 # DEBUG LOG: mark", false],
  ] as const;

  it.each(RECORDED)("reads what %s wrote: %s", (_, text, zoned) => {
    const [line, ...more] = parseLog(text);
    expect(more).toEqual([]);
    expect(line).toMatchObject({ wallMs: Date.UTC(2026, 10, 29, 1, 53, 52, 897), zoned, level: "#" });
    expect(line?.text).toMatch(/^DEBUG LOG: mark/);
    expect(line?.pid).toBeGreaterThan(12_000);
  });

  it("reads each level of logfmt, and a role that is no node's", () => {
    const of = (level: string) =>
      parseLog(`pid=7 role=RDB/AOF timestamp="1795917232897" level=${level} message="a "b" c"`)[0];
    expect(["debug", "info", "notice", "warning"].map((level) => of(level)?.level)).toEqual([
      ".",
      "-",
      "*",
      "#",
    ]);
    expect(of("notice")?.text).toBe('a "b" c');
    expect(of("loud")).toBeUndefined();
  });

  it("gives what does not begin as a line does to the line before it", () => {
    const crash =
      "=== a crash report ===\n1:M 23 Nov 2026 03:44:59.079 # crashed\n=== STACK TRACE ===\n\nmain";
    expect(parseLog(crash).map(({ text }) => text)).toEqual(["crashed", "=== STACK TRACE ===", "main"]);
  });
});

describe("inUtc", () => {
  const at = Date.UTC(2026, 10, 29, 1, 53, 52, 0);
  /** A node five hours and a half ahead; its form of time changes in mid-file. */
  const local = "1:M 29 Nov 2026 07:23:52.000 * local";
  const zoned = "1:M 2026-11-29T07:23:52.100+05:30 * zoned";
  const times = (text: string, about: Parameters<typeof inUtc>[1]) => {
    const { lines, zoneMs } = inUtc(parseLog(text), about);
    return {
      times: lines.map(({ wallMs }) => wallMs - at),
      hours: zoneMs === undefined ? undefined : zoneMs / 3_600_000,
    };
  };

  it("takes the zone from a line whose time is known otherwise, to a few minutes", () => {
    const known = ({ text }: { text: string }) => (text === "local" ? at + 180_000 : undefined);
    expect(times(`${local}\n${zoned}`, known)).toEqual({ times: [0, 100], hours: 5.5 });
  });

  it("else from the line beside it that tells its own", () => {
    expect(times(`${local}\n${zoned}`, () => undefined)).toEqual({ times: [0, 100], hours: 5.5 });
    expect(times(`${zoned}\n${local}`, () => undefined)).toEqual({ times: [100, 0], hours: 5.5 });
  });

  it("leaves what tells its zone, and what nothing tells", () => {
    expect(times(zoned, () => at)).toEqual({ times: [100], hours: undefined });
    expect(times(local, () => undefined)).toEqual({ times: [5.5 * 3_600_000], hours: undefined });
  });
});
