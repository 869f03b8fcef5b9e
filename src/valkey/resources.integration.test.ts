import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { openFileLimit } from "./resources.ts";

test.runIf(process.platform === "linux")("the limit on open files is the one that the kernel tells", () => {
  const told = /Max open files\s+(\S+)/.exec(readFileSync("/proc/self/limits", "utf8"))?.[1];
  expect(String(openFileLimit()).replace("Infinity", "unlimited")).toBe(told);
  // A shell started by us inherits it: the same number from another source.
  expect(execFileSync("sh", ["-c", "ulimit -n"], { encoding: "utf8" }).trim()).toBe(told);
});
