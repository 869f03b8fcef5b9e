import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const ROOT = resolve(import.meta.dirname, "..");

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "valkey-drill-cli-check-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function cli(args: readonly string[]) {
  const env = { ...process.env, NO_COLOR: "1" };
  const program = join(ROOT, "dist/cli/main.js");
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
    env,
    encoding: "utf8",
  });
  return { code: status, stdout, stderr };
}

describe("check judges a plain history of registers, and ends with the code of its verdict", () => {
  const begun = (process: number, f: string, value?: unknown) => ({ process, type: "invoke", f, value });
  const ended = (process: number, f: string, value?: unknown) => ({ process, type: "ok", f, value });
  const plain = (name: string, read: unknown) => {
    const lines = [begun(0, "write", 1), ended(0, "write"), begun(1, "read"), ended(1, "read", read)];
    const path = join(folder, `${name}.jsonl`);
    writeFileSync(path, lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
    return path;
  };

  it.each([
    ["pass", 1, 0, /^✓ PASS {2}.*pass\.jsonl\n {2}2 operations · 2 ok/],
    [
      "fail",
      null,
      1,
      /process 1 read nothing at line 4, after process 0's write 1 had been acknowledged at line 2/,
    ],
  ])("%s", (name, value, code, told) => {
    const finished = cli(["check", plain(name, value)]);
    expect(finished.stdout.replaceAll(/\s*\n {20,}/g, " ")).toMatch(told);
    expect(finished).toMatchObject({ code, stderr: "" });
    const { stdout } = cli(["check", plain(name, value), "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({ verdict: name, checks: [{ name: "linearizability" }] });
  });

  it("as Jepsen writes it, and refuses it where it was cut off", () => {
    const edn = ["invoke", "ok"].flatMap((type) => [
      `{:type :${type}, :f :write, :value 1, :process 0}`,
      `{:type :${type}, :f :read, :value ${type === "ok" ? 1 : "nil"}, :process 1}`,
    ]);
    const path = join(folder, "history.edn");
    writeFileSync(path, edn.join("\n"));
    expect(cli(["check", path])).toMatchObject({ code: 0, stderr: "" });
    writeFileSync(path, edn.join("\n").slice(0, -2));
    const { code, stdout, stderr } = cli(["check", path]);
    expect({ code, stdout }).toEqual({ code: 64, stdout: "" });
    expect(stderr).toMatch(/error\[BAD_RUN\]: .*history\.edn:4: the file ends in the middle/);
  });

  it("in which nothing was acknowledged: unknown", () => {
    const path = join(folder, "nothing.json");
    writeFileSync(path, "[]");
    const { code, stdout } = cli(["check", path]);
    expect(code).toBe(2);
    expect(stdout).toContain("nothing to judge: none of 0 operations was acknowledged");
  });

  it("refuses a line that says what cannot be, with its number", () => {
    const { code, stderr, stdout } = cli(["check", plain("odd", undefined)]);
    expect({ code, stdout }).toEqual({ code: 64, stdout: "" });
    expect(stderr).toMatch(
      /error\[BAD_RUN\]: .*odd\.jsonl:4: a read that is ok needs the value that it read/,
    );
  });
});
