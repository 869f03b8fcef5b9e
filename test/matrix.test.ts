import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { waitFor } from "../src/base/wait.ts";
import type { MatrixDocument } from "../src/model/matrix.ts";
import { ROOT } from "./support/structure.ts";

/* `valkey-drill matrix` as a user has it: a grid over a real failover, interrupted with Ctrl-C and resumed. */

const PROGRAM = join(ROOT, "dist/cli/main.js");

let folder: string;
const children = new Set<ChildProcess>();

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "valkey-drill-matrix-"));
});
afterEach(() => {
  for (const child of children) child.kill("SIGKILL");
  children.clear();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function start(...args: string[]) {
  const child = spawn(process.execPath, [PROGRAM, "matrix", ...args], {
    cwd: folder,
    env: { ...process.env, VALKEY_DRILL_STATE: join(folder, "state"), NO_COLOR: "1", GITHUB_ACTIONS: "" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  children.add(child);
  const output = { stdout: "", stderr: "" };
  child.stdout.on("data", (chunk) => (output.stdout += chunk));
  child.stderr.on("data", (chunk) => (output.stderr += chunk));
  const ended = new Promise<{ code: number | null; stdout: string; stderr: string }>((done) =>
    child.on("close", (code) => done({ code, ...output })),
  );
  return { child, output, ended };
}

const FILE = `name: small
scenario:
  name: kill
  description: Kills the primary of a small topology.
  topology: { kind: ha, replicas: 1, sentinels: 1, downAfterMs: 500 }
  steps:
    - start: { unique-writes: { writesPerSecond: 100, readsPerSecond: 0 } }
    - wait: 500ms
    - inject: { fault: kill, target: primary }
    - await: { condition: promoted, within: 20s }
    - await: { condition: recovered, within: 20s }
  expect: { promoted: true }
runs: 1
throughput: { connections: 2, pipeline: 4, durationMs: 300 }
grid:
  down-after-milliseconds: [500, 2500]
`;

describe("matrix", () => {
  it("is stopped by Ctrl-C with what it has, and resumed to the end", async () => {
    writeFileSync(join(folder, "small.yaml"), FILE);
    const first = start("small.yaml", "--seed", "5");
    await waitFor(
      () => ({ done: first.output.stderr.includes("1/2  "), value: undefined, seen: first.output.stderr }),
      { what: "the first run to end", timeoutMs: 60_000 },
    );
    first.child.kill("SIGINT");
    const stopped = await first.ended;
    expect(stopped.code).toBe(130);
    expect(stopped.stdout).toMatch(/500\s+\d\.\d\d s/);
    const [dir = ""] = readdirSync(join(folder, "runs"));
    expect(stopped.stdout).toContain(`matrix --resume`);
    expect(stopped.stdout).toContain(dir);

    const resumed = await start("--resume", join("runs", dir), "--json").ended;
    expect([resumed.code, resumed.stderr]).toEqual([0, expect.stringContaining("1 runs to do")]);
    const { cells, seed } = JSON.parse(resumed.stdout) as MatrixDocument;
    expect(seed).toBe(5);
    expect(cells.map(({ settings }) => settings)).toEqual([
      { "down-after-milliseconds": 500 },
      { "down-after-milliseconds": 2500 },
    ]);
    // The setting shows in what it governs.
    const [soon, late] = cells.map(({ writeOutageMs }) => writeOutageMs.worst as number);
    expect(soon).toBeLessThan(late as number);
    expect(late).toBeGreaterThan(2500);
    for (const { perSecond, p99Ms } of cells) {
      expect(perSecond.worst).toBeGreaterThan(0);
      expect(p99Ms.worst).toBeGreaterThan(0);
    }
    const again = await start("--resume", join("runs", dir), "--json", "--quiet").ended;
    expect([again.code, again.stderr]).toEqual([0, ""]);
    expect(JSON.parse(again.stdout)).toEqual(JSON.parse(resumed.stdout));
    expect(
      readFileSync(join(folder, "runs", dir, "cells.jsonl"), "utf8")
        .trimEnd()
        .split("\n"),
    ).toHaveLength(3);
  });

  it("refuses a grid that takes hours unless it is told --yes, and a cell that can never be", async () => {
    const values = Array.from({ length: 101 }, (_, n) => n + 1).join(", ");
    writeFileSync(
      join(folder, "large.yaml"),
      FILE.replace("runs: 1", "runs: 2").replace("[500, 2500]", `[${values}]`),
    );
    // Below 50 ms no topology may wait: the cell is named, before anything starts.
    expect(await start("large.yaml").ended).toMatchObject({
      code: 64,
      stderr: expect.stringContaining(
        "large.yaml:16: grid.down-after-milliseconds: the cell down-after-milliseconds 1",
      ),
    });
    const more = Array.from({ length: 101 }, (_, n) => 500 + n).join(", ");
    writeFileSync(
      join(folder, "large.yaml"),
      FILE.replace("runs: 1", "runs: 2").replace("[500, 2500]", `[${more}]`),
    );
    const refused = await start("large.yaml").ended;
    expect(refused).toMatchObject({ code: 64, stdout: "" });
    expect(refused.stderr).toMatch(
      /error\[BAD_USAGE\]: that is 202 runs \(101 cells, 2 each\), more than 200/,
    );
    expect(await start().ended).toMatchObject({ code: 64 });
  });
});
