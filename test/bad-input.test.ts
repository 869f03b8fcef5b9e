import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { cli, folder, livingServers, PROGRAM, QUICK, scenario, stateDir } from "./support/cli.ts";

describe("bad input is refused with what was wrong and what to do, and nothing is started", () => {
  it.concurrent.each([
    ["an unknown command", ["rnu"], /Did you mean run\?/],
    ["an unknown scenario", ["run", "ha-failovr"], /no scenario "ha-failovr"\. Did you mean "ha-failover"\?/],
    ["an unknown flag", ["run", "--sed", "1"], /Did you mean --seed\?/],
    ["a negative seed", ["run", "--seed", "-1"], /whole number from 0/],
    ["a negative count", ["up", "ha", "--replicas", "-2"], /whole number from 0 to 100/],
    ["too many nodes", ["up", "cluster", "--shards", "60"], /more than 100 nodes/],
    ["a flag of the other topology", ["up", "ha", "--shards", "3"], /--shards is not for "up ha"/],
    ["a version that does not exist", ["up", "ha", "--valkey", "7.9"], /7\.9/],
    ["a path that is no Valkey", ["up", "ha", "--valkey", "/bin/true"], /\/bin\/true/],
    ["an unknown run", ["check", "nothing-of-this-name"], /nothing-of-this-name/],
    ["a fault that cannot be drawn", ["explore", "ha", "--faults", "flush"], /"flush" cannot be explored/],
    ["no time for a fault", ["explore", "--shortest", "2s", "--longest", "1s"], /--shortest is longer/],
    ["an unknown format", ["report", "latest", "--format", "pdf"], /junit/],
    ["an unknown format of a run", ["run", "--report", "junti=x.xml"], /It must be a format.*junit/],
    ["a report that nobody could write", ["run", "--report", "junit=/dev/null/x.xml"], /\/dev\/null\/x\.xml/],
    ["no environment", ["fault", "kill", "primary"], /no environment is running/],
  ])("%s", async (_what, args, message) => {
    const { code, stdout, stderr } = await cli(args);
    expect(stderr).toMatch(message);
    expect(stdout).toBe("");
    expect(code).toBe(64);
    expect(livingServers()).toEqual([]);
  });

  it.concurrent.each([
    ["malformed YAML", "name: x\nsteps: [\n", /:3: not valid YAML/],
    ["an unknown key", QUICK.replace("steps:", "stesp:"), /an-unknown-key\.yaml:\d+: .*stesp/],
    [
      "an unknown action",
      QUICK.replace("- wait:", "- wiat:"),
      /:6: steps\[1\]\.wiat: no action is named "wiat"\. Did you mean "wait"\?/,
    ],
    [
      "an unknown fault",
      QUICK.replace("fault: kill", "fault: kil"),
      /:7: .*no fault is named "kil"\. Did you mean "kill"\?/,
    ],
    ["a negative count", QUICK.replace("replicas: 1", "replicas: -1"), /:3: topology\.replicas/],
    [
      "an unknown target",
      QUICK.replace("target: primary", "target: primry"),
      /step 3 \(inject\): "primry" selects nothing/,
    ],
  ])("a scenario with %s", async (what, text, message) => {
    const out = join(folder, what.replaceAll(" ", "-"));
    const { code, stderr } = await cli(["run", scenario(what.replaceAll(" ", "-"), text), "--out", out]);
    expect(stderr).toMatch(message);
    expect(code).toBe(64);
    expect(existsSync(out)).toBe(false);
  });

  const UNMEASURED = QUICK.replace("start: unique-writes", "start: retrying-session").replace(
    "expect: { promoted: true }",
    "expect: { promoted: true, outage: { writeMs: 1, readMs: 1 } }",
  );
  const MATRIX =
    `name: m\nscenario:\n${UNMEASURED.replaceAll(/^(?=.)/gm, "  ")}\ngrid: { appendfsync: [everysec, ` +
    `always] }\n`;

  it.concurrent.each([
    ["run", [], UNMEASURED, 0],
    ["soak", ["--times", "2"], UNMEASURED, 0],
    ["shrink", [], UNMEASURED, 0],
    ["explore", [], UNMEASURED, 0],
    ["matrix", [], MATRIX, 2],
  ])("%s of limits on outages that nothing would measure", async (command, flags, text, below) => {
    const line = QUICK.split("\n").findIndex((one) => one.startsWith("expect:")) + 1 + below;
    const path = scenario(`unmeasured-${command}`, text);
    const out = join(folder, `unmeasured-${command}-out`);
    const { code, stderr } = await cli([command, path, ...flags, "--out", out]);
    expect(stderr).toMatch(
      new RegExp(`unmeasured-${command}\\.yaml:${line}: .*expect\\.outage\\.writeMs: no step starts a probe`),
    );
    expect(stderr).toContain('Add "- start: unique-writes" before the first fault');
    expect(code).toBe(64);
    expect(existsSync(out)).toBe(false);
    expect(livingServers()).toEqual([]);
  });

  it("a cache folder that cannot be written", async () => {
    const { code, stderr } = await cli(["up", "ha", "--valkey", "8.1"], {
      XDG_CACHE_HOME: "/dev/null/cache",
      PATH: process.env.PATH ?? "",
    });
    expect(stderr).toMatch(/\/dev\/null\/cache/);
    expect(code).toBe(70);
  });

  it("too few file descriptors", async () => {
    const script = `ulimit -n 300; exec "${process.execPath}" "${PROGRAM}" up cluster --shards 10`;
    const child = spawn("bash", ["-c", script], {
      cwd: folder,
      env: { ...process.env, VALKEY_DRILL_STATE: stateDir },
    });
    let stderr = "";
    child.stderr.on("data", (chunk) => (stderr += chunk));
    const code = await new Promise((done) => child.on("close", done));
    expect(stderr).toMatch(/file/);
    expect(code).toBe(70);
    expect(livingServers()).toEqual([]);
  });
});
