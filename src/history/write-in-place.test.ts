import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { writeInPlace } from "./write-in-place.ts";

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "drill-write-"));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

describe("writeInPlace", () => {
  it("writes a file, and writes it again", async () => {
    const path = join(dir, "result.json");
    await writeInPlace(path, "one");
    await writeInPlace(path, "two");
    expect(await readFile(path, "utf8")).toBe("two");
    expect(await readdir(dir)).toEqual(["result.json"]);
  });

  it("replaces a symbolic link, and leaves alone what it points at", async () => {
    const target = join(dir, "target");
    await writeFile(target, "mine");
    await symlink(target, join(dir, "result.json"));
    await writeInPlace(join(dir, "result.json"), "result");
    expect(await readFile(target, "utf8")).toBe("mine");
    expect(await readFile(join(dir, "result.json"), "utf8")).toBe("result");
  });

  it("leaves nothing behind where it cannot write", async () => {
    const taken = await mkdtemp(join(dir, "folder-"));
    await expect(writeInPlace(taken, "x")).rejects.toThrow();
    expect(await readdir(dir)).toHaveLength(1);
  });
});
