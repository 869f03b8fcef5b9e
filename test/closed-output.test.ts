import { execFile } from "node:child_process";
import { describe, expect, it } from "vitest";
import { cli, folder, PROGRAM, QUICK, scenario, stateDir } from "./support/cli.ts";

/** As a shell does it, whose exit code is that of the program. */
function shell(command: string): Promise<{ code: number; stdout: string; stderr: string }> {
  const env = { ...process.env, VALKEY_DRILL_STATE: stateDir, NO_COLOR: "1", DRILL: PROGRAM };
  return new Promise((resolve) => {
    execFile("bash", ["-c", command], { cwd: folder, env }, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
    );
  });
}

describe("a standard output that cannot be written", () => {
  it.each(["list", "run --help", "doctor"])(
    "%s: is no stack trace, and changes no exit code",
    async (words) => {
      const full = await shell(`node "$DRILL" ${words} > /dev/full`);
      expect(full).toMatchObject({ code: 0, stderr: expect.stringMatching(/^warning: .*ENOSPC[^\n]*\n$/) });
      const closed = await shell(`node "$DRILL" ${words} | head -c1 > /dev/null; exit "\${PIPESTATUS[0]}"`);
      expect(closed).toEqual({ code: 0, stdout: "", stderr: "" });
    },
  );

  it("a drill's own exit code stands, and the folder of its run is whole", async () => {
    const file = scenario("quick-closed", QUICK);
    const { code, stderr } = await shell(
      `node "$DRILL" run ${file} --quiet | true; exit "\${PIPESTATUS[0]}"`,
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const again = await cli(["report", "latest"]);
    expect(again.stdout).toMatch(/PASS.* {2}quick/);
  });
});

describe("runs", () => {
  it("lists what there is, and removes what is old", async () => {
    await cli(["run", scenario("quick-kept", QUICK), "--quiet"]);
    const listed = JSON.parse((await cli(["runs", "ls", "--json"])).stdout) as { id: string }[];
    expect(listed[0]).toMatchObject({ kind: "drill", verdict: "pass", bytes: expect.any(Number) });
    expect((await cli(["runs", "ls"])).stdout).toContain(listed[0]?.id);

    const unsaid = await cli(["runs", "prune"]);
    expect(unsaid).toMatchObject({ code: 64, stderr: expect.stringContaining("--older-than") });
    const both = await cli(["runs", "prune", "--keep", "1", "--older-than", "1d"]);
    expect(both.code).toBe(64);
    expect((await cli(["runs", "prune", "--older-than", "1d"])).stdout).toBe("No run was removed.\n");

    const pruned = await cli(["runs", "prune", "--keep", "0"]);
    expect(pruned.stdout).toMatch(/^removed {2}\d+ runs?, /);
    expect((await cli(["runs", "ls"])).stdout).toContain("No runs in runs.");
  });
});
