import { execFileSync, spawn } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { waitFor } from "../src/base/wait.ts";
import { findRun } from "../src/history/run-store.ts";
import { resultSchema } from "../src/model/result.ts";
import { cli, folder, livingServers, PROGRAM, QUICK, scenario, start, stateDir } from "./support/cli.ts";
import { ROOT } from "./support/structure.ts";

/** Waits until the drill has come to its load. */
function loadRunning(output: { readonly stderr: string }): Promise<true> {
  return waitFor(
    () =>
      output.stderr.includes("steady load")
        ? { done: true, value: true }
        : { done: false, seen: output.stderr.slice(-200) },
    { what: "the load to run", timeoutMs: 30_000 },
  );
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Of the drill `quick`; the kill may cost it writes, which its scenario lets go and the line then tells. */
const PASSED = /✓ PASS(?:, with \d+ lost writes? allowed by .*\n)? {2}quick/;

describe("run", () => {
  it(
    "prints one document with --json, nothing else on standard output, and plain lines of progress " +
      "beside it",
    async () => {
      const { code, stdout, stderr } = await cli(["run", scenario("quick", QUICK), "--json", "--seed", "5"]);
      const result = resultSchema.parse(JSON.parse(stdout));
      expect(result).toMatchObject({ scenario: "quick", verdict: "pass", seed: 5 });
      expect(result.replay).toContain("--seed 5");
      expect(stderr).toMatch(/kill primary/);
      expect(stderr).not.toContain("\u001b");
      expect(code).toBe(0);

      const [run = ""] = readdirSync(join(folder, "runs")).filter((name) => name.includes("-quick-"));
      expect(existsSync(join(folder, "runs", run, "report.html"))).toBe(true);

      const again = await cli(["check", "latest", "--json"]);
      expect(resultSchema.parse(JSON.parse(again.stdout))).toEqual(result);
      const drawn = await cli(["report", "latest"]);
      expect(drawn.stdout).toMatch(PASSED);

      const refused = await cli(["shrink", "latest"]);
      expect(refused.stderr).toMatch(/did not fail: its verdict is pass/);
      expect(refused.code).toBe(64);

      const replayed = await cli(["replay", "latest", "--json", "--quiet"]);
      const second = resultSchema.parse(JSON.parse(replayed.stdout));
      expect(second).toMatchObject({
        scenario: "quick",
        seed: 5,
        topology: { valkey: result.topology.valkey },
      });
      expect(second.startedAt).not.toBe(result.startedAt);
      expect(second.checks.map(({ name }) => name)).toEqual(result.checks.map(({ name }) => name));
    },
  );

  it("runs again and again with soak, and tells whether the verdicts differ", async () => {
    const { code, stdout, stderr } = await cli([
      "soak",
      scenario("quick", QUICK),
      "--times",
      "1",
      "--seed",
      "3",
    ]);
    expect(stderr).toMatch(/1 {2}\S+quick\.yaml {2}seed 3 {2}pass/);
    expect(stdout).toMatch(/1 pass$/m);
    expect(code).toBe(0);
  });

  it("exits 1 when a drill fails, and says nothing but the result with --quiet", async () => {
    const failing = QUICK.replace(
      "expect: { promoted: true }",
      "expect: { promoted: true, outage: { writeMs: 1 } }",
    );
    const { code, stdout, stderr } = await cli(["run", scenario("quick", failing), "--quiet"]);
    expect(stdout).toMatch(/outage-over-limit/);
    expect(stderr).toBe("");
    expect(code).toBe(1);
  });

  it(
    "exits 2 when a probe that started too late measured nothing, and every format says which " +
      "line to add",
    async () => {
      const late = QUICK.replace("  - start: unique-writes\n  - wait: 500ms\n", "").replace(
        "  - await: { condition: promoted, within: 20s }\n",
        "  - await: { condition: promoted, within: 20s }\n  - start: unique-writes\n  - wait: 1s\n",
      );
      const text = late.replace(
        "promoted: true }",
        "promoted: true, outage: { writeMs: 60000, readMs: 60000 } }",
      );
      const { code, stdout } = await cli(["run", scenario("late-probe", text), "--quiet"]);
      expect(stdout).toMatch(/\? outage +the probe sent no writes until/);
      expect(stdout).toContain("probe-started-late");
      expect(code).toBe(2);
      const advice = /Put .{1,6}- start: unique-writes.{1,6} and .{1,6}- wait: 1s.{1,6} before the fault/;
      for (const format of ["json", "junit", "markdown"])
        expect((await cli(["report", "latest", "--format", format])).stdout).toMatch(advice);
      const [, page = ""] = /report: (.*)/.exec((await cli(["report", "latest"])).stdout) ?? [];
      expect(readFileSync(page, "utf8")).toContain("probe-started-late");
    },
  );

  it("writes reports for machines, tells GitHub, and draws them again", async () => {
    const failing = QUICK.replace(
      "expect: { promoted: true }",
      "expect: { promoted: true, outage: { writeMs: 1 } }",
    );
    const summary = join(folder, "github-summary.md");
    writeFileSync(summary, "what was there\n");
    const reports = [
      "--report",
      "junit=reports/deep/junit.xml",
      "--report",
      "badge",
      "--report",
      "prometheus",
    ];
    const { code, stdout, stderr } = await cli(
      ["run", scenario("quick", failing), "--quiet", "--json", ...reports],
      { GITHUB_ACTIONS: "true", GITHUB_STEP_SUMMARY: summary },
    );
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ verdict: "fail" });
    const junit = readFileSync(join(folder, "reports/deep/junit.xml"), "utf8");
    expect(junit).toMatch(/<failure message="writes failed for .*" type="outage-over-limit"\/>/);
    expect(readFileSync(join(folder, "runs/badge.svg"), "utf8")).toContain("✗ fail");
    expect(readFileSync(join(folder, "runs/valkey-drill.prom"), "utf8")).toContain('verdict="fail"} 1');
    expect(stderr).toMatch(/^::error title=valkey-drill quick%3A outage fail::writes failed/);
    expect(readFileSync(summary, "utf8")).toMatch(/^what was there\n## valkey-drill: ✗ \*\*fail\*\*/);
    expect((await cli(["report", "latest", "--format", "junit"])).stdout).toBe(junit);
    const [, page = ""] = /report: (.*)/.exec((await cli(["report", "latest"])).stdout) ?? [];
    expect(readFileSync(page, "utf8")).toContain("<title>fail: quick – valkey-drill</title>");
    const both = (await cli(["report", "latest", "latest"])).stdout;
    const [, comparison = ""] = /comparison: (.*)/.exec(both) ?? [];
    expect(readFileSync(comparison, "utf8")).toContain("<title>2 runs: quick – valkey-drill</title>");
    expect((await cli(["report", "latest", "--format", "svg", "--output", "t.svg"])).stdout).toBe("");
    expect(readFileSync(join(folder, "t.svg"), "utf8")).toMatch(/^<svg/);
  });

  it("tells of a report that cannot be written, and keeps its verdict", async () => {
    const path = scenario("quick", QUICK);
    mkdirSync(join(folder, "a-folder"), { recursive: true });
    const { code, stdout, stderr } = await cli(["run", path, "--quiet", "--report", "junit=a-folder"]);
    expect(stderr).toMatch(/error\[BAD_USAGE\]: the report a-folder cannot be written/);
    expect(stdout).toMatch(PASSED);
    expect(code).toBe(0);
  });

  it("ends with 70, and ends at all, when a step cannot be done while a workload runs", async () => {
    const nobodyLeft =
      "  - inject: { fault: kill, target: replica }\n  - inject: { fault: failover, target: primary }\n";
    const impossible = QUICK.replace("  - inject: { fault: kill, target: primary }\n", nobodyLeft);
    const { code, stderr } = await cli(["run", scenario("quick", impossible)]);
    expect(stderr).toMatch(/No suitable replica to promote/);
    expect(code).toBe(70);
    expect(livingServers()).toEqual([]);
  });

  it("ends with 2 when a fault found nobody, and tells what was left out", async () => {
    const twice = "  - inject: { fault: kill, target: replica }\n".repeat(2);
    const { code, stdout } = await cli([
      "run",
      scenario("quick", QUICK.replace(/ {2}- inject: .*\n/, twice)),
    ]);
    expect(stdout).toMatch(/no node is "replica" at this time/);
    expect(code).toBe(2);
  });

  it("stops everything on Ctrl-C, keeps what it has, and exits 130", async () => {
    const { child, output, ended } = start(["run", "ha-failover"]);
    await loadRunning(output);
    const servers = livingServers();
    expect(servers).toHaveLength(6);
    child.kill("SIGINT");
    const { code, stderr } = await ended;
    expect(code).toBe(130);
    expect(stderr).toMatch(/interrupted/);
    expect(servers.filter(isAlive)).toEqual([]);
    const { stdout } = await cli(["report", "latest", "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({ scenario: "ha-failover", verdict: "unknown" });
  });

  it("leaves nothing behind when it is killed with SIGKILL", async () => {
    const { child, output, ended } = start(["run", "ha-failover"]);
    await loadRunning(output);
    const servers = livingServers();
    expect(servers).toHaveLength(6);
    child.kill("SIGKILL");
    await ended;
    await waitFor(
      () => {
        const left = servers.filter(isAlive);
        return left.length === 0
          ? { done: true, value: true }
          : { done: false, seen: `alive: ${left.join(", ")}` };
      },
      { what: "the servers to be cleared away", timeoutMs: 10_000 },
    );
    expect((await cli(["status"])).stdout).toMatch(/Nothing is running/);
  });
});

describe("a history that breaks off is read up to its last whole line, and its verdict is unknown", () => {
  const BUSY = QUICK.replace(
    "unique-writes",
    "{ unique-writes: { writesPerSecond: 1000, readsPerSecond: 1000 } }",
  ).replace("wait: 500ms", "wait: 30s");
  const historyOfLatest = async () => (await findRun(join(folder, "runs"), "latest")).history;

  /** What `check` says of the newest run, as it was left: a prefix with the probe's operations in it, and no end. */
  async function expectUnknown() {
    const text = readFileSync(await historyOfLatest(), "utf8");
    expect(text).not.toContain('"type":"end"');
    const whole = text.slice(0, text.lastIndexOf("\n")).split("\n");
    for (const line of whole) JSON.parse(line);
    const { code, stdout } = await cli(["check", "latest", "--json"]);
    const result = resultSchema.parse(JSON.parse(stdout));
    expect(result.verdict).toBe("unknown");
    expect(result.checks.filter(({ verdict }) => verdict === "fail")).toEqual([]);
    expect(result.operations.total).toBe(whole.filter((line) => line.startsWith('{"type":"invoke"')).length);
    expect(result.operations.total).toBeGreaterThan(100);
    expect(code).toBe(2);
  }

  it("after SIGKILL", async () => {
    const { child, ended } = start(["run", scenario("busy", BUSY)]);
    await waitFor(
      async () => {
        const size = await historyOfLatest().then(
          (path) => statSync(path).size,
          () => 0,
        );
        return size > 100_000 ? { done: true, value: size } : { done: false, seen: `${size} bytes` };
      },
      { what: "100 kB of history", timeoutMs: 30_000 },
    );
    child.kill("SIGKILL");
    expect((await ended).code).toBeNull();
    await expectUnknown();
  });

  it("when no more fits on the disk, which ends the run as well", async () => {
    // A limit of the process: to write beyond it fails, as it does on a full disk. The servers write a third of that in
    // the time.
    const script = `ulimit -f 150; exec "${process.execPath}" "${PROGRAM}" run "${scenario("full", BUSY)}"`;
    const child = spawn("bash", ["-c", script], {
      cwd: folder,
      env: { ...process.env, VALKEY_DRILL_STATE: stateDir },
      stdio: ["ignore", "ignore", "pipe"],
    });
    let stderr = "";
    child.stderr.on("data", (chunk) => (stderr += chunk));
    expect(await new Promise((done) => child.on("close", done))).toBe(70);
    expect(stderr).toMatch(/error\[STATE_UNWRITABLE\]: the history .* cannot be written: EFBIG/);
    expect(stderr).not.toMatch(/kill primary/); // it waited no longer, and went no further
    expect(livingServers()).toEqual([]);
    expect(statSync(await historyOfLatest()).size).toBe(150 * 1024);
    await expectUnknown();
  });

  it("when the verdict itself cannot be written", async () => {
    const { history, result } = await findRun(join(folder, "runs"), "latest");
    const copy = join(folder, "kept");
    cpSync(history, join(copy, "history.jsonl"));
    mkdirSync(join(copy, "result.json")); // nothing can be written there
    const { code, stdout, stderr } = await cli(["check", copy, "--json"]);
    expect(JSON.parse(stdout)).toEqual(JSON.parse(readFileSync(result, "utf8")));
    expect(stderr).toMatch(/result\.json could not be written: EISDIR/);
    expect(code).toBe(2);
  });
});

describe("an environment to play with", () => {
  it("is started by one process, seen, broken, healed and ended by others", async () => {
    const up = await cli(["up", "ha", "--quiet"]);
    expect(up.stdout).toMatch(/sentinels: \[/); // the snippet
    expect(livingServers()).toHaveLength(6);

    const status = async () => JSON.parse((await cli(["status", "--json"])).stdout)[0];
    const node = async (name: string) =>
      (await status()).nodes.find((one: { name: string }) => one.name === name);
    expect(await node("primary")).toMatchObject({ role: "primary", process: "running" });
    expect(await node("replica-2")).toMatchObject({ role: "replica", link: "up", follows: "primary" });
    expect(await node("sentinel-1")).toMatchObject({ view: "primary, 2 replicas, 2 peers" });

    expect((await cli(["fault", "kill", "primary"])).stdout).toBe("injected  kill primary\n");
    expect(await node("primary")).toMatchObject({ process: "stopped", reachable: false });
    const promoted = await waitFor(
      async () => {
        const nodes: { name: string; role?: string }[] = (await status()).nodes;
        const found = nodes.find(({ role }) => role === "primary");
        return found ? { done: true, value: found.name } : { done: false, seen: JSON.stringify(nodes) };
      },
      { what: "a replica to be promoted", timeoutMs: 20_000 },
    );
    expect(promoted).toMatch(/^replica-/);
    expect((await cli(["status"])).stdout).toMatch(/fault in force: kill primary/);

    expect((await cli(["fault", "heal"])).stdout).toBe("healed  kill primary\n");
    expect((await cli(["fault", "heal"])).stdout).toBe("Nothing was hurt.\n");
    expect(await node("primary")).toMatchObject({ process: "running", reachable: true });

    const { dir } = await status();
    expect((await cli(["down"])).stdout).toMatch(/^down {2}/);
    expect(livingServers()).toEqual([]);
    expect(existsSync(dir)).toBe(false);
  });

  it("runs the snippet that it prints", async () => {
    const { stdout } = await cli(["up", "cluster", "--quiet"]);
    const snippet = stdout.slice(stdout.indexOf("  // npm i"), stdout.indexOf("\nNext:"));
    const path = join(ROOT, "test", "snippet.tmp.mjs"); // beside node_modules, where its import is found
    writeFileSync(path, snippet);
    try {
      expect(execFileSync(process.execPath, [path], { encoding: "utf8" })).toBe("OK hello\n");
    } finally {
      rmSync(path);
    }
  });

  it("takes the ports that it is told to, and refuses one in use", async () => {
    const first = await cli([
      "up",
      "ha",
      "--port",
      "21000",
      "--sentinels",
      "1",
      "--replicas",
      "1",
      "--json",
      "--quiet",
    ]);
    expect(JSON.parse(first.stdout).nodes.map((one: { endpoint: string }) => one.endpoint)).toEqual([
      "127.0.0.1:21000",
      "127.0.0.1:21001",
      "127.0.0.1:21002",
    ]);
    const second = await cli(["up", "ha", "--port", "21002", "--quiet"]);
    expect(second.stderr).toMatch(/21002/);
    expect(second.code).toBe(70);
    expect(livingServers()).toHaveLength(3);
  });
});

it("says what this machine has, and lists what there is", async () => {
  expect((await cli(["doctor"])).stdout).toMatch(/node/);
  const list = JSON.parse((await cli(["list", "--json"])).stdout);
  expect(list.scenarios.map((one: { name: string }) => one.name)).toContain("controls/ha-no-sentinels");
  expect((await cli(["--help"])).stdout).toMatch(/70 {2}the environment could not be brought up/);
});
