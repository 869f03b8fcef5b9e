import { cpSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { cli, folder } from "./support/cli.ts";
import { ROOT } from "./support/structure.ts";

/* Plugins as a user has them: files outside of this repository, without a package beside them. */

const FILES = ["fault-forget-scripts.mjs", "workload-scripts.mjs", "checker-scripts.mjs"];
const DRILL = "forgotten-scripts.yaml";
const all = FILES.flatMap((file) => ["--plugin", file]);
/** A plugin that says in a file that it was loaded. */
const LOUD = 'import { writeFileSync } from "node:fs"; writeFileSync("loaded", "");';

beforeAll(() => {
  for (const file of [...FILES, DRILL]) cpSync(join(ROOT, "examples/plugins", file), join(folder, file));
});

const write = (name: string, text: string) => writeFileSync(join(folder, name), text);

describe("a fault, a workload and a checker in files of their own", () => {
  it("stand in the list, in the help and in the choices", async () => {
    const { stdout } = await cli(["list", "--json", ...all]);
    const { faults, workloads, checkers } = JSON.parse(stdout);
    const names = [faults, workloads, checkers].map((list: { name: string }[]) => list.at(-1)?.name);
    expect(names).toEqual(["forget-scripts", "scripts", "scripts"]);
    expect((await cli(["fault", "--help", ...all])).stdout).toMatch(/forget-scripts +SCRIPT FLUSH/);
    expect((await cli(["list"])).stdout).not.toContain("forget-scripts");
  });

  it("are validated as those that are built in", async () => {
    const text = readFileSync(join(folder, DRILL), "utf8");
    write("slip.yaml", text.replace("target: primary", "target: primary, syn: true"));
    expect(await cli(["run", "slip.yaml"])).toMatchObject({
      code: 64,
      stderr: expect.stringMatching(/slip\.yaml:11: steps\[3\]\.inject.*forget-scripts: .*"syn"/),
    });
  });

  it("make a drill that passes where the script is loaded again, and fails where it is not", async () => {
    const passed = await cli(["run", DRILL, "--quiet", "--out", "good"]);
    expect(passed).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/✓ scripts .*loaded again for 1/),
    });
    const text = readFileSync(join(folder, DRILL), "utf8");
    write("control.yaml", text.replace("start: scripts", "start: { scripts: { reload: false } }"));
    const failed = await cli(["run", "control.yaml", "--quiet", "--out", "bad"]);
    expect(failed).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/✗ scripts[\s\S]*script-forgotten/),
    });
    expect(passed.stdout).not.toContain("Warning");

    // Judged without the checker that failed, nobody knows; with it, it fails as before.
    const judged = await cli(["check", "latest", "--out", "bad"]);
    expect(judged).toMatchObject({
      code: 2,
      stdout: expect.stringMatching(/\? scripts[\s\S]*plugin-not-loaded/),
    });
    const again = await cli(["check", "latest", "--out", "bad", ...all]);
    expect(again).toMatchObject({ code: 1, stdout: expect.stringContaining("script-forgotten") });
    const replayed = await cli(["replay", "latest", "--quiet", "--out", "bad", ...all]);
    expect(replayed).toMatchObject({ code: 1, stdout: expect.stringContaining("script-forgotten") });
  });
});

describe("a client library in a file of its own", () => {
  it("is what a drill is run with", async () => {
    const file = join(ROOT, "examples/plugins/client-iovalkey-one-connection.mjs"); // beside iovalkey
    const words = ["--plugin", file, "--client", "iovalkey-one-connection", "--json", "--quiet"];
    write("short.yaml", "name: short\ndescription: d\ntopology: { kind: ha }\nsteps: [{ run: crud }]\n");
    const { code, stdout } = await cli(["run", "short.yaml", ...words]);
    expect(code).toBe(0);
    const { client, replay } = JSON.parse(stdout);
    expect(client.name).toBe("iovalkey-one-connection");
    expect(replay).toContain(`--plugin ${file}`);
  });
});

describe("what a saved run names", () => {
  it("is loaded by no command that reads the run, without --plugin", async () => {
    write(
      "loud.mjs",
      `${LOUD} export default { checkers: [{ name: "loud", summary: "s", applies: () => true, requires: () => [],
      check: () => ({ verdict: "pass", summary: "s", evidence: {} }) }] };`,
    );
    write(
      "loud.yaml",
      "name: loud\ndescription: d\nplugins: [loud.mjs]\ntopology: { kind: ha }\nsteps: [{ run: crud }]\n",
    );
    expect(await cli(["run", "loud.yaml", "--quiet", "--out", "loud"])).toMatchObject({ code: 0 });
    expect(existsSync(join(folder, "loaded"))).toBe(true);
    write("forget.mjs", 'import { rmSync } from "node:fs"; rmSync("loaded");');
    const { rmSync } = await import("node:fs");
    rmSync(join(folder, "loaded"));
    expect(await cli(["check", "latest", "--out", "loud"])).toMatchObject({ code: 2 });
    expect(await cli(["report", "latest", "--out", "loud"])).toMatchObject({ code: 0 });
    for (const command of ["replay", "shrink"])
      expect(await cli([command, "latest", "--out", "loud"])).toMatchObject({ code: 64 });
    expect((await cli(["replay", "latest", "--out", "loud"])).stderr).toContain("PLUGIN_NOT_LOADED");
    expect(existsSync(join(folder, "loaded"))).toBe(false);
  });
});

describe("a file that is no plugin", () => {
  it.each([
    ["is not there", undefined, "cannot be loaded: ENOENT"],
    ["does not parse", "export default {", "cannot be loaded"],
    ["throws", 'throw new Error("boom");', "cannot be loaded: boom"],
    ["needs a package that is not there", 'import "no-such-package";', "export a function: it is given z"],
    ["exports nothing", "export const faults = [];", "there is no default export"],
    ["adds nothing", "export default { faults: [] };", "it adds nothing"],
    ["has a list that nobody knows", "export default { failures: [] };", 'Unrecognized key: "failures"'],
    [
      "has a fault that cannot be healed",
      "export default { faults: [{ kind: 'x' }] };",
      "faults[0].heal: must be a function",
    ],
    [
      "fails as it is called",
      "export default () => { throw new Error('boom'); };",
      "failed as it was called: boom",
    ],
    [
      "takes a name that there is",
      "export default { checkers: [{ name: 'durability', summary: 's', applies() {}, requires() {}, check() {} }] };",
      'there is a checker named "durability" already',
    ],
    [
      "takes a name twice",
      "const c = { name: 'c', summary: 's', applies() {}, requires() {}, check() {} }; export default { checkers: " +
        "[c, c] };",
      'there is a checker named "c" already',
    ],
    [
      "takes a client's other name",
      `const on = { ha: true, cluster: true }; const f = () => {}; export default { clients: [{ name: 'mine',
      otherNames: ['valkey-glide'], packageName: 'mine', summary: 's', supports: on, recovery: { ha: {}, cluster: {} },
      tells: { whoAnswered: true, redirects: true, connections: true }, snippet: f, connect: f }] };`,
      'there is a client named "valkey-glide" already',
    ],
  ])("that %s is refused", async (_, text, why) => {
    if (text !== undefined) write("bad.mjs", text);
    const path = text === undefined ? "nowhere.mjs" : "bad.mjs";
    const { code, stderr } = await cli(["list", "--plugin", path]);
    expect(code).toBe(64);
    expect(stderr).toContain("error[BAD_PLUGIN]");
    expect(stderr).toContain(why);
    expect(await cli(["down", "--plugin", path])).toMatchObject({ code: 64 }); // takes none
  });
});
