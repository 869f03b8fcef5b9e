import { describe, expect, it } from "vitest";
import { parseLog } from "../base/log-lines.ts";
import { factsOf } from "../check/facts.ts";
import { haFailover } from "../check/history.test-data.ts";
import { logsModel } from "./logs.ts";

// Real lines of Valkey 8.1.1; the run began on 2025-01-01 at 00:00:00.000 UTC.
const PRIMARY = `26931:M 31 Dec 2024 23:59:59.900 * Valkey version=8.1.1, bits=64, commit=00000000, modified=0, pid=26931, just started
26931:M 31 Dec 2024 23:59:59.950 * Ready to accept connections tcp
26931:M 01 Jan 2025 00:00:01.500 # Connection with replica client id #5 lost.
`;
const inZone = (
  hours: number,
) => `1:X 01 Jan 2025 ${String(hours).padStart(2, "0")}:30:00.100 # +monitor master drill 127.0.0.1 20000 quorum 2
1:X 01 Jan 2025 ${String(hours).padStart(2, "0")}:30:03.000 # +sdown master drill 127.0.0.1 20000
`;

const run = { facts: factsOf(haFailover().build()), faults: [], failovers: [], steps: [] };
const linesOf = (node: string, text: string) =>
  logsModel([{ node, text }], run).lines.filter(([, from, level]) => from === node && level !== ">");

describe("the nodes' logs", () => {
  it("stand on the run's clock, before it began as well", () => {
    expect(linesOf("primary", PRIMARY)).toEqual([
      [-100, "primary", "*", expect.stringContaining("just started")],
      [-50, "primary", "*", "Ready to accept connections tcp"],
      [1500, "primary", "#", "Connection with replica client id #5 lost."],
    ]);
  });

  it("are put right where a node's clock is in another time zone, and that is told", () => {
    const model = logsModel([{ node: "sentinel-1", text: inZone(5) }], run);
    expect(model.utcOffsetMinutes).toEqual({ "sentinel-1": 330 });
    expect(model.lines.filter(([, node, level]) => node === "sentinel-1" && level === "#")).toEqual([
      [100, "sentinel-1", "#", "+monitor master drill 127.0.0.1 20000 quorum 2"],
      [3000, "sentinel-1", "#", "+sdown master drill 127.0.0.1 20000"],
    ]);
  });

  it("are read in each format that a server can be told to write", () => {
    const at = Date.UTC(2025, 0, 1, 0, 0, 1, 250);
    const of = (time: string) => parseLog(`7:S ${time} * text`)[0];
    expect(of("01 Jan 2025 00:00:01.250")).toMatchObject({ wallMs: at, zoned: false });
    expect(of("2025-01-01T05:30:01.250+05:30")).toMatchObject({ wallMs: at, zoned: true });
    expect(of(String(at))).toMatchObject({ wallMs: at, zoned: true });
    expect(of("yesterday")).toBeUndefined();
  });

  it("keep what has no time, a crash report say, with the line before it", () => {
    const text = `lost\n${PRIMARY}=== VALKEY BUG REPORT START ===\n\nstack\n`;
    expect(parseLog(text).slice(-2)).toMatchObject([
      { text: "=== VALKEY BUG REPORT START ===", level: "#" },
      { text: "stack" },
    ]);
  });

  it("tell a Sentinel's events once: from its log if it has one", () => {
    const told = (logged: string) =>
      logsModel([{ node: logged, text: inZone(0) }], run).lines.filter(([, , , text]) =>
        /^\+odown/.test(text),
      );
    expect(told("sentinel-1")).toEqual([]);
    expect(told("sentinel-2")).toHaveLength(1);
  });

  it("are cut to a size, those around faults last, and the rest is counted", () => {
    const line = (ms: number) =>
      `1:M 01 Jan 2025 00:00:${String(Math.floor(ms / 1000)).padStart(2, "0")}.${String(ms % 1000).padStart(3, "0")} * line`;
    const text = Array.from({ length: 8000 }, (_, ms) => line(ms)).join("\n");
    const fault = {
      id: 1,
      fault: "kill",
      label: "killed",
      targets: [],
      primaries: [],
      shards: [],
      injectMs: 4000,
    };
    const model = logsModel([{ node: "primary", text }], { ...run, faults: [fault] });
    const times = model.lines.flatMap(([at, node, level]) =>
      node === "primary" && level === "*" ? [at] : [],
    );
    expect(model.lines.length).toBeLessThanOrEqual(2500);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(times).toContain(4000);
    expect(times).not.toContain(100);
    expect(model.omitted).toBeGreaterThan(5000);
  });
});
