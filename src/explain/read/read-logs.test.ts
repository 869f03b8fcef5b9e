import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../../../test/support/temporary.ts";
import { readLogs } from "./read-logs.ts";
import { input, read, recorded, rewritten, summary, VERSIONS } from "./recorded.test-data.ts";

const HA = recorded("ha-failover", "8.1");
const CLUSTER = recorded("cluster-failover", "8.1");

describe("what recorded logs tell", () => {
  it.each(VERSIONS)("is the whole failover by Sentinels of %s", async (version) => {
    const { nodes, events, skipped, warnings } = await read(recorded("ha-failover", version));
    expect(nodes.map(({ kind }) => kind)).toEqual([...Array(3).fill("server"), ...Array(3).fill("sentinel")]);
    expect(nodes.every(({ identified, files }) => identified && files.length === 1)).toBe(true);
    const switched = events.filter(({ kind }) => kind === "+switch-master");
    expect(switched).toHaveLength(3);
    const [promoted, ...more] = events.filter(({ kind }) => kind === "promoted");
    expect(more).toEqual([]);
    expect(
      switched.every(({ data, subject }) => data.to === promoted?.node && subject !== promoted?.node),
    ).toBe(true);
    const leader = events.find(({ kind }) => kind === "+elected-leader")?.node;
    const votes = events.filter(({ kind }) => kind === "+vote-for-leader");
    expect(votes.map(({ data }) => data.to)).toEqual([leader, leader, leader]);
    expect(nodes.find(({ id }) => id === promoted?.node)).toMatchObject({
      role: "primary",
      groups: ["drill"],
    });
    expect({ skipped, warnings }).toEqual({ skipped: [], warnings: [] });
  });

  it.each(VERSIONS)("is the whole failover in a cluster of %s", async (version) => {
    const { nodes, events } = await read(recorded("cluster-failover", version));
    expect(nodes).toHaveLength(6);
    expect(nodes.every(({ clusterId, addresses }) => clusterId !== undefined && addresses.length > 0)).toBe(
      true,
    );
    const won = events.filter(({ kind }) => kind === "election-won").map(({ node }) => node);
    const granted = events.filter(({ kind }) => kind === "vote-granted");
    expect(won.length).toBeGreaterThan(0);
    expect(new Set(granted.map(({ subject }) => subject))).toEqual(new Set(won));
    const failed = events.filter(({ kind, data }) => kind === "failed" && data.teller !== undefined);
    expect(failed.length).toBeGreaterThan(0);
  });
});

describe("the same logs in another shape", () => {
  const order = (logs: typeof HA) =>
    [...logs].map(([name, text]) => text.split("\n").map((line) => ({ name, line })));
  const byTime = (logs: typeof HA) => {
    const time = ({ line }: { line: string }) => line.slice(line.indexOf(" ") + 1, line.indexOf(" ") + 25);
    const lines = order(logs).flatMap((all) => all.filter(({ line }) => line !== ""));
    return lines.toSorted((a, b) => (time(a) < time(b) ? -1 : time(a) > time(b) ? 1 : 0));
  };

  it.each([
    ["HA", HA],
    ["cluster", CLUSTER],
  ] as const)("tell the same: %s", async (_, logs) => {
    const whole = summary(await read(logs));
    expect(whole.length).toBeGreaterThan(10);
    const all = [...logs.values()].join("\n");
    const mixed = byTime(logs);
    const composed = mixed.map(({ name, line }) => `\u001b[33m${name}  | \u001b[0m${line}`).join("\n");
    const asJson = mixed
      .map(({ name, line }) => JSON.stringify({ MESSAGE: line, _HOSTNAME: name }))
      .join("\n");
    const collected = mixed.map(({ line }) => `2026-11-29T04:35:30.123456789Z ${line}`).join("\n");
    const shapes = {
      "pasted under each other": all,
      "mixed by time": mixed.map(({ line }) => line).join("\n"),
      "docker compose logs": composed,
      "journalctl -o json": asJson,
      "kubectl logs --timestamps": collected,
      "each line twice": all.replaceAll(/^(.*)$/gm, "$1\n$1"),
      "pasted twice": `${all}\n${all}`,
      "lines of others between": all.replaceAll("\n", "\nINFO another program says something\n"),
      "Windows' line ends": all.replaceAll("\n", "\r\n"),
      "ISO times": rewritten(all, (at) => new Date(at).toISOString().replace("Z", "+00:00")),
      "times in ms": rewritten(all, String),
    };
    for (const [shape, text] of Object.entries(shapes)) {
      expect(summary(await readLogs([input("all.log", text)])), shape).toEqual(whole);
    }
  });

  it("tell the same from containers, where every process is number 1", async () => {
    const whole = summary(await read(HA));
    const numbered = (text: string) => text.replaceAll(/^\d+:([XMS])/gm, "1:$1");
    const composed = byTime(HA).map(({ name, line }) => `${name}-1  | ${numbered(line)}`);
    expect(summary(await readLogs([input("all.log", composed.join("\n"))]))).toEqual(whole);
    const pasted = [...HA.values()].map(numbered).join("\n");
    expect(summary(await readLogs([input("all.log", pasted)]))).toEqual(whole);
  });

  it("tell the same from rotated parts, gzipped or not, in any order, beside what is no log", async () => {
    const folder = temporaryFolder("rotated");
    for (const [name, text] of HA) {
      const lines = text.split("\n");
      const [third, parts] = [Math.ceil(lines.length / 3), [2, 1, 0]];
      mkdirSync(join(folder, name));
      for (const part of parts) {
        const some = `${lines.slice(part * third, (part + 1) * third).join("\n")}\n`;
        const path = join(folder, name, `node.log${part === 2 ? "" : `.${2 - part}.gz`}`);
        writeFileSync(path, part === 2 ? some : gzipSync(some));
      }
    }
    writeFileSync(join(folder, "dump.rdb"), "REDIS0011\u0000\u0001");
    writeFileSync(join(folder, "notes.txt"), "Nothing that a server wrote.\n");
    writeFileSync(join(folder, "empty.log"), "");
    symlinkSync(folder, join(folder, "round"));
    const report = await readLogs([folder, join(folder, "missing")]);
    expect(summary(report)).toEqual(summary(await read(HA)));
    expect(report.nodes).toHaveLength(6);
    const skipped = report.skipped.map(({ file, why }) => [file.replace(folder, ""), why]);
    expect(skipped.toSorted()).toEqual([
      ["/dump.rdb", "it is an RDB file"],
      ["/empty.log", "no line of a server or Sentinel stands in it"],
      ["/missing", expect.stringMatching(/^it cannot be read: ENOENT/)],
      ["/notes.txt", "no line of a server or Sentinel stands in it"],
    ]);
  });

  it("are read as far as a broken archive goes, and say so", async () => {
    const whole = gzipSync([...HA.values()].join("\n"));
    const { events, warnings } = await readLogs([input("logs.gz", whole.subarray(0, whole.length / 2))]);
    expect(events.length).toBeGreaterThan(5);
    expect(warnings[0]).toMatch(/^logs.gz: it is a broken archive, read as far as it goes/);
  });
});

describe("one node's log that is missing", () => {
  it.each([...HA.keys()])("leaves %s known by what others say", async (name) => {
    const logs = new Map(HA);
    logs.delete(name);
    const { nodes, events } = await read(logs);
    expect(nodes).toHaveLength(6);
    expect(nodes.filter(({ files }) => files.length === 0)).toHaveLength(1);
    const silent = nodes.find(({ files }) => files.length === 0);
    expect(events.some(({ node }) => node === silent?.id)).toBe(false);
  });
});

describe("limits", () => {
  it("leave minor events out first, then the oldest, and say so", async () => {
    const line = (at: number, text: string) => `1:X ${at} # ${text}`;
    const lines = Array.from({ length: 500 }, (_, at) =>
      line(1_795_000_000_000 + at * 60_000, `+sdown master m 10.0.0.1 ${at + 1}`),
    );
    const minor = Array.from({ length: 50 }, (_, at) =>
      line(1_795_100_000_000 + at * 60_000, `+new-epoch ${at}`),
    );
    const report = await readLogs([input("sentinel.log", [...lines, ...minor].join("\n"))], {
      maxEvents: 100,
    });
    expect(report.events).toHaveLength(100);
    expect(report.events.every(({ kind }) => kind === "+sdown")).toBe(true);
    expect(report.warnings.join("\n")).toMatch(
      /50 minor events were left out[\s\S]*400 events until .* were left out/,
    );
  });

  it("hold what is shown to what was asked for", async () => {
    const { events } = await read(HA);
    const since = events[Math.floor(events.length / 2)]?.at ?? 0;
    const later = await read(HA, { since });
    expect(later.events.every(({ at, repeated }) => (repeated?.until ?? at) >= since)).toBe(true);
    expect(later.events.length).toBeLessThan(events.length);
  });
});

it("shows nothing that a terminal obeys, that turns text around or that goes on for ever", async () => {
  const evil = "\u001b]0;title\u0007\u001b[2J\u202e\u0000\u009b31m";
  const log = [
    `1:X 29 Nov 2026 04:35:29.480 # +sdown master ${evil}name${evil} 10.0.0.1 6379 ${"x".repeat(50_000)}`,
    `1:M 29 Nov 2026 04:35:29.480 # Failed opening the RDB file ${evil}../../etc/passwd for saving: ${evil}`,
    `${evil}evil-host | 1:S 29 Nov 2026 04:35:29.480 * Connecting to MASTER <script>:1`,
    `==> ${evil}<b>name</b> <==`,
    "1:S 29 Nov 2026 04:35:29.480 * Connecting to MASTER __proto__:1",
  ].join("\n");
  const report = await readLogs([input(`file${evil}.log`, log), `/nowhere/${evil}`]);
  const text = JSON.stringify(report);
  expect(text).not.toMatch(/\\u00[01][\da-f]|\u009b|\u202e|\u007f/);
  expect(Math.max(...report.events.map(({ line }) => line.text.length))).toBeLessThanOrEqual(401);
  expect(report.events.length).toBeGreaterThan(1);
});
